// Errors as a platform's clients expect them: its own statuses and its own shape, made of ours.
//
// The fields that are wrong bear the platform's names: what the services call `timeoutSeconds` is JoAi's `timeout`.

import type { FieldError, WaxwingError } from '@waxwing/protocol';
import type { Schema } from '../schemas/schema.ts';

/** One field that is wrong, by its name in the platform's own words: `timeout`, `headers.x-team`. */
export interface WrongField {
  readonly field: string;
  readonly message: string;
}

/** An error in plain words, before a platform gives it its shape. */
export interface PlainError {
  readonly code: WaxwingError['code'];
  /** The status that the platform answers it with. */
  readonly status: number;
  readonly message: string;
  readonly fields: readonly WrongField[];
}

/** How a platform says that something went wrong. Pure. */
export interface ErrorShape {
  status(error: WaxwingError): number;
  body(error: PlainError): { readonly [member: string]: unknown };
  readonly schema: Schema<unknown>;
}

/** What a person may read of an error, with the fields renamed by `names` (the services' name → the platform's). */
export function plainError(error: WaxwingError, shape: ErrorShape, names: { readonly [field: string]: string }): PlainError {
  const fields = error.fields.map((field) => renamed(field, names));
  const message = fields.length === 0 ? error.message : fields.map(sentence).join(' ');
  return { code: error.code, status: shape.status(error), message, fields };
}

function renamed({ path, message }: FieldError, names: { readonly [field: string]: string }): WrongField {
  const [first = '', ...rest] = path
    .replace(/^(?:\/|query\/|path\/|header\/)/, '')
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  const name = names[first] ?? first;
  return { field: [name, ...rest].filter((part) => part !== '').join('.'), message };
}

/** Some messages are sentences of their own; the others go on from the field's name. */
function sentence({ field, message }: WrongField): string {
  const said = /^[A-Z]/.test(message) ? message : `${field === '' ? 'the body' : field} ${message}`;
  return /[.?]$/.test(said) ? said : `${said}.`;
}
