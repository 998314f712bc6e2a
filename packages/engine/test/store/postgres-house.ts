// Engines on a real PostgreSQL, with real time and a sender whose answers the test gives.

import assert from 'node:assert/strict';
import { afterEach } from 'node:test';
import { WaxwingError } from '@waxwing/protocol';
import { createEngine } from '../../src/create-engine.ts';
import type { EngineOptions } from '../../src/engine-options.ts';
import type { Engine } from '../../src/engine.ts';
import type { SendOrder } from '../../src/send/order.ts';
import { postgres, type PostgresOptions } from '../../src/store/postgres/postgres.ts';
import { systemClock } from '../../src/system-ports.ts';
import { ScriptedSender, type Answer } from '../manual-ports.ts';

export interface PostgresHouse {
  readonly engine: Engine;
  /** Ids of the events that were handed to the sender, in order. */
  readonly sent: string[];
  /** Resolves when so many were. */
  sending(count: number): Promise<void>;
}

export const MASTER_KEY = 'm'.repeat(40);

export interface HouseOptions extends Partial<EngineOptions> {
  readonly store?: never;
  readonly answer?: (order: SendOrder) => Answer;
  readonly postgres?: PostgresOptions;
}

export interface Houses {
  /** An engine on a database. */
  open(url: string, options?: HouseOptions): Promise<PostgresHouse>;
  /** The same, with an endpoint of the tenant acme that takes everything. */
  furnished(url: string, options?: HouseOptions): Promise<PostgresHouse>;
  /** Done after the test, last first. */
  later(end: () => Promise<unknown>): void;
}

/** Called at the top of a test file: what is opened is closed after each test. */
export function postgresHouses(): Houses {
  const ends: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).toReversed()) await end();
  });
  const open: Houses['open'] = async (url, { answer, postgres: storeOptions, ...options } = {}) => {
    const sent: string[] = [];
    let told: () => void = () => undefined;
    const sender = new ScriptedSender(systemClock, (order) => {
      sent.push(order.event.id);
      told();
      return answer?.(order) ?? { outcome: { kind: 'delivered', status: 200 } };
    });
    const store = postgres(url, storeOptions);
    ends.push(() => store.close()); // one that still waits for its turn
    const engine = await createEngine({ masterKey: MASTER_KEY, sender, ...options, store });
    ends.push(() => engine.close({ graceMs: 500 }));
    return {
      engine,
      sent,
      async sending(count) {
        while (sent.length < count) await new Promise<void>((resolve) => (told = resolve));
      },
    };
  };
  return {
    open,
    async furnished(url, options) {
      const house = await open(url, options);
      await house.engine.tenants.put({ id: 'acme' });
      await house.engine.endpoints.create('acme', { url: 'https://acme.example/hook' });
      return house;
    },
    later: (end) => void ends.push(end),
  };
}

/** Publishes to acme as clients should: the same id again until it is acknowledged. */
export async function publishUntilTaken(engine: Engine, id: string): Promise<void> {
  for (;;) {
    try {
      await engine.publish('acme', { type: 'a.b', data: { id }, id });
      return;
    } catch (error) {
      assert.ok(error instanceof WaxwingError, String(error));
      assert.equal(error.status, 503, error.message);
      assert.ok(error.retryAfterSeconds !== null, 'says when to come again');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 10));
}
