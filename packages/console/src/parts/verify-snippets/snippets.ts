// The snippets of a profile: how its messages are verified in each language, written from its own data. Pure text.

import type { ProfileResource } from '@waxwing/protocol';
import { goSnippet } from './go.ts';
import { javaSnippet } from './java.ts';
import { phpSnippet } from './php.ts';
import { pythonSnippet } from './python.ts';
import { rubySnippet } from './ruby.ts';
import { shellSnippet } from './shell.ts';
import { signingFacts } from './signing-facts.ts';
import { typescriptSnippet } from './typescript.ts';

export const LANGUAGES = [
  { id: 'typescript', label: 'TypeScript' },
  { id: 'python', label: 'Python' },
  { id: 'go', label: 'Go' },
  { id: 'ruby', label: 'Ruby' },
  { id: 'php', label: 'PHP' },
  { id: 'java', label: 'Java' },
  { id: 'curl', label: 'curl' },
] as const;

export type Language = (typeof LANGUAGES)[number]['id'];

/** Code that verifies this profile's messages; for curl, a script that signs one and sends it. */
export function snippet(language: Language, profile: ProfileResource): string {
  const facts = signingFacts(profile.signature);
  switch (language) {
    case 'typescript':
      return typescriptSnippet(profile);
    case 'python':
      return pythonSnippet(facts);
    case 'go':
      return goSnippet(facts);
    case 'ruby':
      return rubySnippet(facts);
    case 'php':
      return phpSnippet(facts);
    case 'java':
      return javaSnippet(facts);
    case 'curl':
      return shellSnippet(facts, profile);
    default:
      return language satisfies never;
  }
}
