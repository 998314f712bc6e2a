// Field reader: an unknown JSON value read field by field, with every problem collected under its JSON Pointer.
//
// A reader never throws and never repairs: where a field is wrong it notes the problem and gives the default, so that
// the reading goes on and one answer names all that is wrong. Fields that nobody asked for are problems too, by name.

import type { FieldError } from '../errors.ts';

/** The problems of one input. */
export type Problems = FieldError[];

export class FieldReader {
  readonly path: string;
  readonly #input: ReadonlyMap<string, unknown>;
  readonly #problems: Problems;
  readonly #asked = new Set<string>();

  /** Reads `input` as an object; anything else is noted and read as an empty one. */
  constructor(input: unknown, path: string, problems: Problems) {
    this.path = path;
    this.#problems = problems;
    if (isObject(input)) {
      this.#input = new Map(Object.entries(input));
    } else {
      this.#input = new Map();
      problems.push({ path, message: `must be an object, not ${kindOf(input)}` });
    }
  }

  has(name: string): boolean {
    this.#asked.add(name);
    return this.#input.has(name);
  }

  /** The field as it is; undefined where absent. */
  any(name: string): unknown {
    this.#asked.add(name);
    return this.#input.get(name);
  }

  /** The field's path. */
  at(name: string): string {
    return `${this.path}/${pointerPart(name)}`;
  }

  note(name: string, message: string): void {
    this.#problems.push({ path: this.at(name), message });
  }

  text(name: string, otherwise: string, rule: { readonly max: number; readonly accepts?: RegExp; readonly says?: string }): string {
    const value = this.any(name);
    if (value === undefined) return otherwise;
    if (typeof value !== 'string') return this.#refuse(name, `must be a string, not ${kindOf(value)}`, otherwise);
    if (!value.isWellFormed()) return this.#refuse(name, 'must not hold half a surrogate pair', otherwise);
    if (value.length > rule.max) return this.#refuse(name, `must have at most ${rule.max} characters, not ${value.length}`, otherwise);
    if (rule.accepts && !rule.accepts.test(value)) return this.#refuse(name, rule.says ?? `must match ${rule.accepts.source}`, otherwise);
    return value;
  }

  textOrNull(
    name: string,
    otherwise: string | null,
    rule: { readonly max: number; readonly accepts?: RegExp; readonly says?: string },
  ): string | null {
    return this.any(name) === null ? null : this.has(name) ? this.text(name, '', rule) : otherwise;
  }

  oneOf<const T extends string>(name: string, otherwise: T, choices: readonly T[]): T {
    const value = this.any(name);
    if (value === undefined) return otherwise;
    const choice = choices.find((known) => known === value);
    return choice ?? this.#refuse(name, `must be one of ${choices.join(', ')}`, otherwise);
  }

  flag(name: string, otherwise: boolean): boolean {
    const value = this.any(name);
    if (value === undefined) return otherwise;
    return typeof value === 'boolean' ? value : this.#refuse(name, `must be true or false, not ${kindOf(value)}`, otherwise);
  }

  whole(name: string, otherwise: number, min: number, max: number): number {
    const value = this.any(name);
    if (value === undefined) return otherwise;
    const wanted = `must be a whole number from ${min} to ${max}`;
    return typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max
      ? value
      : this.#refuse(name, wanted, otherwise);
  }

  number(name: string, otherwise: number, min: number, max: number): number {
    const value = this.any(name);
    if (value === undefined) return otherwise;
    return isNumberWithin(value, min, max) ? value : this.#refuse(name, `must be a number from ${min} to ${max}`, otherwise);
  }

  /** The field's elements; an empty list where it is absent. */
  list(name: string, max: number): readonly unknown[] {
    const value = this.any(name);
    if (value === undefined) return [];
    if (!Array.isArray(value)) return this.#refuse(name, `must be a list, not ${kindOf(value)}`, []);
    return value.length <= max ? value : this.#refuse(name, `must hold at most ${max} elements, not ${value.length}`, []);
  }

  /** A reader of the field, which is an object. */
  object(name: string): FieldReader {
    return new FieldReader(this.any(name), this.at(name), this.#problems);
  }

  /** The field as a JSON object, unread; an empty one where it is absent. */
  json(name: string, otherwise: { readonly [member: string]: unknown }): { readonly [member: string]: unknown } {
    const value = this.any(name);
    if (value === undefined) return otherwise;
    return isObject(value) ? value : this.#refuse(name, `must be an object, not ${kindOf(value)}`, otherwise);
  }

  /** Notes every field that was never asked for. Called last. */
  end(): void {
    for (const name of this.#input.keys()) {
      if (!this.#asked.has(name)) this.note(name, 'is not a known field');
    }
  }

  #refuse<T>(name: string, message: string, otherwise: T): T {
    this.note(name, message);
    return otherwise;
  }
}

export function isObject(value: unknown): value is { readonly [member: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isNumberWithin(value: unknown, min: number, max: number): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= min && value <= max;
}

/** What a JSON value is, in words. */
export function kindOf(value: unknown): string {
  if (value === undefined) return 'absent';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** A name as one part of a JSON Pointer (RFC 6901 §3). */
export function pointerPart(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
