// A source file as the house rules read it: its text, its syntax tree, its comments, and where a thing stands in it.
//
// Rules look at syntax, never at text that may be a string or a comment, save where the text itself is the matter.

import { parseSync, Visitor, type Comment, type Program, type StaticExport, type VisitorObject } from 'oxc-parser';

export interface Source {
  /** From the root, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly program: Program;
  readonly comments: readonly Comment[];
  readonly exports: readonly StaticExport[];
  /** What it imports, statically, dynamically by a literal, or by re-export; types too. */
  readonly imports: readonly { readonly specifier: string; readonly start: number }[];
}

/** Reads a source; throws when it is not one. */
export function parseSource(path: string, text: string): Source {
  const { program, comments, module, errors } = parseSync(path, text);
  const first = errors[0];
  if (first !== undefined) throw new Error(`${path}: ${first.message}`);
  const imports = [
    ...module.staticImports.map((entry) => ({ specifier: entry.moduleRequest.value, start: entry.start })),
    ...module.staticExports.flatMap((entry) =>
      entry.entries.flatMap((item) => (item.moduleRequest === null ? [] : [{ specifier: item.moduleRequest.value, start: entry.start }])),
    ),
    ...module.dynamicImports.map((entry) => ({
      specifier: text.slice(entry.moduleRequest.start, entry.moduleRequest.end).replace(/^['"`]|['"`]$/g, ''),
      start: entry.start,
    })),
  ];
  return { path, text, program, comments, exports: module.staticExports, imports };
}

/** `path:line`, for messages that an editor can follow. */
export function at(source: Source, offset: number): string {
  return `${source.path}:${source.text.slice(0, offset).split('\n').length}`;
}

export function visit(source: Source, visitor: VisitorObject): void {
  new Visitor(visitor).visit(source.program);
}
