// Simulate: one seed, one run. Weeks of an engine's life with users, receivers, crashes and store faults; then the faults
// stop, everything gets its time, and what must hold in the end is looked at.
//
// The engine is the real one; only its ports are simulated. Every step is one entry of virtual time and all the promises
// that follow from it, so that a seed gives the same run every time.

import { ModelDisk } from '../src/store/model-disk.ts';
import { watchers } from './checks/all.ts';
import { Dice } from './dice.ts';
import { Network } from './network.ts';
import { drawPlan, type Plan } from './plan.ts';
import type { Graft } from './process.ts';
import { Scene, type Claim, type Finding } from './scene.ts';
import { Tallies } from './tallies.ts';
import { Trace } from './trace.ts';
import { Users } from './users.ts';
import { settle, VirtualTime } from './virtual-time.ts';
import { World } from './world.ts';

export interface RunOptions {
  /** Keeps the trace as text. */
  readonly traced?: boolean;
  /** Plants a bug. */
  readonly graft?: Graft;
  /** Judges this claim alone. */
  readonly only?: Claim;
  /** What of the plan is not left to the dice. */
  readonly plan?: Partial<Plan>;
  /** Ends a run that makes more steps: a planted bug may leave something waiting for weeks. */
  readonly stepsMax?: number;
}

export interface RunResult {
  readonly seed: number;
  readonly plan: Plan;
  readonly finding: Finding | null;
  readonly tallies: Tallies;
  readonly hash: string;
  readonly trace: readonly string[];
  readonly steps: number;
  readonly elapsedMs: number;
}

/** What is pending after this long with all faults stopped is lost. */
const PATIENCE_MS = 40 * 24 * 3_600_000;
/** A node that cannot hear of others sends on for as long as its lease holds. */
const NEWS_MS = 3_500;
/** A run that makes more steps than this spins. (A replay that waits for a receiver's Retry-After looks twice a second.) */
const STEPS_MAX = 3_000_000;

export async function simulate(seed: number, options: RunOptions = {}): Promise<RunResult> {
  const dice = new Dice(seed);
  const plan = drawPlan(dice.fork(), options.plan);
  const tallies = new Tallies();
  const time = new VirtualTime();
  const trace = new Trace(options.traced ?? false, () => time.elapsedMs);
  const network = new Network(dice.fork(), tallies);
  const newsMs = plan.nodes === 1 ? null : NEWS_MS + 4 * plan.pollMs + 8 * plan.storeDelayMs;
  const disk = new ModelDisk({ nowMs: () => time.nowMs });
  const scene = new Scene({ time, disk, network, tallies, trace }, options.only ?? null, newsMs);
  const users = new Users(scene, dice.fork(), plan);
  scene.watch(watchers(scene, plan, users));
  const world = new World({ scene, plan, users, dice: dice.fork(), graft: options.graft ?? ((ports) => ports) });
  trace.say('plan', JSON.stringify(plan));
  const escaped = (error: unknown): void =>
    scene.found('no error escapes', error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.on('unhandledRejection', escaped);
  try {
    world.begin();
    await run(scene, world, options.stepsMax ?? STEPS_MAX);
    if (scene.finding === null) await world.rest();
  } catch (error) {
    escaped(error);
  } finally {
    await settle(); // what a finding cut short still falls
    process.off('unhandledRejection', escaped);
  }
  const { finding, steps } = scene;
  return { seed, plan, finding, tallies, hash: trace.hash, trace: trace.lines, steps, elapsedMs: time.elapsedMs };
}

/** Steps until everything has come to its end, or something is found. */
async function run(scene: Scene, world: World, stepsMax: number): Promise<void> {
  const { time } = scene;
  await settle();
  for (;;) {
    scene.tell((watcher) => watcher.step?.());
    if (scene.finding !== null) return;
    if (world.peaceSinceMs !== null) {
      if (world.isOver()) break;
      if (time.nowMs > world.peaceSinceMs + PATIENCE_MS) break;
    }
    if (!(await world.step())) return scene.found('rest is quiet', 'nothing happens any more, and not all is done');
    if (scene.steps > stepsMax) return scene.found('rest is quiet', `still busy after ${stepsMax} steps`);
  }
  scene.tell((watcher) => watcher.end?.());
  if (scene.waitingUsers > 0) scene.found('rest is quiet', `${scene.waitingUsers} users were never answered`);
}
