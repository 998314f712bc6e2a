// After an unclean stop, what was in flight goes last and alone, so that a delivery that kills the process cannot do so for ever.

import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import type { DeliveryDetail } from '@waxwing/protocol';
import { createEngine } from '../../src/create-engine.ts';
import type { Engine } from '../../src/engine.ts';
import type { FlightFile } from '../../src/flight/flight-file.ts';
import { PROCESS_STOPPED } from '../../src/flight/stopped-report.ts';
import type { SendOrder } from '../../src/send/order.ts';
import { ModelDisk } from '../../src/store/model-disk.ts';
import { modelStore } from '../../src/store/model.ts';
import { DOWN, OK, URL_OK } from '../house.ts';
import { ManualClock, ScriptedSender, seededRandomness, turns, type Answer } from '../manual-ports.ts';

/** A file that outlives the engines that write it. */
class KeptFile implements FlightFile {
  bytes: Uint8Array | null = null;

  read(): Uint8Array | null {
    return this.bytes?.slice() ?? null;
  }

  write(bytes: Uint8Array, start: number, end: number): void {
    this.bytes ??= new Uint8Array(bytes.length);
    this.bytes.set(bytes.subarray(start, end), start);
  }

  close(keep: boolean): void {
    if (!keep) this.bytes = null;
  }
}

interface Life {
  readonly engine: Engine;
  readonly clock: ManualClock;
  readonly sender: ScriptedSender;
}

/** A machine on which one process after another lives and is killed. */
class Machine {
  readonly disk = new ModelDisk();
  readonly file = new KeptFile();
  life: Life | null = null;
  #clock = new ManualClock();

  async start(answer: (order: SendOrder) => Answer = () => OK): Promise<Life> {
    const clock = new ManualClock(this.#clock.nowMs());
    this.#clock = clock;
    const sender = new ScriptedSender(clock, answer);
    const store = modelStore(this.disk);
    const ports = { store, clock, sender, flightFile: this.file, randomness: seededRandomness(1) };
    const engine = await createEngine({ masterKey: 'm'.repeat(40), ...ports });
    this.life = { engine, clock, sender };
    return this.life;
  }

  /** The process dies: its clock stands still, and nothing of it happens any more. */
  kill(): void {
    this.disk.crash();
    this.life = null;
  }
}

const machines: Machine[] = [];

function machine(): Machine {
  const made = new Machine();
  machines.push(made);
  return made;
}

afterEach(async () => {
  for (const { life } of machines.splice(0)) {
    if (life === null) continue;
    const closing = life.engine.close({ graceMs: 0 });
    await life.clock.advance(1);
    await closing;
  }
});

async function publish({ engine }: Life, n: number): Promise<void> {
  await engine.publish('acme', { type: 'a.b', data: { n } });
  await turns();
}

const numbersOf = (sender: ScriptedSender): number[] => sender.orders.map((order): number => JSON.parse(order.event.data).n);

async function detail({ engine }: Life, n: number): Promise<DeliveryDetail> {
  const { data: events } = await engine.events.list('acme', { q: `"n":${n}}` });
  const id = (await engine.deliveries.list('acme', { event: events[0]?.id ?? '' })).data[0]?.id ?? '';
  return engine.deliveries.get('acme', id);
}

describe('what was in flight when the process was killed', () => {
  it('goes last, and alone: one at a time, with nothing else under way', async () => {
    const house = machine();
    const first = await house.start(() => 'hang');
    await first.engine.endpoints.create('acme', { url: URL_OK, concurrency: 3 });
    for (let n = 0; n < 8; n++) await publish(first, n);
    assert.deepEqual(numbersOf(first.sender), [0, 1, 2], 'three are in flight');
    house.kill();
    let underWay = 0;
    const company: number[] = [];
    const second = await house.start();
    second.sender.answer = () => {
      company.push(underWay++);
      second.clock.after(20, () => (underWay -= 1));
      return { ...OK, afterMs: 20 };
    };
    await second.clock.advance(1_000);
    assert.deepEqual(numbersOf(second.sender), [3, 4, 5, 6, 7, 0, 1, 2]);
    assert.deepEqual(company.slice(-3), [0, 0, 0]);
    assert.equal(second.engine.status().pending, 0);
    assert.ok((await second.engine.deliveries.list('acme')).data.every(({ state, attempts }) => state === 'delivered' && attempts === 1));
  });

  it('waits two seconds at most for a rest that never comes', async () => {
    const house = machine();
    const first = await house.start(() => 'hang');
    await first.engine.endpoints.create('acme', { url: URL_OK, concurrency: 1 });
    for (let n = 0; n < 3; n++) await publish(first, n);
    house.kill();
    const second = await house.start(() => ({ ...OK, afterMs: 30 }));
    const { data } = await second.engine.endpoints.list('acme');
    await second.engine.endpoints.update('acme', data[0]?.id ?? '', { concurrency: 16 });
    for (let n = 3; n < 400; n++) {
      await publish(second, n);
      await second.clock.advance(10);
    }
    const at = numbersOf(second.sender).indexOf(0);
    assert.ok(at >= 190 && at <= 210, `it went out after ${at} others`);
  });

  it('holds up the others for a few seconds at most, however long it hangs itself', async () => {
    const house = machine();
    const first = await house.start(() => 'hang');
    await first.engine.endpoints.create('acme', { url: URL_OK, timeoutSeconds: 60 });
    for (let n = 0; n < 3; n++) await publish(first, n);
    house.kill();
    const suspects = new Set([0, 1, 2]);
    const second = await house.start((order) => {
      if (suspects.has(JSON.parse(order.event.data).n)) return { outcome: { kind: 'timed_out' }, afterMs: 60_000 };
      sentAtMs.push(second.clock.nowMs());
      return { ...OK, afterMs: 30 };
    });
    const sentAtMs: number[] = [];
    for (let n = 3; n < 300; n++) {
      await publish(second, n);
      await second.clock.advance(100);
    }
    const gaps = sentAtMs.slice(1).map((ms, index) => ms - (sentAtMs[index] ?? ms));
    assert.equal(sentAtMs.length, 297);
    assert.ok(Math.max(...gaps) <= 3_000, `the others waited ${Math.max(...gaps)} ms`);
  });

  it('is sent as ever after a clean stop, which leaves no file', async () => {
    const house = machine();
    const first = await house.start(() => ({ ...DOWN, afterMs: 5 }));
    await first.engine.endpoints.create('acme', { url: URL_OK, retryScheduleSeconds: [1] });
    await publish(first, 0);
    await first.clock.advance(100);
    assert.notEqual(house.file.bytes, null);
    const closing = first.engine.close({ graceMs: 0 });
    await first.clock.advance(10);
    await closing;
    assert.equal(house.file.bytes, null);
  });

  it('stays in quarantine over a clean stop that came before its turn', async () => {
    const house = machine();
    const first = await house.start(() => 'hang');
    const { id } = await first.engine.endpoints.create('acme', { url: URL_OK });
    await publish(first, 0);
    await first.engine.endpoints.pause('acme', id);
    house.kill();
    const second = await house.start();
    await second.clock.advance(10_000);
    assert.equal(second.sender.orders.length, 0, 'a paused endpoint’s suspect waits');
    const closing = second.engine.close({ graceMs: 0 });
    await second.clock.advance(10);
    await closing;
    assert.notEqual(house.file.bytes, null);
    const third = await house.start();
    await publish(third, 1);
    await third.engine.endpoints.resume('acme', id);
    await third.clock.advance(5_000);
    assert.deepEqual(numbersOf(third.sender), [1, 0]);
  });

  it('keeps a FIFO endpoint’s order: the suspect first, and nothing of that endpoint before it', async () => {
    const house = machine();
    const first = await house.start(() => 'hang');
    await first.engine.endpoints.create('acme', { url: URL_OK, ordering: 'fifo' });
    for (let n = 0; n < 4; n++) await publish(first, n);
    house.kill();
    const second = await house.start();
    await second.clock.advance(5_000);
    assert.deepEqual(numbersOf(second.sender), [0, 1, 2, 3]);
  });

  it('can be cancelled, made due now, and deleted with its endpoint like any other', async () => {
    const house = machine();
    const first = await house.start(() => 'hang');
    const { id } = await first.engine.endpoints.create('acme', { url: URL_OK });
    for (let n = 0; n < 3; n++) await publish(first, n);
    await first.engine.endpoints.pause('acme', id);
    house.kill();
    const second = await house.start();
    const { data } = await second.engine.deliveries.list('acme');
    const [newest, middle] = data;
    assert.ok(newest !== undefined && middle !== undefined);
    assert.equal((await second.engine.deliveries.cancel('acme', newest.id)).state, 'cancelled');
    assert.equal((await second.engine.deliveries.retry('acme', middle.id)).created, false);
    assert.equal(second.engine.status().pending, 2);
    assert.match((await second.engine.events.explain('acme', middle.event, id)).sentence, /paused/);
    await second.engine.endpoints.delete('acme', id);
    await second.clock.advance(10_000);
    assert.equal(second.engine.status().pending, 0);
    assert.equal(second.sender.orders.length, 0);
  });

  it('is explained while it waits', async () => {
    const house = machine();
    const first = await house.start(() => 'hang');
    const { id } = await first.engine.endpoints.create('acme', { url: URL_OK, concurrency: 1 });
    await publish(first, 0);
    await publish(first, 1);
    house.kill();
    const second = await house.start(() => 'hang');
    await second.clock.advance(500);
    assert.deepEqual(numbersOf(second.sender), [1]);
    const { event } = await detail(second, 0);
    assert.match((await second.engine.events.explain('acme', event, id)).sentence, /process stopped.*last and alone/);
  });
});

describe('a delivery that kills the process', () => {
  /** Starts, lets the killer kill, and so on until it does no more. */
  async function killAgain(house: Machine, runs: number): Promise<number> {
    let kills = 0;
    for (let run = 0; run < runs; run++) {
      let killed = false;
      const life = await house.start((order) => {
        if (JSON.parse(order.event.data).n !== 0) return { ...OK, afterMs: 20 };
        killed = true;
        return 'hang';
      });
      for (let step = 0; step < 600 && !killed; step++) await life.clock.advance(100);
      if (!killed) return kills;
      kills += 1;
      house.kill();
    }
    return kills;
  }

  it('has an attempt recorded for every stop it was alone at, and fails at last; its neighbours are delivered', async () => {
    const house = machine();
    const first = await house.start(() => 'hang');
    await first.engine.endpoints.create('acme', { url: URL_OK, retryScheduleSeconds: [1, 5], concurrency: 4 });
    for (let n = 0; n < 6; n++) await publish(first, n);
    house.kill();
    assert.equal(await killAgain(house, 20), 3, 'each of its three attempts killed once more');
    const { life } = house;
    assert.ok(life);
    const killer = await detail(life, 0);
    assert.equal(killer.state, 'failed');
    assert.deepEqual(
      killer.attemptLog.map(({ number, outcome, error }) => [number, outcome, error?.code]),
      [1, 2, 3].map((number) => [number, 'unreachable', PROCESS_STOPPED]),
    );
    assert.match(killer.attemptLog[0]?.error?.explanation ?? '', /stopped unexpectedly/);
    for (let n = 1; n < 6; n++) assert.equal((await detail(life, n)).state, 'delivered', `neighbour ${n}`);
    assert.equal(life.engine.status().pending, 0);
  });

  it('holds its FIFO endpoint while its schedule is used up, and then no more', async () => {
    const house = machine();
    const first = await house.start(() => 'hang');
    await first.engine.endpoints.create('acme', { url: URL_OK, retryScheduleSeconds: [1], ordering: 'fifo' });
    for (let n = 0; n < 3; n++) await publish(first, n);
    house.kill();
    assert.equal(await killAgain(house, 20), 2);
    const { life } = house;
    assert.ok(life);
    assert.equal((await detail(life, 0)).state, 'failed');
    assert.deepEqual(numbersOf(life.sender), [1, 2]);
  });

  it('is no suspect any more once an attempt of it has ended, whatever its outcome', async () => {
    const house = machine();
    const first = await house.start(() => 'hang');
    await first.engine.endpoints.create('acme', { url: URL_OK, retryScheduleSeconds: [60] });
    await publish(first, 0);
    house.kill();
    const second = await house.start(() => DOWN);
    await second.clock.advance(5_000);
    assert.equal((await detail(second, 0)).attempts, 1);
    house.kill();
    const third = await house.start(() => OK);
    await third.clock.advance(120_000);
    assert.deepEqual(
      (await detail(third, 0)).attemptLog.map(({ outcome }) => outcome),
      ['refused', 'delivered'],
    );
  });
});
