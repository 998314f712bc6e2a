// A house rule: a claim about sources, a check that finds where one breaks it, and samples that break and keep it.

import type { Source } from './source.ts';

export interface Rule {
  /** A sentence that can be false. */
  readonly claim: string;
  applies(path: string): boolean;
  /** One line for each place that breaks it. */
  check(source: Source): readonly string[];
  readonly bad: readonly Sample[];
  readonly good: readonly Sample[];
}

type Sample = readonly [path: string, text: string];

export const isPackageSource = (path: string): boolean => /^packages\/[^/]+\/src\//.test(path);
export const isTest = (path: string): boolean => /(^|\/)(test|simulation)\//.test(path);
export const everywhere = (): boolean => true;
