// Process: one life of the engine, from its start to its death. Dying, it leaves everything where it is: timers, promises,
// connections. Only the disk survives it.

import { createEngine } from '../src/create-engine.ts';
import type { Engine } from '../src/engine.ts';
import type { FlightFile } from '../src/flight/flight-file.ts';
import type { Log } from '../src/ports.ts';
import type { Sender } from '../src/send/order.ts';
import { modelStore } from '../src/store/model.ts';
import type { Store } from '../src/store/store.ts';
import type { Dice } from './dice.ts';
import type { DiskWatch } from './disk-watch.ts';
import { FaultyStore, type Weather } from './faulty-store.ts';
import { ModelSender } from './model-sender.ts';
import type { Plan } from './plan.ts';
import type { End, Scene } from './scene.ts';
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
  readonly weather: Weather;
  readonly watch: DiskWatch;
  readonly graft: Graft;
}

const MASTER_KEY = 'm'.repeat(40);

export class Process implements Owner {
  readonly #parts: ProcessParts;
  readonly #dice: Dice;
  alive = true;
  engine: Engine | null = null;

  constructor(parts: ProcessParts, dice: Dice) {
    this.#parts = parts;
    this.#dice = dice;
  }

  /** Resolves when it runs; rejects when it could not start; does neither when it died meanwhile. */
  async start(): Promise<Engine> {
    const { scene, plan, weather, watch, graft } = this.#parts;
    const inner = modelStore(scene.disk);
    const faulty = new FaultyStore({ scene, dice: this.#dice.fork(), weather, process: within(this), watch, inner });
    const ports: Ports = { store: faulty, sender: new ModelSender(scene, within(this)), flightFile: flightFileOf(scene, this) };
    const engine = await createEngine({
      ...ports,
      ...graft(ports, scene),
      clock: clockOf(scene.time, this),
      randomness: this.#dice.fork(),
      masterKey: MASTER_KEY,
      limits: plan.limits,
      retentionDays: plan.retentionDays,
      log: logInto(scene),
    });
    if (!this.alive) return engine;
    this.engine = engine;
    scene.life = { status: () => engine.status() };
    return engine;
  }

  /** Nothing of it happens any more. */
  die(end: End): void {
    const { scene } = this.#parts;
    this.alive = false;
    this.engine = null;
    scene.life = null;
    scene.tell((watcher) => watcher.stopped?.(end));
    scene.flights.clear();
    scene.storeCalls = 0;
    scene.disk.crash();
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

function logInto({ trace }: Scene): Log {
  const say =
    (level: string): Log['info'] =>
    (message, fields = {}) =>
      trace.say(level, `${message}${Object.keys(fields).length === 0 ? '' : ` ${JSON.stringify(fields)}`}`);
  return { debug() {}, info: say('info'), warn: say('warn'), error: say('error') };
}
