// The judge of a cluster: what must hold besides where several nodes share one store. Pure; test/soak.test.ts shows each
// claim failing.
//
// Who owns a delivery's endpoint sends and settles alone. So each attempt is told of by one node once, none begins before the
// one before it has ended, and none is made after the one that delivered.

import type { DeliveryState } from '@waxwing/protocol';
import type { Claim, Evidence } from './judge.ts';
import type { LedgerAttempt, SharedLedger } from './ledger.ts';
import { attemptKey, grouped, pair } from './matching.ts';

export interface ClusterEvidence extends Evidence {
  readonly ledger: SharedLedger;
  /** Deliveries that had come to their end when they were looked at in passing. */
  readonly finals: ReadonlyMap<number, DeliveryState>;
  /** At the end, with every node up: who owns each shard, by the node's number; null for nobody. */
  readonly owners: readonly (number | null)[];
  /** The nodes' numbers then. */
  readonly nodes: readonly number[];
  /** Ends of a node that nobody asked for, and that no fault of the database explains. */
  readonly fallen: readonly string[];
}

export function judgeCluster(evidence: ClusterEvidence): Claim[] {
  const { ledger, fallen } = evidence;
  return [
    { claim: 'every attempt was recorded by one node, once', cases: toldTwice(ledger) },
    { claim: 'no attempt of a delivery began before the one before it had ended', cases: overlapping(evidence) },
    { claim: 'no attempt was made after the one that delivered', cases: afterDelivered(ledger) },
    { claim: 'what was final stayed so', cases: unsettled(evidence) },
    { claim: 'what was published after an event was answered has a higher number, on whichever node', cases: misnumbered(evidence) },
    { claim: 'every shard has one owner that is alive, and nodes have about as many as each other', cases: misowned(evidence) },
    { claim: 'no node ended by itself', cases: fallen },
  ];
}

function toldTwice({ told, attempts, deliveries }: SharedLedger): string[] {
  const times = grouped(told, ({ delivery, number }) => attemptKey(delivery, number));
  const kept = new Set(deliveries.map(({ seq }) => seq));
  const twice = [...times]
    .filter(([, of]) => of.length > 1)
    .map(([key, of]) => `${key}: told by ${of.map(({ source }) => source).join(', ')}`);
  const never = attempts.filter(({ delivery, number }) => kept.has(delivery) && !times.has(attemptKey(delivery, number)));
  return [...twice, ...never.map(({ delivery, number }) => `${attemptKey(delivery, number)}: told by nobody`)];
}

function overlapping({ ledger, skewMs }: ClusterEvidence): string[] {
  return pairsOf(ledger)
    .filter(([former, next]) => next.startedMs < former.endedMs - skewMs)
    .map(([former, next]) => `${attemptKey(next.delivery, next.number)}: began ${former.endedMs - next.startedMs} ms too early`);
}

function afterDelivered(ledger: SharedLedger): string[] {
  return pairsOf(ledger)
    .filter(([former]) => former.delivered)
    .map(([, { delivery, number }]) => attemptKey(delivery, number));
}

/** Each attempt with the one that follows it. */
function pairsOf({ attempts }: SharedLedger): (readonly [LedgerAttempt, LedgerAttempt])[] {
  return [...grouped(attempts, ({ delivery }) => delivery).values()].flatMap((of) => {
    const inOrder = of.toSorted((a, b) => a.number - b.number);
    return inOrder.flatMap((attempt, index) => {
      const next = inOrder[index + 1];
      return next === undefined ? [] : [[attempt, next] as const];
    });
  });
}

function unsettled({ ledger, finals }: ClusterEvidence): string[] {
  return ledger.deliveries.flatMap(({ seq, state }) => {
    const former = finals.get(seq);
    return former === undefined || former === state ? [] : [`delivery ${seq}: ${former}, then ${state}`];
  });
}

/** By the numbers of events' deliveries to a FIFO endpoint. (Others may get theirs later: wide events are made in chunks.) */
function misnumbered({ acknowledged, ledger, subscribers }: ClusterEvidence): string[] {
  const fifo = new Set(subscribers.filter((subscriber) => subscriber.fifo).map(({ label }) => label));
  const published = grouped(
    ledger.deliveries.filter(({ cause, endpoint }) => cause === 'publish' && fifo.has(endpoint)),
    ({ endpoint }) => endpoint,
  );
  const byId = new Map(acknowledged.map((event) => [event.id, event]));
  const found: string[] = [];
  for (const [endpoint, deliveries] of published) {
    const inOrder = deliveries.flatMap(({ seq, event }) => {
      const of = byId.get(event);
      return of === undefined ? [] : [{ seq, event, askedMs: of.askedMs, answeredMs: of.answeredMs }];
    });
    // Against the order: whatever comes later in it must not have been answered before this was asked for.
    let earliest = Infinity;
    let whose = '';
    for (const { seq, event, askedMs, answeredMs } of inOrder.toReversed()) {
      if (earliest < askedMs)
        found.push(`${pair(event, endpoint)}: delivery ${seq}, asked ${askedMs - earliest} ms after ${whose} was answered`);
      if (answeredMs < earliest) [earliest, whose] = [answeredMs, event];
    }
  }
  return found;
}

function misowned({ owners, nodes }: ClusterEvidence): string[] {
  const alive = new Set(nodes);
  const wrong = owners.flatMap((owner, shard) =>
    owner !== null && alive.has(owner) ? [] : [`shard ${shard}: owned by ${owner ?? 'nobody'}`],
  );
  const least = Math.floor(owners.length / Math.max(1, nodes.length));
  const counts = nodes.map((node) => ({ node, count: owners.filter((owner) => owner === node).length }));
  const uneven = counts.filter(({ count }) => count < least || count > least + 1);
  return [...wrong, ...uneven.map(({ node, count }) => `node ${node} has ${count} of ${owners.length} shards`)];
}
