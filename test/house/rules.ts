// The house rules that a linter does not know, each with samples that break it and samples that keep it.
//
// A rule says where a source breaks it, or nothing. test/tidy.test.ts first shows each rule failing on its bad samples, then
// holds the house to it. An exception is named beside its rule, with its reason, or does not exist.

import { fileName, header, length, listedExports, namedExports } from './form.ts';
import type { Rule } from './rule.ts';
import { arrows, noAmbient } from './walls.ts';
import { glossary, noEscape, noSkips } from './wording.ts';

export const RULES: readonly Rule[] = [
  header,
  length,
  fileName,
  namedExports,
  listedExports,
  glossary,
  noEscape,
  noSkips,
  arrows,
  noAmbient,
];
