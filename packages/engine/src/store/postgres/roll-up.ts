// The rollup: carries what commits noted for the statistics into the steps of each resolution, a bounded part at a time.
//
// What is carried leaves `stat_facts` in the transaction that adds it to `stat_steps`: nothing is lost or counted twice.

import { addFact, isFinal, mergeCounts, noCounts, RESOLUTIONS_MS, stepOf, type Fact, type StepCounts } from '../../stats/step-counts.ts';
import { OUTCOMES, STATES } from '../codes.ts';
import { integer, integerOrNull, text, textOrNull, type SqlRow } from '../columns.ts';
import { StoreError } from '../store.ts';
import type { Session } from './session.ts';

/** Facts that come with a scope, where each is called often. */
const FACTS_A_SCOPE = 16;
/** What is left is counted up to here: it only says whether to go on. */
const LEFT_MAX = 10_000;

/** Carries about so many scopes' facts; gives how many facts are left. */
export async function rollUp(session: Session, scopesMax: number): Promise<number> {
  const taken = await session.rows({ text: TAKE }, [scopesMax * FACTS_A_SCOPE]);
  const counted = new Map<string, { readonly key: readonly [number, number, string]; readonly counts: StepCounts }>();
  for (const row of taken) {
    for (const fact of factsOf(row)) {
      for (const scope of scopesOf(row)) {
        for (const resolutionMs of RESOLUTIONS_MS) {
          const atMs = stepOf(fact.atMs, resolutionMs);
          const name = `${resolutionMs} ${atMs} ${scope}`;
          let step = counted.get(name);
          if (step === undefined) counted.set(name, (step = { key: [resolutionMs, atMs, scope], counts: noCounts() }));
          addFact(step.counts, fact);
        }
      }
    }
  }
  if (counted.size > 0) await add(session, [...counted.values()]);
  const [left = {}] = await session.rows({
    text: `SELECT count(*) AS facts FROM (SELECT 1 FROM waxwing.stat_facts LIMIT ${LEFT_MAX}) AS rest`,
  });
  return integer(left, 'facts');
}

async function add(
  session: Session,
  steps: readonly { readonly key: readonly [number, number, string]; readonly counts: StepCounts }[],
): Promise<void> {
  const keys = [0, 1, 2].map((part) => steps.map(({ key }) => key[part] ?? null));
  const kept = new Map<string, string>();
  for (const row of await session.rows({ text: KEPT }, keys))
    kept.set(`${integer(row, 'resolution_ms')} ${integer(row, 'at_ms')} ${text(row, 'scope')}`, text(row, 'counts'));
  const merged = steps.map(({ key, counts }) => {
    const before = kept.get(key.join(' '));
    if (before !== undefined) mergeCounts(counts, readCounts(before));
    return storedCounts(counts);
  });
  await session.run({ text: PUT }, [...keys, merged]);
}

/** The scopes that a fact's row counts for, as `stat_steps` names them. */
function scopesOf(row: SqlRow): readonly string[] {
  const endpointSeq = integerOrNull(row, 'endpoint_seq');
  const tenant = textOrNull(row, 'tenant');
  return [ALL_SCOPE, ...(tenant === null ? [] : [tenantScope(tenant)]), ...(endpointSeq === null ? [] : [endpointScope(endpointSeq)])];
}

export const ALL_SCOPE = '';

export function tenantScope(tenant: string): string {
  return `t${tenant}`;
}

export function endpointScope(seq: number): string {
  return `e${seq}`;
}

/** What a row notes: an attempt and the end that came with it; an end alone, or several; or events. */
export function factsOf(row: SqlRow): readonly Fact[] {
  const atMs = integer(row, 'at_ms');
  const value = integer(row, 'value');
  const endpointSeq = integerOrNull(row, 'endpoint_seq');
  if (endpointSeq === null) {
    const fact: Fact = { kind: 'event', tenant: text(row, 'tenant'), atMs };
    return Array.from({ length: value }, () => fact);
  }
  const outcome = OUTCOMES.nameOrNull(integerOrNull(row, 'outcome'));
  const code = integerOrNull(row, 'state');
  const state = code === null ? null : STATES.name(code);
  const facts: Fact[] = [];
  if (outcome !== null) facts.push({ kind: 'attempt', endpointSeq, atMs, outcome, durationMs: value });
  if (state !== null && isFinal(state)) facts.push({ kind: 'ended', endpointSeq, atMs, state, count: outcome === null ? value : 1 });
  return facts;
}

/** Counts as `stat_steps` keeps them: JSON, latencies as pairs. */
function storedCounts(counts: StepCounts): string {
  return JSON.stringify({ ...counts, latencies: [...counts.latencies] });
}

export function readCounts(stored: string): StepCounts {
  const kept: Omit<StepCounts, 'latencies'> & { readonly latencies: readonly (readonly [number, number])[] } = JSON.parse(stored);
  if (!Array.isArray(kept.latencies)) throw new StoreError('unavailable', 'the store is damaged: a step of the statistics cannot be read');
  return { ...kept, latencies: new Map(kept.latencies) };
}

const TAKE = `WITH taken AS (
    DELETE FROM waxwing.stat_facts WHERE ctid = ANY (ARRAY(SELECT ctid FROM waxwing.stat_facts LIMIT $1)) RETURNING *)
  SELECT t.endpoint_seq, coalesce(t.tenant, p.tenant) AS tenant, t.at_ms, t.outcome, t.state, t.value
  FROM taken t LEFT JOIN waxwing.endpoints p ON p.seq = t.endpoint_seq ORDER BY t.no`;

const KEPT = `SELECT s.* FROM unnest($1::integer[], $2::bigint[], $3::text[]) AS k(resolution_ms, at_ms, scope)
  JOIN waxwing.stat_steps s ON s.resolution_ms = k.resolution_ms AND s.at_ms = k.at_ms AND s.scope = k.scope`;

const PUT = `INSERT INTO waxwing.stat_steps SELECT * FROM unnest($1::integer[], $2::bigint[], $3::text[], $4::text[])
  ON CONFLICT (resolution_ms, at_ms, scope) DO UPDATE SET counts = excluded.counts`;
