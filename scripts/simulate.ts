// Runs the simulation of the engine: `npm run simulate -- --seeds 100000 --from 1`, or `--seed 4711` for one seed with
// everything that happens in it; `--nodes 3` has so many nodes share the store. A seed that finds something is printed and stops the run with exit code 1.

import { parseArgs } from 'node:util';
import { simulate } from '../packages/engine/simulation/simulate.ts';
import { Tallies } from '../packages/engine/simulation/tallies.ts';

const PROGRESS_EVERY = 1_000;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    nodes: { type: 'string' },
    all: { type: 'boolean', default: false },
  },
});

/** How many nodes share the store in every run; drawn by the seed when not said. */
const cluster = values.nodes === undefined ? {} : { plan: { nodes: Number(values.nodes) } };

if (values.seed === undefined) await many(Number(values.from), Number(values.seeds));
else await one(Number(values.seed));

/** Replays one seed and tells everything. */
async function one(seed: number): Promise<void> {
  const { trace, finding, hash, steps, elapsedMs } = await simulate(seed, { traced: true, ...cluster });
  for (const line of trace) console.log(line);
  console.log(`seed ${seed}: ${steps} steps, ${(elapsedMs / 86_400_000).toFixed(1)} days, trace ${hash}`);
  console.log(finding === null ? 'nothing found' : `found: ${finding.message}`);
  if (finding !== null) process.exitCode = 1;
}

/** Runs many, stops at the first that finds something (`--all`: goes on), and tells what was seen. */
async function many(from: number, count: number): Promise<void> {
  const tallies = new Tallies();
  const startedMs = performance.now();
  let elapsedMs = 0;
  let found = 0;
  let done = 0;
  for (let seed = from; seed < from + count; seed++) {
    const result = await simulate(seed, cluster);
    tallies.add(result.tallies);
    elapsedMs += result.elapsedMs;
    done += 1;
    if (result.finding !== null) {
      found += 1;
      console.log(`seed ${seed} found: ${result.finding.message}`);
      if (!values.all) break;
    }
    if (done % PROGRESS_EVERY === 0) console.log(`${done} seeds, ${found} found something, ${seconds(startedMs)} s`);
  }
  for (const [kind, times] of tallies.entries()) console.log(`${String(times).padStart(12)}  ${kind}`);
  console.log(
    `${done} seeds from ${from}, ${(elapsedMs / 86_400_000).toFixed(0)} simulated days in ${seconds(startedMs)} s, ${found} found something`,
  );
  if (found > 0) {
    console.log(`Replay one with: npm run simulate -- --seed N${values.nodes === undefined ? '' : ` --nodes ${values.nodes}`}`);
    process.exitCode = 1;
  }
}

function seconds(sinceMs: number): string {
  return ((performance.now() - sinceMs) / 1_000).toFixed(1);
}
