// World: what befalls the engine. It decides when users act, when receivers change, when the store fails, when the process
// dies, stops and starts; and in the end it makes peace, and sees the engine come to rest.

import type { Engine } from '../src/engine.ts';
import type { Dice } from './dice.ts';
import { DiskWatch } from './disk-watch.ts';
import type { Weather } from './faulty-store.ts';
import type { Plan } from './plan.ts';
import { Process, type Graft } from './process.ts';
import type { Scene } from './scene.ts';
import type { Users } from './users.ts';
import { settle, type Owner } from './virtual-time.ts';

export interface WorldParts {
  readonly scene: Scene;
  readonly plan: Plan;
  readonly users: Users;
  readonly dice: Dice;
  readonly graft: Graft;
}

type Stop = 'between steps' | 'before a commit' | 'after a commit' | 'clean stop';

const STOPS: { readonly [stop in Stop]: number } = { 'between steps': 3, 'before a commit': 2, 'after a commit': 2, 'clean stop': 2 };
const ALWAYS: Owner = { alive: true };
const START_AGAIN_MS = 1_000;
/** How long the engine is watched doing nothing, and how many steps it may make meanwhile (upkeep, a last health sweep). */
const REST_MS = 3 * 24 * 3_600_000;
const REST_STEPS_MAX = 60;
/** Retention looks every quarter of an hour. */
const RETENTION_STEPS_MAX = 10_000;

export class World {
  readonly #scene: Scene;
  readonly #plan: Plan;
  readonly #users: Users;
  readonly #dice: Dice;
  readonly #graft: Graft;
  readonly #weather: Weather;
  readonly #watch: DiskWatch;
  #process: Process | null = null;
  #stopping = false;
  #movedIn = false;
  peaceSinceMs: number | null = null;

  constructor(parts: WorldParts) {
    this.#scene = parts.scene;
    this.#plan = parts.plan;
    this.#users = parts.users;
    this.#dice = parts.dice;
    this.#graft = parts.graft;
    this.#watch = new DiskWatch(parts.scene);
    this.#weather = {
      faultRate: 0,
      delayMs: parts.plan.storeDelayMs,
      deathAtCommit: null,
      die: (how) => this.#crash(how === 'before' ? 'before a commit' : 'after a commit'),
    };
  }

  /** Sets everything that is going to befall it. */
  begin(): void {
    this.#scene.kill = () => this.#crash('by a delivery');
    const plan = this.#plan;
    const dice = this.#dice;
    this.#start();
    const anchors = Array.from({ length: dice.whole(1, 5) }, () => dice.whole(100, plan.activeMs));
    // Most things happen close to others: a crash in an idle hour shows little.
    const when = (spreadMs: number): number => {
      const anchor = dice.any(anchors) ?? 100;
      return dice.chance(0.75) ? Math.min(plan.activeMs, anchor + Math.floor(dice.unit() ** 3 * spreadMs)) : dice.whole(100, plan.activeMs);
    };
    for (let i = 0; i < plan.userSteps; i++) this.#at(when(40_000), () => this.#users.act());
    for (let i = 0; i < plan.turnsOfMood; i++) this.#at(when(60_000), () => this.#turnMood());
    for (let i = 0; i < plan.faultSpells; i++) this.#at(when(20_000), () => this.#spell(dice.pick([200, 2_000, 10_000, 60_000])));
    for (let i = 0; i < plan.stops; i++) this.#at(when(40_000), () => this.#stop(dice.weighted(STOPS)));
    this.#at(plan.activeMs + 60_000, () => this.#makePeace());
  }

  /** Whether everything that was begun is done. */
  isOver(): boolean {
    const scene = this.#scene;
    if (scene.life === null || scene.waitingUsers > 0 || scene.storeCalls > 0 || scene.flights.size > 0 || scene.steps % 8 !== 0)
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
    const stepsMax = this.#plan.retentionDays === Infinity ? REST_STEPS_MAX : RETENTION_STEPS_MAX;
    let steps = 0;
    for (; (time.nextMs ?? untilMs) < untilMs && this.#scene.finding === null; steps++) {
      time.step();
      this.#scene.steps += 1;
      await settle();
      this.#scene.tell((watcher) => watcher.step?.());
      if (steps > stepsMax) return this.#scene.found('rest is quiet', `more than ${stepsMax} steps while there was nothing to do`);
    }
    const engine = this.#process?.engine;
    const process = this.#process;
    if (engine === undefined || engine === null || process === null) return this.#scene.found('rest is quiet', 'no engine runs in the end');
    let closed = false;
    void engine.close({ graceMs: 5_000 }).then(() => (closed = true));
    for (let i = 0; i < 200 && !closed; i++) {
      await settle();
      if (!closed && !time.step()) break;
    }
    if (!closed) this.#scene.found('rest is quiet', 'the engine does not close');
    else this.#leavesNothing(process, 'a closed engine');
  }

  #at(delayMs: number, run: () => void): void {
    this.#scene.time.after(ALWAYS, delayMs, run);
  }

  #start(): void {
    if (this.#process !== null) return;
    const scene = this.#scene;
    const process = new Process(
      { scene, plan: this.#plan, weather: this.#weather, watch: this.#watch, graft: this.#graft },
      this.#dice.fork(),
    );
    this.#process = process;
    scene.trace.say('world', 'a process starts');
    if (this.peaceSinceMs === null && this.#dice.chance(0.2))
      this.#at(this.#dice.whole(0, 2 * this.#plan.storeDelayMs), () => this.#killStarting(process));
    process.start().then(
      (engine) => this.#started(process, engine),
      (error: unknown) => {
        if (!process.alive) return;
        scene.trace.say('world', `the process cannot start: ${String(error)}`);
        this.#leavesNothing(process, 'an engine that could not start');
        process.die('stopped');
        this.#process = null;
        this.#at(START_AGAIN_MS, () => this.#start());
      },
    );
  }

  #started(process: Process, engine: Engine): void {
    if (!process.alive) return;
    this.#scene.trace.say('world', 'the engine runs');
    this.#users.meet(engine);
    if (!this.#movedIn) this.#users.moveIn();
    this.#movedIn = true;
    if (this.peaceSinceMs !== null) this.#users.makePeace();
  }

  #stop(stop: Stop): void {
    const process = this.#process;
    if (process === null || this.#stopping) return;
    switch (stop) {
      case 'between steps':
        return this.#crash(process.engine === null ? 'while starting' : 'between steps');
      case 'before a commit':
        this.#weather.deathAtCommit = 'before';
        return;
      case 'after a commit':
        this.#weather.deathAtCommit = 'after';
        return;
      case 'clean stop':
        if (process.engine !== null) this.#close(process, process.engine);
        return;
      default:
        stop satisfies never;
    }
  }

  #crash(how: 'between steps' | 'before a commit' | 'after a commit' | 'while starting' | 'by a delivery'): void {
    const process = this.#process;
    if (process === null) return;
    this.#scene.tallies.count(`stop: ${process.engine === null && how !== 'by a delivery' ? 'while starting' : how}`);
    this.#gone(process, `the process dies ${how}`, true);
    this.#scene.killer = null;
  }

  #killStarting(process: Process): void {
    if (this.#process === process && process.engine === null) this.#crash('while starting');
  }

  #close(process: Process, engine: Engine): void {
    this.#stopping = true;
    this.#scene.tallies.count('stop: clean stop');
    this.#scene.trace.say('world', 'the engine is asked to stop');
    void engine.close({ graceMs: this.#dice.pick([0, 1_000, 30_000]) }).then(() => {
      if (!process.alive) return;
      this.#leavesNothing(process, 'a closed engine');
      // What the store had been asked before it closed is still answered.
      this.#at(2 * this.#plan.storeDelayMs + 1, () => {
        if (!process.alive) return;
        const { waitingFor } = this.#users;
        if (waitingFor.length > 0) this.#scene.found('rest is quiet', `a closed engine never answers: ${waitingFor.join('; ')}`);
        this.#gone(process, 'the engine has stopped', false);
      });
    });
  }

  #leavesNothing(process: Process, who: string): void {
    const timers = this.#scene.time.timersOf(process);
    if (timers > 0) this.#scene.found('rest is quiet', `${who} leaves ${timers} timers behind`);
  }

  #gone(process: Process, what: string, byForce: boolean): void {
    const end = !byForce ? 'stopped' : this.#stopping ? 'killed while stopping' : 'killed';
    this.#stopping = false;
    this.#scene.trace.say('world', what);
    process.die(end);
    this.#process = null;
    this.#users.lose();
    this.#at(this.#dice.pick([1, 500, 20_000, 3_600_000]), () => this.#start());
  }

  #spell(ms: number): void {
    this.#weather.faultRate = this.#plan.faultRate;
    this.#scene.trace.say('world', `the store is faulty for ${ms} ms`);
    this.#at(ms, () => (this.#weather.faultRate = 0));
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
    this.#start();
  }
}
