// The engine under simulation: users, receivers, crashes and store faults over weeks of virtual time, by hundreds of seeds;
// alone on its store, and as nodes that share one.
//
// `npm run simulate -- --seed N --nodes 3` replays one; `--seeds 100000` runs more of them than a test has time for.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CLUSTER_MUTANTS } from '../simulation/mutants-cluster.ts';
import { MUTANTS as LONE_MUTANTS } from '../simulation/mutants.ts';
import { CLAIMS } from '../simulation/scene.ts';
import { simulate } from '../simulation/simulate.ts';
import { Tallies } from '../simulation/tallies.ts';

const MUTANTS = [...LONE_MUTANTS, ...CLUSTER_MUTANTS];
/** How many runs of so many nodes. Nodes ask each other for news all the time: such a run takes ten times as long. */
const SEEDS = new Map([
  [1, 200],
  [2, 20],
  [3, 15],
  [4, 10],
]);
/** Seeds that a mutant may live through before it counts as unnoticed. */
const MUTANT_SEEDS = 60;
/** What waits for weeks because of a planted bug is left to the next seed. */
const MUTANT_STEPS = 20_000;

describe('the engine under simulation', () => {
  const tallies = new Tallies();

  for (const [nodes, seeds] of SEEDS) {
    it(`keeps every claim over ${seeds} seeds of users, receivers, crashes and store faults, with ${nodes} node${nodes === 1 ? '' : 's'}`, async () => {
      const found: string[] = [];
      for (let seed = 1; seed <= seeds && found.length < 5; seed++) {
        const result = await simulate(seed, { plan: { nodes } });
        tallies.add(result.tallies);
        if (result.finding !== null)
          found.push(`seed ${seed}: ${result.finding.message} (npm run simulate -- --seed ${seed} --nodes ${nodes})`);
      }
      assert.deepEqual(found, []);
    });
  }

  it('has met every kind of publish, outcome, deed, fault, stop and transition in them', () => {
    assert.deepEqual(tallies.missing, []);
  });

  it('goes the same way each time for the same seed, and another way for another', async () => {
    const hashes = new Set<string>();
    for (const seed of [3, 77, 500]) {
      const first = await simulate(seed);
      const second = await simulate(seed, { traced: true });
      assert.equal(second.hash, first.hash, `seed ${seed}`);
      assert.equal(second.steps, first.steps);
      assert.ok(second.trace.length > 10);
      hashes.add(first.hash);
    }
    assert.equal(hashes.size, 3);
  });
});

describe('each claim is seen to fail', () => {
  it('by a mutant of its own', () => {
    const missing = CLAIMS.filter((claim) => !MUTANTS.some((mutant) => mutant.claim === claim));
    assert.deepEqual(missing, []);
  });

  for (const { claim, name, graft, plan = {} } of MUTANTS) {
    it(`${claim}: ${name} is found out`, async () => {
      for (let seed = 1; seed <= MUTANT_SEEDS; seed++) {
        const { finding } = await simulate(seed, { graft, only: claim, stepsMax: MUTANT_STEPS, plan });
        if (finding === null) continue;
        assert.equal(finding.claim, claim);
        return;
      }
      assert.fail(`nobody noticed in ${MUTANT_SEEDS} seeds`);
    });
  }
});
