// Slot: a place where one process of the engine runs at a time. It starts it, stops it, kills it, freezes it and cuts it off
// from the store, and starts the next one when it is gone.

import type { Engine } from '../src/engine.ts';
import type { Dice } from './dice.ts';
import type { DiskWatch } from './disk-watch.ts';
import type { Weather } from './faulty-store.ts';
import type { Plan } from './plan.ts';
import { Process, type Graft } from './process.ts';
import type { Scene } from './scene.ts';
import type { Users } from './users.ts';
import type { Owner } from './virtual-time.ts';

export interface SlotParts {
  readonly name: string;
  readonly scene: Scene;
  readonly plan: Plan;
  readonly users: Users;
  readonly dice: Dice;
  readonly graft: Graft;
  readonly weather: Weather;
  readonly watch: DiskWatch;
  /** An engine runs. */
  readonly onStarted: (engine: Engine, process: Process) => void;
  readonly isPeace: () => boolean;
}

export type Stop = 'between steps' | 'before a commit' | 'after a commit' | 'clean stop';

const ALWAYS: Owner = { alive: true };
const START_AGAIN_MS = 1_000;

export class Slot {
  readonly #parts: SlotParts;
  readonly #scene: Scene;
  readonly #dice: Dice;
  process: Process | null = null;
  #stopping = false;

  constructor(parts: SlotParts) {
    this.#parts = parts;
    this.#scene = parts.scene;
    this.#dice = parts.dice;
  }

  /** Whether it is neither starting nor stopping. */
  get isSettled(): boolean {
    return !this.#stopping && (this.process === null || this.process.engine !== null);
  }

  start(): void {
    if (this.process !== null) return;
    const { scene, plan, weather, watch, graft, name, isPeace, onStarted } = this.#parts;
    const parts = { scene, plan, weather, watch, graft, name };
    const process: Process = new Process(
      {
        ...parts,
        onKill: () => this.crash('by a delivery', process),
        onSuperseded: () => this.#superseded(process),
      },
      this.#dice.fork(),
    );
    this.process = process;
    this.#say('a process starts');
    if (!isPeace() && this.#dice.chance(0.2)) this.#at(this.#dice.whole(0, 2 * plan.storeDelayMs), () => this.#killStarting(process));
    process.start().then(
      (engine) => {
        if (!process.alive) return;
        this.#say('the engine runs');
        onStarted(engine, process);
      },
      (error: unknown) => {
        if (!process.alive) return;
        this.#say(`the process cannot start: ${String(error)}`);
        this.#leavesNothing('an engine that could not start');
        process.die('stopped');
        this.process = null;
        this.#at(START_AGAIN_MS, () => this.start());
      },
    );
  }

  stop(stop: Stop): void {
    const { process } = this;
    if (process === null || this.#stopping) return;
    switch (stop) {
      case 'between steps':
        return this.crash(process.engine === null ? 'while starting' : 'between steps');
      case 'before a commit':
        this.#parts.weather.deathAtCommit = 'before';
        return;
      case 'after a commit':
        this.#parts.weather.deathAtCommit = 'after';
        return;
      case 'clean stop':
        if (process.engine !== null && !process.frozen) this.#close(process, process.engine, this.#dice.pick([0, 1_000, 30_000]));
        return;
      default:
        stop satisfies never;
    }
  }

  crash(how: 'between steps' | 'before a commit' | 'after a commit' | 'while starting' | 'by a delivery', only?: object): void {
    const { process } = this;
    if (process === null || (only !== undefined && only !== process)) return;
    this.#scene.tallies.count(`stop: ${process.engine === null && how !== 'by a delivery' ? 'while starting' : how}`);
    this.#gone(process, `the process dies ${how}`, true);
    this.#scene.killer = null;
  }

  /** All of it stands still for a while (SIGSTOP), and goes on (SIGCONT). */
  freeze(ms: number): void {
    const { process } = this;
    if (process === null || process.frozen) return;
    this.#scene.tallies.count('cluster: frozen');
    this.#say(`the process is frozen for ${ms} ms`);
    this.#scene.trouble(true);
    process.freeze();
    this.#at(ms, () => {
      this.#scene.trouble(false);
      if (!process.alive) return;
      this.#say('the process goes on');
      process.thaw();
    });
  }

  /** Nothing passes between it and the store for a while. */
  cut(ms: number): void {
    const { process } = this;
    if (process === null || process.cutOff) return;
    this.#scene.tallies.count('cluster: cut off');
    this.#say(`the process is cut off from the store for ${ms} ms`);
    this.#scene.trouble(true);
    process.cutOff = true;
    this.#at(ms, () => {
      this.#scene.trouble(false);
      process.cutOff = false;
      if (process.alive) this.#say('the process reaches the store again');
    });
  }

  #superseded(process: Process): void {
    this.#scene.tallies.count('cluster: superseded');
    this.#say('others have ended its lease');
    const { engine } = process;
    // It may have been so before it ran; then it is asked again when it does.
    if (process !== this.process || this.#stopping) return;
    if (engine === null) this.#at(100, () => process.alive && this.#superseded(process));
    else this.#close(process, engine, 0);
  }

  #killStarting(process: Process): void {
    if (this.process === process && process.engine === null) this.crash('while starting');
  }

  #close(process: Process, engine: Engine, graceMs: number): void {
    const { users, plan } = this.#parts;
    this.#stopping = true;
    this.#scene.tallies.count('stop: clean stop');
    this.#say('the engine is asked to stop');
    void engine.close({ graceMs }).then(() => {
      if (!process.alive) return;
      this.#leavesNothing('a closed engine');
      // What the store had been asked before it closed is still answered; among nodes also what follows from that.
      this.#at((this.#scene.isShared ? 8 : 2) * plan.storeDelayMs + 1, () => {
        if (!process.alive) return;
        const waiting = users.waitingFor(engine);
        if (waiting.length > 0) this.#scene.found('rest is quiet', `a closed engine never answers: ${waiting.join('; ')}`);
        this.#gone(process, 'the engine has stopped', false);
      });
    });
  }

  /** Closes it for good; resolves when it is closed. */
  async end(): Promise<void> {
    const engine = this.process?.engine;
    if (engine === undefined || engine === null) return this.#scene.found('rest is quiet', 'no engine runs in the end');
    await engine.close({ graceMs: 5_000 });
    this.#leavesNothing('a closed engine');
  }

  #leavesNothing(who: string): void {
    const timers = this.process === null ? 0 : this.#scene.time.timersOf(this.process);
    if (timers > 0) this.#scene.found('rest is quiet', `${who} leaves ${timers} timers behind`);
  }

  #gone(process: Process, what: string, byForce: boolean): void {
    const end = !byForce ? 'stopped' : this.#stopping ? 'killed while stopping' : 'killed';
    const { engine } = process;
    this.#stopping = false;
    this.#say(what);
    process.die(end);
    this.process = null;
    if (engine !== null) this.#parts.users.lose(engine);
    this.#at(this.#dice.pick([1, 500, 20_000, 3_600_000]), () => this.start());
  }

  #say(what: string): void {
    this.#scene.trace.say('world', this.#scene.isShared ? `${this.#parts.name}: ${what}` : what);
  }

  #at(delayMs: number, run: () => void): void {
    this.#scene.time.after(ALWAYS, delayMs, run);
  }
}
