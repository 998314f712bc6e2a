// Disk watch: sees what each commit changed, by comparing the disk with what it was. It looks at the rows themselves and
// takes nobody's word for them.

import type { EndpointStatus } from '@waxwing/protocol';
import type { AttemptRow, DeliveryRow, EndpointRow } from '../src/store/rows.ts';
import { PROCESS_STOPPED } from '../src/flight/stopped-report.ts';
import type { Scene } from './scene.ts';

const NONE: ReadonlyMap<number, AttemptRow> = new Map();

export class DiskWatch {
  readonly #scene: Scene;
  readonly #rows = new Map<number, DeliveryRow>();
  readonly #attempts = new Map<number, ReadonlyMap<number, AttemptRow>>();
  readonly #statuses = new Map<number, EndpointStatus>();

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  /** Looks at the disk after a commit. */
  look(): void {
    const { disk } = this.#scene;
    for (const { row } of disk.endpoints.values()) this.#endpoint(row);
    const rows = disk.deliveries.values();
    for (const row of rows) {
      const before = this.#rows.get(row.seq);
      const attempts = disk.attempts.get(row.seq) ?? NONE;
      const attemptsBefore = this.#attempts.get(row.seq) ?? NONE;
      if (row === before && attempts === attemptsBefore) continue;
      this.#rows.set(row.seq, row);
      this.#attempts.set(row.seq, attempts);
      this.#row(before, row);
      for (const attempt of attempts.values()) {
        if (attemptsBefore.get(attempt.number) !== attempt) this.#attempt(row, attempt);
      }
    }
    if (rows.length < this.#rows.size) this.#removed();
  }

  #row(before: DeliveryRow | undefined, row: DeliveryRow): void {
    const { trace, tallies } = this.#scene;
    if (before?.state !== row.state || before.dueMs !== row.dueMs)
      trace.say(
        'disk',
        `delivery ${row.seq} (${row.cause}, endpoint ${row.endpointSeq}) ${row.state} after ${row.attempts}, due ${row.dueMs - this.#scene.time.nowMs}`,
      );
    if (row.state !== before?.state && row.stateReason === 'expired') tallies.count('engine: expired');
    if (row.state !== 'pending' && before?.state !== row.state) tallies.count(`delivery: pending or new to ${row.state}`);
    else if (before !== undefined && row.state === 'pending' && row.attempts > before.attempts) tallies.count('delivery: pending again');
    this.#scene.tell((watcher) => watcher.row?.(before, row));
  }

  #attempt(row: DeliveryRow, attempt: AttemptRow): void {
    if (attempt.record.includes(PROCESS_STOPPED)) this.#scene.tallies.count('engine: attempt that a process did not outlive');
    this.#scene.tell((watcher) => watcher.attempt?.(row, attempt));
    const flight = this.#scene.flights.get(row.seq);
    if (flight?.reported === true && flight.startedMs === attempt.startedMs) this.#scene.flights.delete(row.seq);
  }

  #removed(): void {
    for (const [seq, before] of this.#rows) {
      if (this.#scene.disk.deliveries.has(seq)) continue;
      this.#rows.delete(seq);
      this.#attempts.delete(seq);
      this.#scene.tallies.count('engine: removed by retention');
      this.#scene.tell((watcher) => watcher.removed?.(before));
    }
  }

  #endpoint(row: EndpointRow): void {
    if (this.#statuses.get(row.seq) === row.status) return;
    this.#statuses.set(row.seq, row.status);
    this.#scene.tallies.count(`endpoint: to ${row.status}`);
    this.#scene.trace.say('disk', `endpoint ${row.seq} is ${row.status}${row.statusReason === null ? '' : `: ${row.statusReason}`}`);
  }
}
