// Nodes: several servers on one PostgreSQL, all of them taking events and delivering. The generator spreads its connections
// over them; they share the machine's CPUs with everything else here, so this shows what sharing costs, not what it gives.

import type { Scenario } from '../bench.ts';
import { storeFigures } from './stores.ts';

export const nodes: Scenario = {
  name: 'nodes',
  question: 'what do two nodes on one PostgreSQL give on this same machine, and cost?',
  async run(bench) {
    const count = Math.max(2, bench.settings.nodes);
    return {
      figures: await storeFigures(bench, { id: `nodes${count}`, what: `PostgreSQL, ${count} nodes`, store: 'postgres', nodes: count }),
      plots: [],
    };
  },
};
