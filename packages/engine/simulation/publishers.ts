// Publishers: what is published, by whom, how, and what of it was answered. Some use ids or keys, some repeat themselves,
// some contradict themselves, some send batches, some send what the store cannot keep.

import type { PublishResult, WaxwingError } from '@waxwing/protocol';
import type { Dice } from './dice.ts';
import { POISON } from './faulty-store.ts';
import type { Publication, Scene } from './scene.ts';
import type { Users } from './users.ts';
import type { Owner } from './virtual-time.ts';

type Event = Publication['events'][number];

interface Submission {
  readonly tenant: string;
  readonly events: readonly Event[];
  readonly tries: number;
}

interface Submitted {
  readonly tenant: string;
  readonly event: Event;
  /** When it was asked for first. */
  readonly calledStep: number;
}

type Way = 'plain' | 'id' | 'key' | 'batch' | 'again' | 'contradict';

const WAYS: { readonly [way in Way]: number } = { plain: 4, id: 6, key: 2, batch: 4, again: 4, contradict: 1 };
/** Data that kills the process that delivers it. */
export const KILLER = 'killer';

const WORLD: Owner = { alive: true };
const TRIES_MAX = 40;

export class Publishers {
  readonly #scene: Scene;
  readonly #dice: Dice;
  readonly #tenants: readonly [string, ...string[]];
  readonly #poison: boolean;
  readonly #users: Users;
  readonly #named: { readonly tenant: string; readonly event: Event }[] = [];
  /** Everything that was ever submitted, by its data. */
  readonly submitted: Map<string, Submitted> = new Map();
  #numbers = 0;
  #killersLeft: number;
  /** Publishes that will be tried again. */
  comingBack = 0;

  constructor(scene: Scene, dice: Dice, tenants: readonly [string, ...string[]], poison: boolean, killers: number, users: Users) {
    this.#scene = scene;
    this.#dice = dice;
    this.#tenants = tenants;
    this.#poison = poison;
    this.#killersLeft = killers;
    this.#users = users;
  }

  publish(): void {
    const dice = this.#dice;
    const tenant = dice.pick(this.#tenants);
    switch (dice.weighted(WAYS)) {
      case 'plain':
        return this.#submit({ tenant, events: [this.#event()], tries: 0 });
      case 'id':
        return this.#submit({ tenant, events: [this.#eventNamed(tenant, { id: `id-${++this.#numbers}` })], tries: 0 });
      case 'key':
        return this.#submit({ tenant, events: [this.#eventNamed(tenant, { key: `key ${++this.#numbers}` })], tries: 0 });
      case 'batch': {
        const ids = dice.chance(0.5);
        const size = dice.pick([2, 3, 8, 25]);
        const events = Array.from({ length: size }, () =>
          ids ? this.#eventNamed(tenant, { id: `id-${++this.#numbers}` }) : this.#event(),
        );
        const [first] = events;
        return this.#submit({ tenant, events: ids && first !== undefined && dice.chance(0.2) ? [...events, first] : events, tries: 0 });
      }
      case 'again': {
        const earlier = dice.any(this.#named);
        if (earlier !== undefined) this.#submit({ tenant: earlier.tenant, events: [earlier.event], tries: 0 });
        return;
      }
      case 'contradict': {
        const earlier = dice.any(this.#named);
        if (earlier !== undefined)
          this.#submit({ tenant: earlier.tenant, events: [{ ...earlier.event, data: this.#data(false) }], tries: TRIES_MAX });
        return;
      }
    }
  }

  #event(): Event {
    return {
      type: this.#dice.pick(['task.created', 'task.created', 'task.started', 'task.completed']),
      data: this.#data(this.#poison && this.#dice.chance(0.05)),
    };
  }

  #eventNamed(tenant: string, name: { readonly id: string } | { readonly key: string }): Event {
    const event = { ...this.#event(), ...name };
    this.#named.push({ tenant, event });
    return event;
  }

  #data(poisoned: boolean): string {
    const kills = !poisoned && this.#killersLeft > 0 && this.#dice.chance(0.1);
    if (kills) this.#killersLeft -= 1;
    return JSON.stringify({
      n: ++this.#numbers,
      ...(poisoned ? { text: POISON } : kills ? { text: KILLER } : {}),
      ...(this.#dice.chance(0.1) ? { more: 'x'.repeat(1_500) } : {}),
    });
  }

  #submit(submission: Submission): void {
    const { tenant, events, tries } = submission;
    const { tallies, steps, time } = this.#scene;
    for (const event of events) {
      const calledStep = this.submitted.get(event.data)?.calledStep ?? steps;
      this.submitted.set(event.data, { tenant, event, calledStep });
    }
    if (tries > 0 && tries < TRIES_MAX) tallies.count('publish: repeated after no answer');
    const inputs = events.map(({ type, data, id, key }) => ({
      type,
      data: JSON.parse(data),
      ...(id === undefined ? {} : { id }),
      ...(key === undefined ? {} : { idempotencyKey: key }),
    }));
    const [only] = inputs;
    const calledMs = time.nowMs;
    const names = events.map((event) => event.id ?? event.key ?? event.data.slice(0, 10)).join();
    this.#users.ask<readonly PublishResult[]>(
      `publish ${names} to ${tenant}`,
      (engine) =>
        inputs.length === 1 && only !== undefined
          ? engine.publish(tenant, only).then((result) => [result])
          : engine.publishBatch(tenant, inputs),
      {
        done: (results) => {
          this.#count(events, results);
          this.#scene.tell((watcher) => watcher.published?.({ tenant, events, results, calledStep: steps, calledMs }));
        },
        failed: (error) => this.#failed(submission, error),
      },
    );
  }

  #failed(submission: Submission, error: WaxwingError | null): void {
    const { tallies, time } = this.#scene;
    const { events, tries } = submission;
    if (error?.code === 'idempotency_conflict') tallies.count('publish: conflict');
    else if (error !== null) tallies.count('publish: refused');
    const named = events.every((event) => event.id !== undefined || event.key !== undefined);
    if (!named || tries >= TRIES_MAX || (error !== null && (error.status < 500 || error.code === 'internal'))) return;
    this.comingBack += 1;
    time.after(WORLD, this.#dice.whole(200, 20_000), () => {
      this.comingBack -= 1;
      this.#submit({ ...submission, tries: tries + 1 });
    });
  }

  #count(events: readonly Event[], results: readonly PublishResult[]): void {
    const { tallies } = this.#scene;
    tallies.count(events.length === 1 ? 'publish: single' : 'publish: batch');
    if (events.some((event) => event.id !== undefined)) tallies.count('publish: with an id');
    if (events.some((event) => event.key !== undefined)) tallies.count('publish: with a key');
    if (results.some((result) => result.duplicate)) tallies.count('publish: duplicate');
    if (results.some((result) => result.deliveries > 3)) tallies.count('publish: wide');
  }
}
