// Values that the command line hands over: as they stand, from a file (`@path`) or from stdin (`-`); numbers, pairs, lists.

import { readFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';

import { UsageError } from './failure.ts';

/** Bytes of `@path`, of `-` (stdin), or of the text itself. */
export async function readInput(given: string, flag: string): Promise<Buffer> {
  if (given === '-') return buffer(process.stdin); // by its stream: a synchronous read fails where the pipe does not block
  if (!given.startsWith('@')) return Buffer.from(given);
  try {
    return readFileSync(given.slice(1));
  } catch (error) {
    throw new UsageError(`${flag}: ${given.slice(1)} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** A secret: the flag, or the environment's variable, or the file that `…_FILE` names. Null when none is given. */
export function readSecret(flagValue: string | undefined, variable: string, env: NodeJS.ProcessEnv): string | null {
  if (flagValue !== undefined) return flagValue;
  const value = env[variable];
  const file = env[`${variable}_FILE`];
  if (value !== undefined && file !== undefined) throw new UsageError(`${variable} and ${variable}_FILE are both set: unset one`);
  if (value !== undefined) return value;
  if (file === undefined) return null;
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    throw new UsageError(`${variable}_FILE: ${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** A number from a flag. */
export function numberOf(text: string, flag: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new UsageError(`${flag} must be a number; got ${JSON.stringify(text)}`);
  return value;
}

/** `5,300,1800` as numbers. */
export function numbersOf(text: string, flag: string): number[] {
  return text.split(',').map((part) => numberOf(part, flag));
}

/** `name: value` lines as pairs. */
export function headerPairs(lines: readonly string[], flag: string): (readonly [name: string, value: string])[] {
  return lines.map((line) => {
    const colon = line.indexOf(':');
    if (colon < 1) throw new UsageError(`${flag} must be 'name: value'; got ${JSON.stringify(line)}`);
    return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()] as const;
  });
}

/** For an option that may be given several times. */
export function collect(value: string, previous: readonly string[] | undefined): string[] {
  return [...(previous ?? []), value];
}

/** For an option that takes a list, with commas or given several times. */
export function collectList(value: string, previous: readonly string[] | undefined): string[] {
  return [...(previous ?? []), ...value.split(',').map((part) => part.trim())];
}
