// Process: one life of the engine, from its start to its death. Dying, it leaves everything where it is: timers, promises,
// connections. Only the disk survives it.

import { createEngine } from '../src/create-engine.ts';
import type { Engine } from '../src/engine.ts';
import type { Log } from '../src/ports.ts';
import type { Sender } from '../src/send/order.ts';
import { modelStore } from '../src/store/model.ts';
import type { Store } from '../src/store/store.ts';
import type { Dice } from './dice.ts';
import type { DiskWatch } from './disk-watch.ts';
import { FaultyStore, type Weather } from './faulty-store.ts';
import { ModelSender } from './model-sender.ts';
import type { Plan } from './plan.ts';
import type { Scene } from './scene.ts';
import { clockOf, within, type Owner } from './virtual-time.ts';

/** Puts something between the engine and a port: how the mutants are planted. */
export interface Ports {
  readonly store: Store;
  readonly sender: Sender;
}
export type Graft = (ports: Ports, scene: Scene) => Ports;

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
    const ports = graft({ store: faulty, sender: new ModelSender(scene, within(this)) }, scene);
    const engine = await createEngine({
      ...ports,
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
  die(): void {
    const { scene } = this.#parts;
    this.alive = false;
    this.engine = null;
    scene.life = null;
    scene.flights.clear();
    scene.storeCalls = 0;
    scene.disk.crash();
    scene.tell((watcher) => watcher.stopped?.());
  }
}

function logInto({ trace }: Scene): Log {
  const say =
    (level: string): Log['info'] =>
    (message, fields = {}) =>
      trace.say(level, `${message}${Object.keys(fields).length === 0 ? '' : ` ${JSON.stringify(fields)}`}`);
  return { debug() {}, info: say('info'), warn: say('warn'), error: say('error') };
}
