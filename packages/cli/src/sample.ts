// A catalogue's sample, changed: `data.amount=12`, `data.items.0.name=Tea`, `data.id=mtg_{n}`.
//
// A value that is JSON is that value; any other is a text. What a path leads through is made where it is not there.

import { UsageError } from './failure.ts';

export type SampleData = { readonly [member: string]: unknown };

export interface SampleSetting {
  /** Below the data; never empty. */
  readonly path: readonly string[];
  /** As given. */
  readonly value: string;
}

const NUMBER_MARK = /\{n\}/g;

/** @throws UsageError where it is not `data.<path>=<value>` */
export function parseSetting(given: string): SampleSetting {
  const equals = given.indexOf('=');
  const path = given.slice(0, Math.max(0, equals)).split('.');
  if (equals < 1 || path[0] !== 'data' || path.length < 2 || path.includes('')) {
    throw new UsageError(`--set must be data.<path>=<value>, such as data.amount=12; got ${JSON.stringify(given)}`);
  }
  if (path.includes('__proto__')) throw new UsageError('--set: __proto__ cannot be set');
  return { path: path.slice(1), value: given.slice(equals + 1) };
}

/** @param number the event's, from 1: what `{n}` becomes */
export function applySettings(sample: SampleData, settings: readonly SampleSetting[], number: number): SampleData {
  const data: { [member: string]: unknown } = structuredClone({ ...sample });
  for (const { path, value } of settings) put(data, path, valueOf(value.replace(NUMBER_MARK, String(number))), path);
  return data;
}

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function put(into: object, steps: readonly string[], value: unknown, path: readonly string[]): void {
  const [step, ...rest] = steps;
  if (step === undefined) return;
  if (Array.isArray(into) && !/^\d+$/.test(step)) {
    throw new UsageError(`--set: data.${path.join('.')} leads into a list; ${JSON.stringify(step)} is not a place in it`);
  }
  if (rest.length === 0) {
    Reflect.set(into, step, value);
    return;
  }
  const inner: unknown = Reflect.get(into, step);
  const next: object = typeof inner === 'object' && inner !== null ? inner : {};
  if (next !== inner) Reflect.set(into, step, next);
  put(next, rest, value, path);
}
