// Snippets: programs on a page that use names which the page takes for granted (`secret`, `url`).
//
// Such a name is given to a snippet by an import in front of its first line, so that line numbers stay the page's.

/** The module that holds what a page takes for granted. */
export function givenModule(given: { readonly [name: string]: string }): string {
  return Object.entries(given)
    .map(([name, value]) => `export const ${name} = ${value};\n`)
    .join('');
}

/** A snippet with the names that it uses and does not declare. */
export function withGiven(code: string, names: readonly string[]): string {
  const used = names.filter((name) => uses(code, name) && !declares(code, name));
  return used.length === 0 ? code : `import { ${used.join(', ')} } from './given.ts'; ${code}`;
}

const uses = (code: string, name: string): boolean => new RegExp(`(?<![\\w.'])${name}\\b(?!:|')`).test(code);
const declares = (code: string, name: string): boolean =>
  new RegExp(`\\b(?:const|let|import|of)\\s+(?:${name}\\b|[^=;]*?[{,]\\s*${name}\\b[^=;]*?}\\s*(?:=|from|of))`).test(code);
