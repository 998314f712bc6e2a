// Create engine: opens the store, builds the rooms and joins them. The walk of an event through what is joined here:
//
//   publish.ts → commit/ → lane/ → send/ → settle.ts → commit/
//
// Nothing is decided here; each room is handed what it needs and knows no more of the others.

import { createIdMint, DEFAULT_WIRE_SETTINGS, WaxwingError } from '@waxwing/protocol';
import { Catalogue } from './catalogue.ts';
import { joinOthers } from './cluster/join.ts';
import { MEMBERSHIP_LIMITS, type Membership } from './cluster/membership.ts';
import { Numbers } from './cluster/numbers.ts';
import { Ownership } from './cluster/ownership.ts';
import { StoreTime } from './cluster/store-time.ts';
import { Committer } from './commit/committer.ts';
import { WAITING_LIMITS } from './commit/waiting.ts';
import type { Engine } from './engine.ts';
import type { EngineOptions } from './engine-options.ts';
import { Expander } from './expand.ts';
import { flightFileIn, NO_FLIGHT_FILE } from './flight/flight-file.ts';
import { FlightLog } from './flight/flight-log.ts';
import { Tail } from './feed/tail.ts';
import { Health } from './health.ts';
import { Dispatcher } from './lane/dispatcher.ts';
import { DISPATCHER_LIMITS } from './lane/limits.ts';
import { listenerPresence } from './lane/listener-presence.ts';
import { judgeMasterKey, openVault, requireMasterKey } from './master-key.ts';
import { OutboxDrain } from './outbox/drain.ts';
import { FailureCount } from './notices/failure-count.ts';
import { Postman } from './notices/postman.ts';
import { NoticeWriter } from './notices/writing.ts';
import { SILENT_LOG, type Clock, type Log, type Randomness } from './ports.ts';
import { Publisher, PUBLISH_LIMITS } from './publish.ts';
import { Registry } from './registry.ts';
import { Replayer } from './replay/replayer.ts';
import { RunningEngine } from './running-engine.ts';
import type { EgressPolicy } from './send/order.ts';
import { RelaySender } from './send/relay-sender.ts';
import { senderThreads } from './send/sender-threads.ts';
import { answeringStore } from './services/answering-store.ts';
import type { ServiceContext } from './services/context.ts';
import { endPending } from './services/end-pending.ts';
import { Settler } from './settle.ts';
import { RollUp } from './stats/roll-up.ts';
import type { StoreSnapshot } from './store/store.ts';
import { systemClock, systemRandomness } from './system-ports.ts';
import { VERSION } from './version.ts';
import { Waits } from './waits.ts';

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

async function start(options: EngineOptions, snapshot: StoreSnapshot, ownClock: Clock, randomness: Randomness, log: Log): Promise<Engine> {
  const { store } = options;
  const { sharing = null } = store;
  const mayAct = (): boolean => sharing?.isHeld ?? true;
  const time = new StoreTime(sharing, ownClock);
  const { clock } = time;
  const ownership = new Ownership(sharing !== null);
  const numbers = new Numbers(snapshot.nextSeq, sharing);
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
  const catalogue = new Catalogue();
  const userAgent = `Waxwing/${VERSION}`;
  const sender: RelaySender = new RelaySender({
    clock,
    userAgent,
    sockets: options.sender ?? senderThreads({ policy, userAgent, time: time.memory }, options.senderThreads ?? 1),
    onPresence: listenerPresence(registry, () => dispatcher),
  });
  const committer = new Committer({
    store,
    clock,
    log,
    limits: { ...WAITING_LIMITS, ...options.limits },
    numbers,
    mayAct,
    catchUp: async () => void (await membership?.catchUp()),
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
  const rollUp = new RollUp({ clock, committer, retentionDays, isOurs: () => ownership.doesUpkeep });
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
    mailWaits: () => ownership.doesUpkeep && postman.mailWaits(),
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
    ownership,
    limits: { ...DISPATCHER_LIMITS, ...options.limits },
    flights,
    mayAct,
    settle: (delivery, report) => settler.settle(delivery, report),
    wasEnded: (delivery) => settler.wasEnded(delivery),
    endsWithAttempt: (seq) => settler.endsWithAttempt(seq),
  });
  const publishLimits = { ...PUBLISH_LIMITS, ...options.limits };
  const handOver: Dispatcher['received'] = (deliveries) => dispatcher.received(deliveries); // sent when the whole batch is answered
  const expander = new Expander({ clock, log, ids, numbers, registry, committer, handOver, chunkMax: publishLimits.fanOutAtOnceMax });
  const publisher = new Publisher({
    clock,
    ids,
    registry,
    catalogue,
    committer,
    numbers,
    limits: publishLimits,
    handOver,
    expand: (insert) => {
      if (ownership.doesUpkeep) expander.add({ event: insert.event, matches: insert.expansion ?? [], done: 0 });
    },
  });
  const context: ServiceContext = {
    clock,
    randomness,
    log,
    ids,
    numbers,
    ownership,
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
    numbers,
    store: context.store,
    registry,
    committer,
    dispatcher,
    ownership,
    tell: (replay) => notices.ofReplay(replay),
    endPending: (deliveries) => endPending(context, deliveries, { state: 'cancelled', reason: 'the replay was cancelled' }),
  });

  const drain =
    store.outbox === undefined
      ? null
      : new OutboxDrain({
          clock,
          log,
          outbox: store.outbox,
          committer,
          registry,
          publisher,
          mayAct: () => mayAct() && ownership.doesUpkeep,
          mintEventId: () => ids.mint('evt'),
        });

  const takeUp = ({ expansions, replays, notices: held }: StoreSnapshot): void => {
    failures.resume(held.open, (endpointSeq) => ownership.owns(endpointSeq));
    if (!ownership.doesUpkeep) return;
    expander.resume(expansions);
    for (const replay of replays) replayer.add(replay);
    postman.resume(held.mailsWaiting);
  };
  /** Opens the store anew after a commit whose result is unknown, and takes over what it holds. */
  const reopen = async (unsettled: readonly number[]): Promise<void> => {
    if (sharing === null) await store.close().catch(() => undefined); // it may be half gone; a node goes on as the one that it is
    const held = await store.open({ continues: true });
    const underWay = [...new Set([...unsettled, ...dispatcher.underWay])];
    const pending = new Set((await store.load(underWay)).map(({ seq }) => seq));
    registry.load(held);
    for (const { version, definition } of registry.profileRows()) sender.learnProfile(version, definition);
    const gone = underWay.filter((seq) => !pending.has(seq));
    dispatcher.resume(membership === null ? held.backlog : [], gone);
    takeUp(held);
    if (membership === null) engine.cancelLeftovers(held.backlog);
    else membership.resume();
  };

  await sender.start(
    (reports) => dispatcher.reported(reports),
    (deliveries) => dispatcher.returned(deliveries),
  );
  for (const { version, definition } of registry.profileRows()) sender.learnProfile(version, definition);
  const leftOver = flights.read();
  const suspects = leftOver.length === 0 ? [] : await store.load(leftOver.map(({ seq }) => seq));
  if (sharing === null) dispatcher.resume(snapshot.backlog);
  dispatcher.quarantine.begin(leftOver, suspects);
  const rooms = { ...context, expander, replayer, failures, postman, drain };
  const membership: Membership | null = joinOthers(sharing, {
    ...rooms,
    time: options.sender === undefined ? time : null,
    pollMs: options.limits?.pollMs ?? MEMBERSHIP_LIMITS.pollMs,
    news: () => tail.committed(),
    cancelLeftovers: (backlog) => engine.cancelLeftovers(backlog),
    onLost: () => options.onSuperseded?.(),
  });
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
    membership,
  });
  try {
    await engine.tidy(snapshot);
  } catch (error) {
    await engine.close({ graceMs: 0 });
    throw error;
  }
  if (membership === null) takeUp(snapshot);
  else membership.start();
  dispatcher.quarantine.judge(suspects);
  rollUp.noted(); // what the last run left
  dispatcher.pump();
  return engine;
}
