// Fields: small checks of what a caller gives, each naming its field. Every check collects, so that one answer names all.

import { WaxwingError, type ErrorCode, type FieldError } from '@waxwing/protocol';

export class Fields {
  readonly #errors: FieldError[] = [];

  refuse(path: string, message: string): void {
    this.#errors.push({ path, message });
  }

  text(path: string, value: unknown, range: { readonly min: number; readonly max: number }): void {
    if (value === undefined) return;
    if (typeof value !== 'string') this.refuse(path, 'must be a string');
    else if (value.length < range.min || value.length > range.max) this.refuse(path, `must have ${range.min} to ${range.max} characters`);
  }

  whole(path: string, value: unknown, range: { readonly min: number; readonly max: number }): void {
    if (value === undefined) return;
    if (typeof value !== 'number' || !Number.isInteger(value) || value < range.min || value > range.max) {
      this.refuse(path, `must be a whole number from ${range.min} to ${range.max}`);
    }
  }

  flag(path: string, value: unknown): void {
    if (value !== undefined && typeof value !== 'boolean') this.refuse(path, 'must be true or false');
  }

  oneOf(path: string, value: unknown, allowed: readonly string[]): void {
    if (value !== undefined && !(typeof value === 'string' && allowed.includes(value)))
      this.refuse(path, `must be one of ${allowed.join(', ')}`);
  }

  textMap(path: string, value: unknown): void {
    if (value === undefined) return;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return this.refuse(path, 'must be an object of strings');
    for (const [name, entry] of Object.entries(value)) if (typeof entry !== 'string') this.refuse(`${path}/${name}`, 'must be a string');
  }

  /** Refuses members that are not among `known`, by name. */
  known(value: object, known: readonly string[]): void {
    for (const name of Object.keys(value)) if (!known.includes(name)) this.refuse(`/${name}`, 'is not a field here');
  }

  /** Throws what was refused, if anything. */
  done(code: ErrorCode = 'invalid_request'): void {
    if (this.#errors.length === 0) return;
    throw new WaxwingError(code, `${this.#errors.map((error) => `${error.path} ${error.message}`).join('; ')}.`, { fields: this.#errors });
  }
}
