// Three real nodes on one PostgreSQL under load, with a handful of faults of every kind; `npm run soak -- --store postgres`
// does it for as long as one likes. And the judge of it: each claim is seen to fail on evidence that breaks it.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { clusterSoak } from '../soak/cluster-soak.ts';
import { judgeCluster, type ClusterEvidence } from '../soak/judge-cluster.ts';
import type { LedgerAttempt, LedgerDelivery, ToldAttempt } from '../soak/ledger.ts';

test('three nodes on one database lose nothing that one of them answered, and no two settle one delivery, whatever comes over them', async () => {
  const { verdict, faults, askedAgain, takeoversMs } = await clusterSoak({
    nodes: 3,
    kills: 3,
    minutes: 0.2,
    seed: 3,
    wideEndpoints: 20,
    loops: 3,
    faultRestMsMax: 1_800,
    faultLengthRatio: 0.6,
  });
  for (const { claim, cases } of verdict.broken) assert.deepEqual(cases.slice(0, 5), [], claim);
  assert.equal(verdict.figures.lost, 0);
  assert.ok(verdict.figures.events > 50, `${verdict.figures.events} events were answered`);
  assert.ok(Object.values(faults).filter((times) => times > 0).length >= 3, `faults: ${JSON.stringify(faults)}`);
  assert.ok(askedAgain > 0, 'publishers were left without an answer');
  assert.ok(takeoversMs.length > 0, 'shards changed hands');
});

const OWNERS = Array.from({ length: 64 }, (_, shard) => shard % 2);

function delivery(over: Partial<LedgerDelivery> = {}): LedgerDelivery {
  return { seq: 11, event: 'e1', endpoint: 'a', cause: 'publish', state: 'delivered', attempts: 2, ...over };
}

function attempt(over: Partial<LedgerAttempt> = {}): LedgerAttempt {
  return { delivery: 11, number: 1, startedMs: 1_005, endedMs: 1_020, delivered: false, ...over };
}

function told(over: Partial<ToldAttempt> = {}): ToldAttempt {
  return { delivery: 11, number: 1, source: 0, isKeptOnly: false, ...over };
}

const FIRST = attempt();
const SECOND = attempt({ number: 2, startedMs: 2_000, endedMs: 2_010, delivered: true });
const TOLD = [told(), told({ number: 2, source: 1 })];

/** One event, refused once and then delivered, by one node and then by another. */
function evidence(over: Partial<ClusterEvidence> = {}): ClusterEvidence {
  return {
    acknowledged: [{ id: 'e1', tenant: 't', type: 'x.y', askedMs: 1_000, answeredMs: 1_004 }],
    subscribers: [{ label: 'a', tenant: 't', eventTypes: ['x.*'], sinceMs: 500, gone: false, fifo: true }],
    receipts: [],
    ledger: { deliveries: [delivery()], attempts: [FIRST, SECOND], told: TOLD },
    faults: [],
    damages: [],
    waived: new Set(),
    windowMs: 1_000,
    skewMs: 50,
    writers: 'several',
    finals: new Map([[11, 'delivered']]),
    owners: OWNERS,
    nodes: [0, 1],
    fallen: [],
    ...over,
  };
}

function broken(over: Partial<ClusterEvidence>): string[] {
  return judgeCluster(evidence(over))
    .filter(({ cases }) => cases.length > 0)
    .map(({ claim }) => claim);
}

describe('the judge of a cluster', () => {
  const one = evidence().ledger;
  const [published] = evidence().acknowledged;
  assert.ok(published);

  test('finds nothing where each delivery had one owner at a time', () => assert.deepEqual(broken({}), []));

  test('allows events that were asked for at the same time to be numbered either way', () => {
    const acknowledged = [published, { ...published, id: 'e0', askedMs: 1_003, answeredMs: 1_010 }];
    const deliveries = [delivery({ seq: 7, event: 'e0', attempts: 0 }), delivery()];
    assert.deepEqual(broken({ acknowledged, ledger: { ...one, deliveries } }), []);
  });

  for (const [what, over, claims] of [
    [
      'an attempt that two nodes recorded',
      { ledger: { ...one, told: [...TOLD, told({ source: 1 })] } },
      ['every attempt was recorded by one node, once'],
    ],
    ['an attempt that nobody told of', { ledger: { ...one, told: [told()] } }, ['every attempt was recorded by one node, once']],
    [
      'an attempt that began while another was under way',
      { ledger: { ...one, attempts: [{ ...FIRST, endedMs: 2_500 }, SECOND] } },
      ['no attempt of a delivery began before the one before it had ended'],
    ],
    [
      'an attempt of what had been delivered',
      { ledger: { ...one, attempts: [{ ...FIRST, delivered: true }, SECOND] } },
      ['no attempt was made after the one that delivered'],
    ],
    ['a final state that changed', { finals: new Map([[11, 'cancelled']]) }, ['what was final stayed so']],
    [
      'an event numbered below one that had been answered before',
      {
        acknowledged: [published, { ...published, id: 'e0', askedMs: 1_005, answeredMs: 1_010 }],
        ledger: { ...one, deliveries: [delivery({ seq: 7, event: 'e0', attempts: 0 }), delivery()] },
      },
      ['what was published after an event was answered has a higher number, on whichever node'],
    ],
    ...(
      [
        ['a shard without an owner', { owners: [...OWNERS.slice(0, 63), null] }],
        ['a shard whose owner is gone', { owners: [...OWNERS.slice(0, 63), 7] }],
        ['a node with more than its share', { owners: OWNERS.map((owner, shard) => (shard < 4 ? 0 : owner)) }],
      ] as const
    ).map(
      ([name, owned]) => [name, owned, ['every shard has one owner that is alive, and nodes have about as many as each other']] as const,
    ),
    ['a node that fell', { fallen: ['node2 left with 1'] }, ['no node ended by itself']],
  ] as const satisfies readonly (readonly [string, Partial<ClusterEvidence>, readonly string[]])[])
    test(`finds ${what}`, () => assert.deepEqual(broken(over), claims));
});
