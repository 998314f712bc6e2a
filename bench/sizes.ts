// Sizes of runs: the full one, the quick one, and the smallest, which only shows that a scenario works.

interface Size {
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly backlog: number;
  readonly depth: number;
  readonly manyEndpoints: number;
}

export const FULL: Size = { seconds: 8, warmUpSeconds: 3, backlog: 1_000_000, depth: 1_000_000, manyEndpoints: 100_000 };

export const QUICK: Size & { readonly names: readonly string[] } = {
  seconds: 2,
  warmUpSeconds: 1,
  backlog: 100_000,
  depth: 50_000,
  manyEndpoints: 5_000,
  names: ['limit', 'steady', 'batch', 'tls', 'drain'],
};

export const SMALLEST: Size = { seconds: 0.2, warmUpSeconds: 0.1, backlog: 500, depth: 500, manyEndpoints: 100 };
