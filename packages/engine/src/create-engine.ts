// Create engine: opens the store, builds the rooms and joins them. The walk of an event through what is joined here:
//
//   publish.ts → commit/ → lane/ → send/ → settle.ts → commit/
//
// Nothing is decided here; each room is handed what it needs and knows no more of the others.

import { createIdMint, DEFAULT_WIRE_SETTINGS, WaxwingError, type WireSettings } from '@waxwing/protocol';
import { Catalogue } from './catalogue.ts';
import { Committer } from './commit/committer.ts';
import { WAITING_LIMITS, type WaitingLimits } from './commit/waiting.ts';
import type { Engine } from './engine.ts';
import { Expander } from './expand.ts';
import { flightFileIn, NO_FLIGHT_FILE, type FlightFile } from './flight/flight-file.ts';
import { FlightLog } from './flight/flight-log.ts';
import { Tail } from './feed/tail.ts';
import { Health } from './health.ts';
import { Dispatcher } from './lane/dispatcher.ts';
import { DISPATCHER_LIMITS, type DispatcherLimits } from './lane/limits.ts';
import { judgeMasterKey, openVault, requireMasterKey } from './master-key.ts';
import { OutboxDrain } from './outbox/drain.ts';
import { FailureCount } from './notices/failure-count.ts';
import { Postman } from './notices/postman.ts';
import { NoticeWriter } from './notices/writing.ts';
import { SILENT_LOG, type Clock, type Log, type Mailer, type Randomness } from './ports.ts';
import { Publisher, PUBLISH_LIMITS, type PublishLimits, type Sequences } from './publish.ts';
import { Registry } from './registry.ts';
import { Replayer } from './replay/replayer.ts';
import { RunningEngine } from './running-engine.ts';
import type { EgressPolicy, Sender } from './send/order.ts';
import { RelaySender } from './send/relay-sender.ts';
import { threadSender } from './send/thread-sender.ts';
import { answeringStore } from './services/answering-store.ts';
import type { ServiceContext, ServiceLimits } from './services/context.ts';
import { endPending } from './services/end-pending.ts';
import { Settler } from './settle.ts';
import { RollUp } from './stats/roll-up.ts';
import type { Store, StoreSnapshot } from './store/store.ts';
import { systemClock, systemRandomness } from './system-ports.ts';
import { VERSION } from './version.ts';
import { Waits } from './waits.ts';

export interface EngineOptions {
  /** Where everything is kept: `sqlite(folder)`, or `postgres(url)`. */
  readonly store: Store;
  /** Encrypts secrets at rest: 32 bytes as base64 or hex, or a passphrase of 32 characters. Generated beside an embedded store when absent; required with PostgreSQL. */
  readonly masterKey?: string;
  /** What deliveries may reach. By default HTTPS to public addresses only. */
  readonly egress?: Partial<EgressPolicy>;
  /** The profile of tenants made without one. Default `standard`. */
  readonly defaultProfile?: string;
  readonly wire?: Partial<WireSettings>;
  readonly limits?: Partial<PublishLimits & WaitingLimits & DispatcherLimits & Omit<ServiceLimits, 'defaultProfile' | 'retentionDays'>>;
  /** How many days events, deliveries and attempts are kept; at least 1. Default 30; Infinity keeps everything. */
  readonly retentionDays?: number;
  /** Mails notices to the tenants' `notifyEmails`: `smtpMailer({ url, from })`. Without one they are kept, and shown as unsent. */
  readonly mailer?: Mailer;
  /** Where people reach this deployment, for links in emails. */
  readonly publicUrl?: string;
  /** Told once when another node has taken the store over: nothing is sent or accepted any more, and the engine is to be closed. */
  readonly onSuperseded?: () => void;
  readonly log?: Log;
  /** The ports: given by the simulation and by tests. */
  readonly clock?: Clock;
  readonly randomness?: Randomness;
  readonly sender?: Sender;
  /** Where what is in flight is noted for the next start. Beside an embedded store by default; nowhere without one. */
  readonly flightFile?: FlightFile;
}

/**
 * Opens a store and starts delivering: everything pending goes on at its own due time.
 * Throws `data_folder_in_use`, `wrong_master_key`, `store_too_new`, `store_unavailable`, `invalid_setting`.
 * @example
 * const engine = await createEngine({ store: sqlite('./waxwing-data') });
 */
export async function createEngine(options: EngineOptions): Promise<Engine> {
  const { store, clock = systemClock, randomness = systemRandomness, log = SILENT_LOG } = options;
  requireMasterKey(store, options.masterKey);
  const snapshot = await store.open({ inspect: (meta) => judgeMasterKey(meta, options.masterKey, randomness) });
  try {
    return await start(options, snapshot, clock, randomness, log);
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function start(options: EngineOptions, snapshot: StoreSnapshot, clock: Clock, randomness: Randomness, log: Log): Promise<Engine> {
  const { store } = options;
  const mayAct = (): boolean => store.tenure?.isHeld ?? true;
  const policy: EgressPolicy = { allowHttp: false, allowPrivateNetworks: false, ...options.egress };
  const vault = openVault(store, snapshot, options.masterKey, randomness);
  const registry = new Registry(vault, { ...DEFAULT_WIRE_SETTINGS, ...options.wire });
  registry.load(snapshot);
  const defaultProfile = options.defaultProfile ?? 'standard';
  if (registry.latestProfile(defaultProfile) === undefined)
    throw new WaxwingError('invalid_setting', `The default profile ${JSON.stringify(defaultProfile)} does not exist.`);

  const retentionDays = options.retentionDays ?? 30;
  if (!(retentionDays >= 1)) throw new WaxwingError('invalid_setting', `retentionDays must be at least 1; it is ${retentionDays}.`);

  const ids = createIdMint(
    () => clock.nowMs(),
    (size) => randomness.bytes(size),
  );
  const seqs: Sequences = { ...snapshot.nextSeq };
  const catalogue = new Catalogue();
  const userAgent = `Waxwing/${VERSION}`;
  const sender: RelaySender = new RelaySender({
    clock,
    userAgent,
    sockets: options.sender ?? threadSender({ policy, userAgent }),
    onPresence: (endpointId, isThere) => {
      if (isThere) registry.attached.add(endpointId);
      else registry.attached.delete(endpointId);
      const entry = registry.endpointById(endpointId);
      if (entry !== undefined) dispatcher.edited(entry.row.seq);
      if (isThere) dispatcher.pump();
    },
  });

  const committer = new Committer({
    store,
    clock,
    log,
    limits: { ...WAITING_LIMITS, ...options.limits },
    reopen: (unsettled) => reopen(unsettled),
    onAvailable: (available) => {
      log.warn(available ? 'the store takes writes again' : 'the store takes no writes; publishing answers 503 and sending rests');
      dispatcher.hold(!available);
    },
    afterBatch: () => {
      dispatcher.pump();
      tail.committed();
      rollUp.noted();
    },
  });
  const tail = new Tail({ store, clock, log });
  const rollUp = new RollUp({ clock, committer, retentionDays });
  const health = new Health(clock, registry, committer);
  const postman = new Postman({
    clock,
    log,
    store,
    registry,
    committer,
    mailer: options.mailer ?? null,
    publicUrl: options.publicUrl ?? null,
  });
  const notices: NoticeWriter = new NoticeWriter({
    clock,
    ids,
    registry,
    publisher: () => publisher,
    mailWaits: () => postman.mailWaits(),
  });
  const failures = new FailureCount({ clock, log, committer, writer: notices });
  const settler: Settler = new Settler({
    clock,
    randomness,
    log,
    registry,
    committer,
    health,
    notices,
    failures,
    attempted: (delivery, delivered, restUntilMs) => dispatcher.attempted(delivery, delivered, restUntilMs),
    settled: (delivery, next) => {
      dispatcher.settled(delivery, next);
      replayer.settled(delivery);
    },
    statusChanged: (seq) => dispatcher.edited(seq),
  });
  const flights = new FlightLog(options.flightFile ?? (store.folder === null ? NO_FLIGHT_FILE : flightFileIn(store.folder)), log);
  const dispatcher: Dispatcher = new Dispatcher({
    clock,
    log,
    store,
    sender,
    registry,
    limits: { ...DISPATCHER_LIMITS, ...options.limits },
    flights,
    mayAct,
    settle: (delivery, report) => settler.settle(delivery, report),
    wasEnded: (delivery) => settler.wasEnded(delivery),
  });
  const publishLimits = { ...PUBLISH_LIMITS, ...options.limits };
  const handOver: Dispatcher['received'] = (deliveries) => dispatcher.received(deliveries); // sent when the whole batch is answered
  const expander = new Expander({ clock, log, ids, seqs, registry, committer, handOver, chunkMax: publishLimits.fanOutAtOnceMax });
  const publisher = new Publisher({
    clock,
    ids,
    registry,
    catalogue,
    committer,
    seqs,
    limits: publishLimits,
    handOver,
    expand: (insert) => expander.add({ event: insert.event, matches: insert.expansion ?? [], done: 0 }),
  });
  const context: ServiceContext = {
    clock,
    randomness,
    log,
    ids,
    seqs,
    store: answeringStore(store),
    registry,
    catalogue,
    committer,
    dispatcher,
    settler,
    health,
    waits: new Waits(clock),
    vault,
    policy,
    limits: { endpointsPerTenantMax: 1_000, concurrencyMax: 256, upkeepMs: 60_000, ...options.limits, defaultProfile, retentionDays },
    relay: sender,
    learnProfile: (version, profile) => sender.learnProfile(version, profile.definition),
  };
  const replayer: Replayer = new Replayer({
    clock,
    log,
    ids,
    seqs,
    store: context.store,
    registry,
    committer,
    dispatcher,
    tell: (replay) => notices.ofReplay(replay),
    endPending: (deliveries) => endPending(context, deliveries, { state: 'cancelled', reason: 'the replay was cancelled' }),
  });

  const drain =
    store.outbox === undefined
      ? null
      : new OutboxDrain({ clock, log, outbox: store.outbox, committer, registry, publisher, mayAct, mintEventId: () => ids.mint('evt') });

  /** Opens the store anew after a commit whose result is unknown, and takes over what it holds. */
  const reopen = async (unsettled: readonly number[]): Promise<void> => {
    await store.close().catch(() => undefined); // it may be half gone
    const held = await store.open({ continues: true });
    const underWay = [...new Set([...unsettled, ...dispatcher.underWay])];
    const pending = new Set((await store.load(underWay)).map(({ seq }) => seq));
    registry.load(held);
    for (const { version, definition } of registry.profileRows()) sender.learnProfile(version, definition);
    dispatcher.resume(
      held.backlog,
      underWay.filter((seq) => !pending.has(seq)),
    );
    expander.resume(held.expansions);
    for (const replay of held.replays) if (replayer.running(replay.seq) === undefined) replayer.add(replay);
    failures.resume(held.notices.open);
    postman.resume(held.notices.mailsWaiting);
    engine.cancelLeftovers(held);
  };

  await sender.start(
    (reports) => dispatcher.reported(reports),
    (deliveries) => dispatcher.returned(deliveries),
  );
  for (const { version, definition } of registry.profileRows()) sender.learnProfile(version, definition);
  const leftOver = flights.read();
  const suspects = leftOver.length === 0 ? [] : await store.load(leftOver.map(({ seq }) => seq));
  dispatcher.resume(snapshot.backlog);
  dispatcher.quarantine.begin(leftOver, suspects);
  expander.resume(snapshot.expansions);
  const engine: RunningEngine = new RunningEngine({
    context,
    publisher,
    expander,
    replayer,
    postman,
    failures,
    sender,
    tail,
    flights,
    rollUp,
    drain,
  });
  store.tenure?.watch({
    resumed: () => dispatcher.pump(),
    lost: () => (log.error('another node has taken over the store; this one sends nothing any more'), options.onSuperseded?.()),
  });
  try {
    await engine.tidy(snapshot);
  } catch (error) {
    await engine.close({ graceMs: 0 });
    throw error;
  }
  for (const replay of snapshot.replays) replayer.add(replay);
  failures.resume(snapshot.notices.open);
  postman.resume(snapshot.notices.mailsWaiting);
  dispatcher.quarantine.judge(suspects);
  rollUp.noted(); // what the last run left
  dispatcher.pump();
  return engine;
}
