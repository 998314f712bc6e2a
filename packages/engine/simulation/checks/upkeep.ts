// Upkeep: what the engine does beside delivering. It tells of failures, replays each delivery once, and removes only what is old.

import { OPERATIONAL_TENANT } from '@waxwing/protocol';
import type { Plan } from '../plan.ts';
import type { Scene, Watcher } from '../scene.ts';

const DAY_MS = 24 * 3_600_000;

/** Every endpoint that an attempt fails or disables, and every delivery that fails, is in a notice on the disk. */
export function failuresAreTold(scene: Scene, { retentionDays, faultSpells }: Plan): Watcher {
  const { disk } = scene;
  const failed = new Map<number, number>();
  /** Attempts that were recorded after another's hand had ended their delivery. */
  const late = new Map<number, number>();
  const statuses = new Map<number, string>();
  let killed = false;
  const noticesOf = (kind: string, endpointSeq: number): number =>
    disk.notices.values().filter((row) => row.kind === kind && row.endpointSeq === endpointSeq).length;
  const incidents = new Map<string, number>();
  return {
    claim: 'failures are told',
    row(before, after) {
      if (after.state !== 'failed' || before?.state === 'failed') return;
      if (after.cause === 'test' || after.tenant === OPERATIONAL_TENANT) return;
      failed.set(after.endpointSeq, (failed.get(after.endpointSeq) ?? 0) + 1);
    },
    attempt({ state, endpointSeq }) {
      if (scene.isShared && state === 'cancelled') late.set(endpointSeq, (late.get(endpointSeq) ?? 0) + 1);
    },
    committed() {
      for (const { row } of disk.endpoints.values()) {
        if (statuses.get(row.seq) === row.status) continue;
        statuses.set(row.seq, row.status);
        const byEngine = row.status === 'failing' || (row.status === 'disabled' && row.statusReason?.endsWith('by a person') !== true);
        if (!byEngine || row.tenant === OPERATIONAL_TENANT) continue;
        const kind = `endpoint.${row.status}`;
        const count = (incidents.get(`${kind} ${row.seq}`) ?? 0) + 1;
        incidents.set(`${kind} ${row.seq}`, count);
        if (retentionDays === Infinity && noticesOf(kind, row.seq) < count)
          scene.found(
            this.claim,
            `endpoint ${row.seq} is ${row.status} for the ${count}. time, and ${noticesOf(kind, row.seq)} notices say so`,
          );
      }
    },
    stopped(end) {
      killed ||= end !== 'stopped';
    },
    expelled() {
      killed = true;
    },
    end() {
      if (retentionDays !== Infinity) return;
      for (const [seq, count] of failed) {
        const notices = disk.notices.values().filter((row) => row.kind === 'delivery.failed' && row.endpointSeq === seq);
        const told = notices.reduce((sum, { data }) => sum + Number(data['count']), 0);
        // A process that is killed between two batches takes the last count with it, and nothing else does.
        // Not claimed: that a last attempt is not counted where another node's hand ends its delivery in the moment of its settle.
        if (told > count + (late.get(seq) ?? 0) || (told < count && !killed && faultSpells === 0))
          scene.found(this.claim, `${count} deliveries to endpoint ${seq} have failed, and notices tell of ${told}`);
      }
    },
  };
}

export function replaysMakeEachOnce(scene: Scene): Watcher {
  const made = new Map<string, number>();
  const counts = new Map<number, number>();
  return {
    claim: 'replays make each once',
    row(before, { seq, cause, replaySeq, origin }) {
      if (before !== undefined || cause !== 'replay' || replaySeq === null) return;
      const name = `${replaySeq} ${origin}`;
      if (made.has(name)) scene.found(this.claim, `replay ${replaySeq} makes deliveries ${made.get(name)} and ${seq} of ${origin}`);
      made.set(name, seq);
      counts.set(replaySeq, (counts.get(replaySeq) ?? 0) + 1);
    },
    end() {
      for (const row of scene.disk.replays.values()) {
        const count = counts.get(row.seq) ?? 0;
        if (row.made !== count) scene.found(this.claim, `replay ${row.id} says it made ${row.made}, and made ${count}`);
        if (row.state === 'completed' && (row.total ?? 0) < count)
          scene.found(this.claim, `replay ${row.id} counted ${row.total} and made ${count}`);
      }
    },
  };
}

export function youngIsKept(scene: Scene, { retentionDays }: Plan): Watcher {
  return {
    claim: 'what is young is kept',
    removed(before) {
      const ageMs = scene.time.nowMs - before.createdMs;
      const restMs = scene.time.nowMs - (before.finishedMs ?? Infinity);
      if (ageMs < retentionDays * DAY_MS) scene.found(this.claim, `delivery ${before.seq} was removed ${ageMs} ms after it was made`);
      else if (restMs < DAY_MS) scene.found(this.claim, `delivery ${before.seq} was removed ${restMs} ms after it ended`);
    },
  };
}
