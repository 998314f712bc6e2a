// What a failure looks like on a terminal, and which exit status it is.

import { WaxwingApiError, WaxwingConnectionError } from '@waxwing/client';
import { WaxwingError } from '@waxwing/protocol';

/** The command was asked for wrongly: exit status 2. */
export class UsageError extends Error {}

/** The command did its work, and the answer is no: exit status 1, with nothing more to say than the message. */
export class CommandFailure extends Error {}

export interface Failure {
  readonly exitStatus: 1 | 2;
  readonly message: string;
  /** Fields that were wrong, hints. */
  readonly more: readonly string[];
}

export function failureOf(error: unknown): Failure {
  if (error instanceof UsageError) return { exitStatus: 2, message: error.message, more: [] };
  if (error instanceof CommandFailure) return { exitStatus: 1, message: error.message, more: [] };
  if (error instanceof WaxwingError) {
    return {
      exitStatus: error.code === 'invalid_setting' ? 2 : 1,
      message: `${error.message} (${error.code})`,
      // Many errors name their one field in the message already.
      more: error.fields.length === 1 && error.message.includes(error.fields[0]?.message ?? '') ? [] : error.fields.map(fieldLine),
    };
  }
  if (error instanceof WaxwingApiError) {
    const hint = hintFor(error.code);
    return { exitStatus: 1, message: error.message, more: [...error.errors.map(fieldLine), ...(hint === null ? [] : [hint])] };
  }
  if (error instanceof WaxwingConnectionError) {
    return {
      exitStatus: 1,
      message: error.message,
      more: ['Give the server’s address with --url or WAXWING_URL; `waxwing serve` starts one.'],
    };
  }
  return { exitStatus: 1, message: error instanceof Error ? (error.stack ?? error.message) : String(error), more: [] };
}

function fieldLine(field: { readonly path: string; readonly message: string }): string {
  return field.path === '' ? field.message : `${field.path}: ${field.message}`;
}

function hintFor(code: string): string | null {
  switch (code) {
    case 'unauthorized':
      return 'Give a key with --key or WAXWING_KEY. `waxwing keys create --data DIR`, on a stopped server, makes one.';
    case 'forbidden':
      return 'Use a key whose scope permits it; `waxwing keys create --help` tells the scopes.';
    case 'tenant_not_found':
      return 'Give the tenant with --tenant or WAXWING_TENANT. Creating an endpoint with an admin key creates its tenant.';
    default:
      return null;
  }
}
