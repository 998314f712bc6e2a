// Process: one life of the engine, from its start to its death. Dying, it leaves everything where it is: timers, promises,
// connections. Only the disk survives it. Frozen, it does nothing at all, and goes on later as if nothing had been.

import { createEngine } from '../src/create-engine.ts';
import type { Engine } from '../src/engine.ts';
import type { EngineStatus } from '../src/engine-status.ts';
import { NO_FLIGHT_FILE, type FlightFile } from '../src/flight/flight-file.ts';
import type { Log } from '../src/ports.ts';
import type { Sender } from '../src/send/order.ts';
import type { Sharing, Store } from '../src/store/store.ts';
import type { Dice } from './dice.ts';
import type { DiskWatch } from './disk-watch.ts';
import { FaultyStore, type Weather } from './faulty-store.ts';
import { ModelSender, type SendingHost } from './model-sender.ts';
import type { Plan } from './plan.ts';
import type { End, Scene } from './scene.ts';
import type { StoreHost } from './store-road.ts';
import { clockOf, within, type Owner } from './virtual-time.ts';

/** Puts something between the engine and a port: how the mutants are planted. */
export interface Ports {
  readonly store: Store;
  readonly sender: Sender;
  readonly flightFile: FlightFile;
}
export type Graft = (ports: Ports, scene: Scene) => Partial<Ports>;

export interface ProcessParts {
  readonly scene: Scene;
  readonly plan: Plan;
  readonly name: string;
  readonly weather: Weather;
  readonly watch: DiskWatch;
  readonly graft: Graft;
  /** A delivery kills it. */
  readonly onKill: () => void;
  /** Others have ended its lease. */
  readonly onSuperseded: () => void;
}

const MASTER_KEY = 'm'.repeat(40);
const MINUTE_MS = 60_000;

export class Process implements StoreHost, SendingHost {
  readonly #parts: ProcessParts;
  readonly #dice: Dice;
  readonly aheadMs: number;
  alive = true;
  frozen = false;
  /** Whether nothing of it reaches the store, nor the other way. */
  cutOff = false;
  engine: Engine | null = null;
  sharing: Sharing | null = null;
  storeCalls = 0;
  /** What others asked of it while it was frozen. */
  readonly #asked: (() => void)[] = [];

  constructor(parts: ProcessParts, dice: Dice) {
    this.#parts = parts;
    this.#dice = dice;
    this.aheadMs = parts.scene.isShared ? dice.whole(-10 * MINUTE_MS, 10 * MINUTE_MS) : 0;
  }

  get name(): string {
    return this.#parts.name;
  }

  /** Resolves when it runs; rejects when it could not start; does neither when it died meanwhile. */
  async start(): Promise<Engine> {
    const { scene, plan, weather, watch, graft } = this.#parts;
    scene.hosts.add(this);
    const faulty = new FaultyStore({ scene, dice: this.#dice.fork(), weather, host: this, watch });
    this.sharing = faulty.sharing ?? null;
    const flightFile = scene.isShared ? NO_FLIGHT_FILE : flightFileOf(scene, this);
    const ports: Ports = { store: faulty, sender: new ModelSender(scene, within(this), this), flightFile };
    const engine = await createEngine({
      ...ports,
      ...graft(ports, scene),
      clock: clockOf(scene.time, this, { aheadMs: this.aheadMs, beatMs: plan.pollMs }),
      randomness: this.#dice.fork(),
      masterKey: MASTER_KEY,
      limits: { ...plan.limits, pollMs: plan.pollMs },
      retentionDays: plan.retentionDays,
      onSuperseded: () => this.#parts.onSuperseded(),
      log: logInto(scene, scene.isShared ? `${this.name} ` : ''),
    });
    if (!this.alive) return engine;
    this.engine = engine;
    return engine;
  }

  status(): EngineStatus | null {
    return this.engine?.status() ?? null;
  }

  kill(): void {
    this.#parts.onKill();
  }

  /** Does something in the process, once it is not frozen. */
  enter(work: () => void): void {
    if (this.frozen) this.#asked.push(work);
    else work();
  }

  freeze(): void {
    this.frozen = true;
  }

  thaw(): void {
    this.frozen = false;
    this.#parts.scene.time.thaw();
    for (const work of this.#asked.splice(0)) if (this.alive) work();
  }

  /** Nothing of it happens any more. */
  die(end: End): void {
    const { scene } = this.#parts;
    this.alive = false;
    this.engine = null;
    scene.tell((watcher) => watcher.stopped?.(end, this));
    scene.gone(this);
    this.storeCalls = 0;
    if (!scene.isShared) scene.disk.crash();
  }
}

/** The flight file, as the system keeps it when a process is killed. A dead process writes nothing more. */
function flightFileOf(scene: Scene, process: Owner): FlightFile {
  return {
    read: () => scene.flightFile?.slice() ?? null,
    write(bytes, start, end) {
      if (!process.alive) return;
      scene.flightFile ??= new Uint8Array(bytes.length);
      scene.flightFile.set(bytes.subarray(start, end), start);
    },
    close(keep) {
      if (process.alive && !keep) scene.flightFile = null;
    },
  };
}

function logInto({ trace }: Scene, name: string): Log {
  const say =
    (level: string): Log['info'] =>
    (message, fields = {}) =>
      trace.say(level, `${name}${message}${Object.keys(fields).length === 0 ? '' : ` ${JSON.stringify(fields)}`}`);
  return { debug() {}, info: say('info'), warn: say('warn'), error: say('error') };
}
