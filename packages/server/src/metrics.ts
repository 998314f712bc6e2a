// Metrics for Prometheus: the engine's own counts, read when scraped, and the time of each HTTP request by route.
//
// One registry a server, so that several in one process do not mix. Nothing is labelled by tenant or endpoint: their number
// has no bound.

import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { DELIVERY_STATES, OUTCOME_KINDS } from '@waxwing/protocol';
import type { Engine, EngineStatus } from '@waxwing/engine';

export interface Metrics {
  readonly contentType: string;
  /** Everything in Prometheus' text form. */
  print(): Promise<string>;
  /** Counts one answered request. `route` is the pattern, never the path. */
  observe(method: string, route: string, status: number, elapsedMs: number): void;
}

interface Reading {
  readonly name: string;
  readonly help: string;
  readonly read: (status: EngineStatus) => number | null;
}

const GAUGES: readonly Reading[] = [
  { name: 'waxwing_ready', help: '1 when the engine is ready, 0 when not.', read: (status) => (status.ready ? 1 : 0) },
  { name: 'waxwing_tenants', help: 'Tenants.', read: (status) => status.tenants },
  { name: 'waxwing_endpoints', help: 'Endpoints.', read: (status) => status.endpoints },
  { name: 'waxwing_deliveries_pending', help: 'Pending deliveries, in memory and in the store.', read: (status) => status.pending },
  { name: 'waxwing_deliveries_in_memory', help: 'Pending deliveries held in memory.', read: (status) => status.inMemory },
  { name: 'waxwing_deliveries_in_flight', help: 'Attempts under way.', read: (status) => status.inFlight },
  {
    name: 'waxwing_shards_owned',
    help: 'Shards of endpoints that this node works for, of 64; absent where it has the store alone.',
    read: (status) => status.shards?.owned ?? null,
  },
  {
    name: 'waxwing_oldest_due_timestamp_seconds',
    help: 'Due time of the oldest delivery that is due and waits; absent when none does.',
    read: (status) => (status.oldestDueAt === null ? null : Date.parse(status.oldestDueAt) / 1_000),
  },
  { name: 'waxwing_commit_queue_events', help: 'Publishes that wait to be stored.', read: (status) => status.commitQueue },
  { name: 'waxwing_commit_queue_bytes', help: 'Their bytes.', read: (status) => status.commitQueueBytes },
  {
    name: 'waxwing_mail_server_set',
    help: '1 when notices are mailed, 0 when no mail server is set.',
    read: (status) => (status.emails.isSet ? 1 : 0),
  },
  { name: 'waxwing_notices_unsent', help: 'Notices whose email waits.', read: (status) => status.emails.waiting },
];

const COUNTERS: readonly Reading[] = [
  { name: 'waxwing_events_published_total', help: 'Events stored since the start.', read: (status) => status.eventsPublished },
  {
    name: 'waxwing_deliveries_expired_total',
    help: 'Deliveries that were pending still when their retention ended, and failed.',
    read: (status) => status.removed.expired,
  },
  { name: 'waxwing_emails_sent_total', help: 'Emails that the mail server took since the start.', read: (status) => status.emails.sent },
  {
    name: 'waxwing_emails_failed_total',
    help: 'Tries to send an email that failed since the start.',
    read: (status) => status.emails.failed,
  },
  {
    name: 'waxwing_outbox_taken_total',
    help: 'Events published within database transactions, taken since the start.',
    read: (status) => status.outbox.taken,
  },
  {
    name: 'waxwing_events_rejected_total',
    help: 'Events published within database transactions that could not be accepted, since the start.',
    read: (status) => status.outbox.rejected,
  },
  { name: 'waxwing_commits_total', help: 'Transactions committed since the start.', read: (status) => status.commits },
];

/** Makes a server's metrics over its engine. */
export function createMetrics(engine: Engine, version: string): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];

  for (const { name, help, read } of GAUGES) {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        const value = read(engine.status());
        if (value === null) this.remove();
        else this.set(value);
      },
    });
  }
  for (const { name, help, read } of COUNTERS) {
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(read(engine.status()) ?? 0);
      },
    });
  }
  new Counter({
    name: 'waxwing_attempts_total',
    help: 'Attempts since the start, by outcome.',
    labelNames: ['outcome'],
    registers,
    collect() {
      this.reset();
      const { attempts } = engine.status();
      for (const outcome of OUTCOME_KINDS) this.inc({ outcome }, attempts[outcome]);
    },
  });
  new Counter({
    name: 'waxwing_deliveries_finished_total',
    help: 'Deliveries that became final since the start, by state.',
    labelNames: ['state'],
    registers,
    collect() {
      this.reset();
      const { finished } = engine.status();
      for (const state of DELIVERY_STATES) if (state !== 'pending') this.inc({ state }, finished[state]);
    },
  });
  new Counter({
    name: 'waxwing_retention_removed_total',
    help: 'What retention has removed since the start, by kind.',
    labelNames: ['kind'],
    registers,
    collect() {
      this.reset();
      const { events, deliveries } = engine.status().removed;
      this.inc({ kind: 'event' }, events);
      this.inc({ kind: 'delivery' }, deliveries);
    },
  });
  new Gauge({ name: 'waxwing_build_info', help: 'Always 1; the version stands in the label.', labelNames: ['version'], registers }).set(
    { version },
    1,
  );
  const requests = new Histogram({
    name: 'waxwing_http_request_duration_seconds',
    help: 'Time from a request to its answer, by route.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  });

  return {
    contentType: registry.contentType,
    print: () => registry.metrics(),
    observe: (method, route, status, elapsedMs) => requests.observe({ method, route, status }, elapsedMs / 1_000),
  };
}
