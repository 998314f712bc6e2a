// kill -9 of the real server at random moments under load, twenty times; `npm run soak` does it two hundred times and more.
// And the judge of it: each claim is seen to fail on evidence that breaks it.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { judge, type Evidence } from '../soak/judge.ts';
import { soak } from '../soak/kills.ts';
import type { LedgerAttempt, LedgerDelivery } from '../soak/ledger.ts';
import type { Receipt } from '../soak/receipts.ts';

test('a server that is killed with kill -9 twenty times under load loses no event it answered, and keeps its log and its file whole', async () => {
  const { verdict, kills, meddling, askedAgain } = await soak({
    kills: 20,
    seed: 20,
    wideEndpoints: 30,
    loops: 2,
    lifeMsMax: 400,
  });
  for (const { claim, cases } of verdict.broken) assert.deepEqual(cases.slice(0, 5), [], claim);
  assert.equal(kills, 20);
  assert.equal(verdict.figures.lost, 0);
  assert.ok(verdict.figures.events > 150, `${verdict.figures.events} events were answered`);
  assert.ok(verdict.figures.unrecorded > 0, 'a kill met attempts in flight');
  assert.ok(askedAgain > 0, 'publishers were left without an answer');
  assert.ok(Object.keys(meddling).length >= 3, `changes meanwhile: ${JSON.stringify(meddling)}`);
});

const KILLED_MS = 10_000;
const NODE = '127.0.0.1';

function receipt(over: Partial<Receipt> = {}): Receipt {
  return { arrivedMs: 1_010, answeredMs: 1_015, endpoint: 'a', event: 'e1', status: 200, body: 'b', from: NODE, ...over };
}

function delivery(over: Partial<LedgerDelivery> = {}): LedgerDelivery {
  return { seq: 1, event: 'e1', endpoint: 'a', cause: 'publish', state: 'delivered', attempts: 1, ...over };
}

function attempt(over: Partial<LedgerAttempt> = {}): LedgerAttempt {
  return { delivery: 1, number: 1, startedMs: 1_005, endedMs: 1_020, delivered: true, ...over };
}

/** One event, published once, delivered once, long before the one kill. */
function evidence(over: Partial<Evidence> = {}): Evidence {
  return {
    acknowledged: [{ id: 'e1', tenant: 't', type: 'x.y', askedMs: 1_000, answeredMs: 1_004 }],
    subscribers: [{ label: 'a', tenant: 't', eventTypes: ['x.*'], sinceMs: 500, gone: false, fifo: true }],
    receipts: [receipt()],
    ledger: { deliveries: [delivery()], attempts: [attempt()] },
    faults: [{ kind: 'kill', node: NODE, fromMs: KILLED_MS, quietMs: KILLED_MS + 30 }],
    damages: [],
    waived: new Set(),
    windowMs: 1_000,
    skewMs: 0,
    writers: 'one',
    ...over,
  };
}

function broken(over: Partial<Evidence>): string[] {
  return judge(evidence(over))
    .broken.filter(({ cases }) => cases.length > 0)
    .map(({ claim }) => claim);
}

describe('the judge of a soak', () => {
  const one = { deliveries: [delivery()], attempts: [attempt()] };
  const second = delivery({ seq: 2, event: 'e2' });
  const unanswered = receipt({ arrivedMs: KILLED_MS - 20, answeredMs: KILLED_MS - 10 });
  /** Something else that was recorded just before the kill. */
  const later = {
    ...one,
    deliveries: [delivery(), delivery({ seq: 9, event: 'e9' })],
    attempts: [attempt(), attempt({ delivery: 9, startedMs: 9_000, endedMs: 9_100 })],
  };
  const witness = receipt({ event: 'e9', arrivedMs: 9_050, answeredMs: 9_051 });

  test('finds nothing where every event was delivered', () => assert.deepEqual(broken({}), []));

  test('allows what an endpoint was not subscribed to, was made too late for, or was deleted before', () => {
    const [subscriber] = evidence().subscribers;
    assert.ok(subscriber);
    for (const change of [{ eventTypes: ['z.*'] }, { sinceMs: 2_000 }, { gone: true }, { tenant: 'u' }])
      assert.deepEqual(broken({ subscribers: [subscriber, { ...subscriber, label: 'b', ...change }] }), []);
  });

  test('allows what a hand cancelled, and a request without a record where a fault met every node', () => {
    const ledger = { deliveries: [delivery({ state: 'cancelled', attempts: 0 })], attempts: [] };
    assert.deepEqual(broken({ receipts: [], ledger, waived: new Set(['e1 → a']) }), []);
    const faults = [{ kind: 'database', node: null, fromMs: KILLED_MS, quietMs: KILLED_MS + 30 }] as const;
    assert.deepEqual(broken({ receipts: [receipt(), { ...unanswered, from: '127.0.0.2' }], faults }), []);
  });

  test('counts a duplicate that was answered just before a kill, and one that a kill kept from being answered', () => {
    for (const early of [unanswered, { ...unanswered, answeredMs: KILLED_MS + 50 }, { ...unanswered, arrivedMs: KILLED_MS + 20 }]) {
      const { figures, broken: claims } = judge(evidence({ receipts: [receipt(), early] }));
      assert.deepEqual([figures.duplicates.kill, figures.unrecorded, figures.lost], [1, 1, 0]);
      assert.ok(claims.every(({ cases }) => cases.length === 0));
    }
  });

  test('allows events that were published at the same time, on two nodes, to come either way', () => {
    const [first] = evidence().acknowledged;
    assert.ok(first);
    const of = (askedMs: number) => ({
      writers: 'several' as const,
      acknowledged: [first, { ...first, id: 'e2', askedMs, answeredMs: askedMs + 1 }],
      receipts: [receipt(), receipt({ event: 'e2', arrivedMs: 900, answeredMs: 900 })],
      ledger: { deliveries: [delivery(), second], attempts: [attempt(), attempt({ delivery: 2, startedMs: 890, endedMs: 910 })] },
    });
    assert.deepEqual(broken(of(1_002)), []);
    assert.deepEqual(broken(of(1_005)), ['a FIFO endpoint received in the order of publishing']);
  });

  for (const [what, over, claims] of [
    [
      'an event that was answered and never came',
      { receipts: [], ledger: { deliveries: [], attempts: [] } },
      ['every event that was answered 202 was delivered to each endpoint it matches'],
    ],
    [
      'one that only ever was refused',
      { receipts: [receipt({ status: 500 })], ledger: { ...one, attempts: [attempt({ delivered: false })] } },
      ['every event that was answered 202 was delivered to each endpoint it matches'],
    ],
    [
      'a duplicate whose record others had overtaken long before the kill',
      { receipts: [receipt(), witness, receipt({ arrivedMs: 5_000, answeredMs: 5_001 })], ledger: later },
      ['what was received without a record was in flight at a fault'],
    ],
    [
      'a duplicate that another node sent than the one that was killed',
      { receipts: [receipt(), { ...unanswered, from: '127.0.0.2' }] },
      ['what was received without a record was in flight at a fault'],
    ],
    [
      'a duplicate after the last kill',
      { receipts: [receipt(), receipt({ arrivedMs: KILLED_MS + 40, answeredMs: KILLED_MS + 41 })] },
      ['what was received without a record was in flight at a fault'],
    ],
    ['a delivery that nobody received', { receipts: [unanswered] }, ['every recorded delivery was received']],
    [
      'an attempt number that is skipped',
      { ledger: { ...one, attempts: [attempt({ number: 2 })] } },
      ['no attempt number is skipped or repeated'],
    ],
    [
      'an attempt number that is repeated',
      { ledger: { ...one, attempts: [attempt(), attempt({ delivered: false })] } },
      ['no attempt number is skipped or repeated'],
    ],
    [
      'an attempt that is missing at the end',
      { ledger: { ...one, deliveries: [delivery({ attempts: 2 })] } },
      ['no attempt number is skipped or repeated'],
    ],
    [
      'an event that was published twice',
      { ledger: { deliveries: [delivery(), delivery({ seq: 2, attempts: 0, state: 'cancelled', endpoint: 'a' })], attempts: [attempt()] } },
      ['no event was published to an endpoint twice', 'every delivery came to its end'],
    ],
    [
      'a delivery that is pending still',
      { ledger: { ...one, deliveries: [delivery({ state: 'pending' })] } },
      ['every delivery came to its end'],
    ],
    [
      'another body at another attempt',
      { receipts: [receipt(), { ...unanswered, body: 'c' }] },
      ['every attempt of an event to an endpoint had the same body'],
    ],
    [
      'a FIFO endpoint’s disorder',
      {
        receipts: [receipt(), receipt({ event: 'e2', arrivedMs: 900, answeredMs: 900 })],
        ledger: { deliveries: [delivery(), second], attempts: [attempt(), attempt({ delivery: 2, startedMs: 890, endedMs: 910 })] },
      },
      ['a FIFO endpoint received in the order of publishing'],
    ],
    ['a damaged file', { damages: ['after kill 3: row 7 missing'] }, ['the store was whole after every fault']],
  ] as const satisfies readonly (readonly [string, Partial<Evidence>, readonly string[]])[])
    test(`finds ${what}`, () => assert.deepEqual(broken(over), claims));
});
