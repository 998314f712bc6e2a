// World: what befalls the engine. It decides when users act, when receivers change, when the store fails, when processes
// die, stop, start, freeze and lose sight of the store; and in the end it makes peace, and sees the engine come to rest.

import type { Dice } from './dice.ts';
import { DiskWatch } from './disk-watch.ts';
import type { Weather } from './faulty-store.ts';
import type { Plan } from './plan.ts';
import type { Graft } from './process.ts';
import type { Scene } from './scene.ts';
import { Slot, type Stop } from './slot.ts';
import type { Users } from './users.ts';
import { settle, type Owner } from './virtual-time.ts';

export interface WorldParts {
  readonly scene: Scene;
  readonly plan: Plan;
  readonly users: Users;
  readonly dice: Dice;
  readonly graft: Graft;
}

const STOPS: { readonly [stop in Stop]: number } = { 'between steps': 3, 'before a commit': 2, 'after a commit': 2, 'clean stop': 2 };
const ALWAYS: Owner = { alive: true };
/** How long the engine is watched doing nothing, and how many steps it may make meanwhile (upkeep, a last health sweep). */
const REST_MS = 3 * 24 * 3_600_000;
const REST_STEPS_MAX = 100;
/** Retention looks every quarter of an hour. */
const RETENTION_STEPS_MAX = 10_000;
/** How long nothing must have happened for nodes to have told each other everything. */
const QUIET_MS = 1_100;

export class World {
  readonly #scene: Scene;
  readonly #plan: Plan;
  readonly #users: Users;
  readonly #dice: Dice;
  readonly #weather: Weather;
  readonly #slots: readonly Slot[];
  #movedIn = false;
  peaceSinceMs: number | null = null;
  #lastDeedMs = 0;
  #lastChanges = 0;
  /** Up to when nodes were awake to count. */
  #countedMs = -Infinity;
  #waking = false;

  constructor(parts: WorldParts) {
    const { scene, plan, users, dice, graft } = parts;
    this.#scene = scene;
    this.#plan = plan;
    this.#users = users;
    this.#dice = dice;
    const watch = new DiskWatch(scene);
    this.#weather = {
      faultRate: 0,
      delayMs: plan.storeDelayMs,
      deathAtCommit: null,
      die: (how, host) =>
        this.#slots.find(({ process }) => process === host)?.crash(how === 'before' ? 'before a commit' : 'after a commit'),
    };
    this.#slots = Array.from({ length: plan.nodes }, (_, index) => {
      const own = plan.nodes === 1 ? dice : dice.fork();
      const started: ConstructorParameters<typeof Slot>[0]['onStarted'] = (engine, process) => {
        users.meet(engine, process);
        if (!this.#movedIn) users.moveIn();
        this.#movedIn = true;
        if (this.peaceSinceMs !== null) users.makePeace();
      };
      const { weather, isPeace } = { weather: this.#weather, isPeace: () => this.peaceSinceMs !== null };
      return new Slot({ name: `node ${index + 1}`, scene, plan, users, dice: own, graft, weather, watch, onStarted: started, isPeace });
    });
    scene.time.isQuiet = () => this.#isQuiet();
    scene.time.onLeap = (ms) => scene.disk.cluster.leap(ms);
    scene.disk.cluster.onGone = ({ source }, byForce) => this.#nodeGone(source, byForce);
  }

  /** Sets everything that is going to befall it. */
  begin(): void {
    const plan = this.#plan;
    const dice = this.#dice;
    const [first, ...others] = this.#slots;
    first?.start();
    const anchors = Array.from({ length: dice.whole(1, 5) }, () => dice.whole(100, plan.activeMs));
    // Most things happen close to others: a crash in an idle hour shows little.
    const when = (spreadMs: number): number => {
      const anchor = dice.any(anchors) ?? 100;
      return dice.chance(0.75) ? Math.min(plan.activeMs, anchor + Math.floor(dice.unit() ** 3 * spreadMs)) : dice.whole(100, plan.activeMs);
    };
    for (const slot of others) this.#at(dice.chance(0.5) ? dice.whole(0, 2_000) : when(30_000), () => slot.start());
    for (let i = 0; i < plan.userSteps; i++) this.#at(when(40_000), () => this.#users.act());
    for (let i = 0; i < plan.turnsOfMood; i++) this.#at(when(60_000), () => this.#turnMood());
    for (let i = 0; i < plan.faultSpells; i++) this.#at(when(20_000), () => this.#spell(dice.pick([200, 2_000, 10_000, 60_000])));
    for (let i = 0; i < plan.stops; i++) this.#at(when(40_000), () => this.#any().stop(dice.weighted(STOPS)));
    for (let i = 0; i < plan.freezes; i++)
      this.#at(when(40_000), () => this.#any().freeze(dice.pick([300, 1_500, 2_900, 4_000, 8_000, 30_000])));
    for (let i = 0; i < plan.cuts; i++) this.#at(when(40_000), () => this.#any().cut(dice.pick([300, 1_500, 2_900, 4_000, 8_000, 30_000])));
    this.#at(plan.activeMs + 60_000, () => this.#makePeace());
  }

  /** Whether everything that was begun is done. */
  isOver(): boolean {
    const scene = this.#scene;
    if (!scene.isAlive || scene.waitingUsers > 0 || scene.storeCalls > 0 || scene.flights.size > 0 || scene.steps % 8 !== 0) return false;
    if (
      scene.isShared &&
      (!scene.isCalm || scene.strays.size > 0 || !this.#slots.every(({ process }) => process !== null && process.engine !== null))
    )
      return false;
    for (const [, table] of scene.disk.pending) if (table.values().length > 0) return false;
    if (scene.disk.replays.values().some(({ finishedMs }) => finishedMs === null)) return false;
    return scene.disk.expansions.values().length === 0 && this.#users.isAtRest;
  }

  /** Watches it do nothing, then stops it and sees that nothing is left behind. */
  async rest(): Promise<void> {
    this.#users.goHome();
    const { time } = this.#scene;
    const untilMs = time.nowMs + REST_MS;
    const stepsMax = (this.#plan.retentionDays === Infinity ? REST_STEPS_MAX : RETENTION_STEPS_MAX) * this.#plan.nodes;
    let deeds = 0;
    while ((time.nextMs ?? untilMs) < untilMs && this.#scene.finding === null) {
      if ((await this.#step()) === 'deed') deeds += 1;
      this.#scene.tell((watcher) => watcher.step?.());
      if (deeds > stepsMax) return this.#scene.found('rest is quiet', `more than ${stepsMax} steps while there was nothing to do`);
    }
    for (const slot of this.#slots) {
      let closed = false;
      void slot.end().then(() => (closed = true));
      for (let i = 0; i < 400 && !closed; i++) {
        await settle();
        if (!closed && (await this.#step()) === 'nothing') break;
      }
      if (!closed) this.#scene.found('rest is quiet', 'the engine does not close');
      slot.process?.die('stopped');
    }
  }

  /** Lets the next thing happen, and all that follows from it at once. False when there is none. */
  async step(): Promise<boolean> {
    return (await this.#step()) !== 'nothing';
  }

  async #step(): Promise<'deed' | 'beat' | 'nothing'> {
    const { time, disk } = this.#scene;
    if (this.#scene.isShared) this.#wakeForCount();
    const stepped = time.step();
    this.#scene.steps += 1;
    await settle();
    const { changes } = disk.cluster;
    if (changes !== this.#lastChanges) this.#scene.changedMs = time.nowMs;
    if (stepped !== 'beat' || changes !== this.#lastChanges) this.#lastDeedMs = time.nowMs;
    this.#lastChanges = changes;
    return stepped;
  }

  /** Has the beats not leapt over the moment when nodes have counted again what others' hands left open. */
  #wakeForCount(): void {
    const { excusedMs, countedAgainMs, newsMs, time } = this.#scene;
    const dueMs = excusedMs + countedAgainMs + newsMs / 2;
    if (this.#waking || dueMs <= this.#countedMs) return;
    this.#waking = true;
    this.#at(dueMs - time.nowMs, () => {
      this.#waking = false;
      this.#countedMs = dueMs;
    });
  }

  /** Whether nodes have nothing to tell each other. */
  #isQuiet(): boolean {
    const scene = this.#scene;
    if (scene.time.nowMs - this.#lastDeedMs < Math.max(QUIET_MS, 4 * this.#plan.pollMs)) return false;
    return scene.isCalm && scene.storeCalls === 0 && this.#slots.every(({ isSettled }) => isSettled) && !scene.disk.cluster.isUnsettled;
  }

  #nodeGone(source: number, byForce: boolean): void {
    const scene = this.#scene;
    for (const host of scene.hosts) if (host.sharing?.source === source) scene.stray(host, byForce ? 'all' : 'reported');
    if (!byForce) return;
    scene.tallies.count('cluster: lease ended');
    const shards = scene.disk.cluster.owners.flatMap((owner, shard) => (owner === source ? [shard] : []));
    scene.trace.say('disk', `the lease of node number ${source} is ended`);
    scene.tell((watcher) => watcher.expelled?.(shards));
  }

  #any(): Slot {
    const [first, ...others] = this.#slots;
    if (first === undefined) throw new RangeError('a world without processes');
    return others.length === 0 ? first : this.#dice.pick([first, ...others]);
  }

  #at(delayMs: number, run: () => void): void {
    this.#scene.time.after(ALWAYS, delayMs, run);
  }

  #spell(ms: number): void {
    this.#weather.faultRate = this.#plan.faultRate;
    this.#scene.trace.say('world', `the store is faulty for ${ms} ms`);
    this.#scene.trouble(true);
    this.#at(ms, () => {
      this.#weather.faultRate = 0;
      this.#scene.trouble(false);
    });
  }

  #turnMood(): void {
    const known = this.#dice.any(this.#users.directory.standing());
    if (known === undefined) return;
    const mood = this.#scene.network.changeMood(known.url);
    this.#scene.trace.say('world', `${known.url} is ${mood} now`);
  }

  #makePeace(): void {
    this.#scene.trace.say('world', 'peace');
    this.peaceSinceMs = this.#scene.time.nowMs;
    Object.assign(this.#weather, { faultRate: 0, deathAtCommit: null });
    this.#scene.network.makePeace();
    this.#users.makePeace();
    for (const slot of this.#slots) slot.start();
  }
}
