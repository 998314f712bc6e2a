// Users: people and programs who use the engine, as the dice will have it. They know only what they are answered, and a
// publisher who gets no answer, or is told to come again, publishes again with the same id.

import {
  OPERATIONAL_TENANT,
  WaxwingError,
  type Endpoint,
  type EndpointInput,
  type EndpointPatch,
  type ReplayableState,
} from '@waxwing/protocol';
import type { Engine } from '../src/engine.ts';
import { DEEDS } from './deeds.ts';
import type { Dice } from './dice.ts';
import { Directory, type Known } from './directory.ts';
import { drawEndpoint, drawPatch } from './draw-endpoint.ts';
import { Publishers } from './publishers.ts';
import type { Plan } from './plan.ts';
import type { Scene } from './scene.ts';
import type { Owner } from './virtual-time.ts';

const WORLD: Owner = { alive: true };
const AGAIN_MS = 1_500;
const LOOK_AGAIN_MS = 3_600_000;

/** The process that an engine runs in. */
export interface Entered {
  readonly name: string;
  /** Does something in it, once it is not frozen. */
  enter(work: () => void): void;
}

export interface Answer<T> {
  readonly done: (result: T) => void;
  /** Null: there was no answer. */
  readonly failed: (error: WaxwingError | null) => void;
}

export class Users {
  readonly directory: Directory = new Directory();
  readonly publishers: Publishers;
  readonly #scene: Scene;
  readonly #dice: Dice;
  readonly #plan: Plan;
  readonly #tenants: readonly [string, ...string[]];
  /** Who waits for an answer: how to give up, what was asked, and whom. */
  readonly #waiting = new Map<() => void, { readonly what: string; readonly engine: Engine }>();
  /** The engines that run, each with the process that it runs in. */
  readonly #engines: { readonly engine: Engine; readonly process: Entered }[] = [];
  #urls = 0;
  readonly #going = { alive: true };
  /** Requests that will be made again. */
  #insisting = 0;
  /** Who asks again when a process runs. */
  readonly #away: (() => void)[] = [];
  #freeing = false;

  constructor(scene: Scene, dice: Dice, plan: Plan) {
    this.#scene = scene;
    this.#dice = dice;
    this.#plan = plan;
    this.#tenants = ['acme', ...['bolt', 'core'].slice(0, plan.tenants - 1)];
    this.publishers = new Publishers(scene, dice.fork(), this.#tenants, plan.poison, plan.killers, this);
  }

  /** A process runs. */
  meet(engine: Engine, process: Entered): void {
    this.#engines.push({ engine, process });
    for (const again of this.#away.splice(0)) this.#scene.time.after(WORLD, AGAIN_MS, again);
  }

  /** It does not any more: nobody who waits will be answered. */
  lose(engine: Engine): void {
    const at = this.#engines.findIndex((met) => met.engine === engine);
    if (at !== -1) this.#engines.splice(at, 1);
    const waiting = [...this.#waiting].filter(([, asked]) => asked.engine === engine);
    for (const [giveUp] of waiting) this.#waiting.delete(giveUp);
    for (const [giveUp] of waiting) giveUp();
  }

  /** Whether nobody waits for an answer or will ask again. */
  get isAtRest(): boolean {
    return this.#waiting.size === 0 && this.#insisting === 0 && this.publishers.comingBack === 0;
  }

  /** What an engine is asked and does not answer. */
  waitingFor(engine: Engine): readonly string[] {
    return [...this.#waiting.values()].flatMap((asked) => (asked.engine === engine ? [asked.what] : []));
  }

  /** Tenants and their first endpoints. */
  moveIn(): void {
    for (const tenant of this.#tenants)
      this.#insist(
        (engine) => engine.tenants.put(tenant, {}),
        () => undefined,
      );
    for (let i = 0; i < this.#plan.endpoints; i++) this.#create();
    if (this.#plan.notices) this.#create(OPERATIONAL_TENANT);
  }

  /** Everything that is held is set free; beside that, users only wait for what they have begun. */
  makePeace(): void {
    if (!this.#freeing) this.#free();
    this.#freeing = true;
  }

  /** Nobody does anything any more. */
  goHome(): void {
    this.#going.alive = false;
  }

  /** One deed, drawn. */
  act(): void {
    const deed = this.#dice.weighted(DEEDS);
    if (deed === 'publish') return this.publishers.publish();
    if (deed === 'create') return this.#create();
    if (deed === 'replay' || deed === 'stop a replay') return this.#plan.replays ? this.#replay(deed) : undefined;
    const known = this.#dice.any(this.directory.standing());
    if (known === undefined) return;
    this.#scene.tallies.count(`user: ${deed}`);
    switch (deed) {
      case 'edit':
        return this.#update(known, drawPatch(this.#dice));
      case 'order':
        return this.#update(known, { ordering: this.#dice.pick(['none', 'fifo']) });
      case 'pause':
      case 'resume':
      case 'disable':
      case 'enable':
        return this.#setStatus(known, deed);
      case 'delete':
        return this.#delete(known);
      case 'rotate':
        return this.ask(`rotate ${known.id}`, (engine) =>
          engine.endpoints.rotateSecret(known.tenant, known.id, { graceSeconds: this.#dice.whole(0, 600) }),
        );
      case 'activate':
        return this.ask(`activate ${known.id}`, (engine) => engine.endpoints.activateSecret(known.tenant, known.id));
      case 'test':
        return this.ask(`test ${known.id}`, (engine) => engine.endpoints.test(known.tenant, known.id, { eventType: 'task.created' }));
      case 'retry':
      case 'cancel':
        return this.#handle(known.tenant, deed);
      default:
        deed satisfies never;
    }
  }

  /** Asks the engine; whoever asked is told the answer, or that there is none. */
  ask<T>(what: string, call: (engine: Engine) => Promise<T>, answer: Partial<Answer<T>> = {}): void {
    const met = this.#engines.length > 1 ? this.#dice.any(this.#engines) : this.#engines[0];
    if (met === undefined) return answer.failed?.(null);
    const { engine, process } = met;
    const { trace } = this.#scene;
    trace.say('user', this.#scene.isShared ? `${what} (asks ${process.name})` : what);
    let waiting = true;
    const giveUp = (): void => {
      waiting = false;
      this.#scene.waitingUsers -= 1;
      answer.failed?.(null);
    };
    const settled = (tell: () => void): void => {
      if (!waiting) return;
      waiting = false;
      this.#waiting.delete(giveUp);
      this.#scene.waitingUsers -= 1;
      tell();
    };
    this.#waiting.set(giveUp, { what, engine });
    this.#scene.waitingUsers += 1;
    const answered = new Promise<T>((resolve) => process.enter(() => resolve(call(engine))));
    answered.then(
      (result) => settled(() => (trace.say('user', `${what}: done`), answer.done?.(result))),
      (error: unknown) =>
        settled(() => {
          if (!(error instanceof WaxwingError)) {
            this.#scene.found('an answer means durable', `${what} was answered by something else than a WaxwingError: ${String(error)}`);
            return;
          }
          trace.say('user', `${what}: ${error.code}`);
          answer.failed?.(error);
        }),
    );
  }

  /** Asks again and again until it is done, or refused for good. */
  #insist<T>(call: (engine: Engine) => Promise<T>, done: (result: T) => void): void {
    this.ask('insists', call, {
      done,
      failed: (error) => {
        if (error !== null && error.status < 500) return;
        this.#later(() => this.#insist(call, done));
      },
    });
  }

  #create(tenant: string = this.#dice.pick(this.#tenants)): void {
    const drawn = drawEndpoint(this.#dice, ++this.#urls);
    const input: EndpointInput = tenant === OPERATIONAL_TENANT ? { ...drawn, eventTypes: ['*'], profile: 'standard' } : drawn;
    const { tallies } = this.#scene;
    this.ask(`create an endpoint of ${tenant}`, (engine) => engine.endpoints.create(tenant, input), {
      done: (endpoint) => {
        tallies.count('user: create');
        this.directory.add(endpoint, this.#scene.steps);
        this.#scene.network.changeMood(endpoint.url);
        this.#scene.tell((watcher) => watcher.configured?.(endpoint.id, endpoint));
      },
    });
  }

  #update(known: Known, patch: EndpointPatch): void {
    if (patch.eventTypes !== undefined) known.eventTypes = null;
    this.ask(`edit ${known.id} ${JSON.stringify(patch)}`, (engine) => engine.endpoints.update(known.tenant, known.id, patch), {
      done: (endpoint) => {
        if (patch.eventTypes !== undefined) {
          known.eventTypes = endpoint.eventTypes;
          known.eventTypesStep = this.#scene.steps;
        }
        this.#scene.tell((watcher) => watcher.configured?.(known.id, endpoint));
      },
    });
  }

  #setStatus(known: Known, deed: 'pause' | 'resume' | 'disable' | 'enable'): void {
    const alone = known.statusRequests === 0;
    const epoch = ++known.statusEpoch;
    known.statusRequests += 1;
    known.held = false;
    this.ask(`${deed} ${known.id}`, (engine) => engine.endpoints[deed](known.tenant, known.id), {
      done: (endpoint: Endpoint) => {
        known.statusRequests -= 1;
        known.held = alone && known.statusEpoch === epoch && (deed === 'pause' || deed === 'disable');
        known.heldMs = this.#scene.time.nowMs;
        this.#scene.tell((watcher) => watcher.configured?.(known.id, endpoint));
      },
      failed: () => void (known.statusRequests -= 1),
    });
  }

  #delete(known: Known): void {
    known.deleting = true;
    this.ask(`delete ${known.id}`, (engine) => engine.endpoints.delete(known.tenant, known.id), {
      done: () => {
        known.deletedStep = this.#scene.steps;
        known.deletedMs = this.#scene.time.nowMs;
        this.#scene.tell((watcher) => watcher.configured?.(known.id, null));
      },
    });
  }

  #replay(deed: 'replay' | 'stop a replay'): void {
    const tenant = this.#dice.pick(this.#tenants);
    this.#scene.tallies.count(`user: ${deed}`);
    if (deed === 'replay') {
      const states = this.#dice.pick<readonly ReplayableState[]>([['failed', 'skipped'], ['delivered'], ['cancelled', 'failed']]);
      return this.ask(`replay ${states.join()} of ${tenant}`, (engine) => engine.replays.create(tenant, { states }));
    }
    this.ask(`list replays of ${tenant}`, (engine) => engine.replays.list(tenant), {
      done: ({ data }) => {
        const running = this.#dice.any(data.filter(({ finishedAt }) => finishedAt === null));
        if (running !== undefined) this.ask(`stop ${running.id}`, (engine) => engine.replays.cancel(tenant, running.id));
      },
    });
  }

  /** Takes a delivery in hand: finds one in the list, then retries or cancels it. */
  #handle(tenant: string, deed: 'retry' | 'cancel'): void {
    const state = deed === 'cancel' || this.#dice.chance(0.5) ? ({ state: 'pending' } as const) : {};
    this.ask(`list deliveries to ${deed}`, (engine) => engine.deliveries.list(tenant, { limit: 30, ...state }), {
      done: ({ data }) => {
        const delivery = this.#dice.any(data);
        if (delivery === undefined) return;
        this.ask(`${deed} ${delivery.id}`, (engine) => engine.deliveries[deed](tenant, delivery.id).then(() => undefined));
      },
    });
  }

  /** Sets every held endpoint free, and looks again until none is and nobody is about to hold one. */
  #free(): void {
    this.#insist(
      (engine) => engine.endpoints.list(null, { limit: 250 }),
      ({ data }) => {
        const held = data.filter(({ status }) => status === 'paused' || status === 'disabled');
        for (const { tenant, id } of held) this.#enable(tenant, id);
        if (held.length > 0 || this.#waiting.size > 0) this.#later(() => this.#free());
        // What attempts under way mean for their endpoints comes later.
        else this.#scene.time.after(this.#going, LOOK_AGAIN_MS, () => this.#free());
      },
    );
  }

  #enable(tenant: string, id: string): void {
    const known = this.directory.get(id);
    if (known !== undefined) {
      known.held = false;
      known.statusEpoch += 1;
    }
    this.#insist(
      (engine) => engine.endpoints.enable(tenant, id),
      () => undefined,
    );
  }

  #later(run: () => void): void {
    this.#insisting += 1;
    const again = (): void => {
      this.#insisting -= 1;
      run();
    };
    // While nothing runs, nobody tries.
    if (this.#engines.length === 0) this.#away.push(again);
    else this.#scene.time.after(WORLD, AGAIN_MS, again);
  }
}
