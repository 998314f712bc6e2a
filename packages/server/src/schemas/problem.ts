// A problem (RFC 9457): the body of every error answer, and one example of each code.

import Type from 'typebox';
import { ERRORS } from '@waxwing/protocol';
import type { ErrorCode, Problem } from '@waxwing/protocol';
import { exactly, named, open, string } from './schema.ts';
import type { NamedSchema } from './schema.ts';

export const problem: NamedSchema<Problem> = named(
  'Problem',
  exactly<Problem>()(
    open({
      type: string('Names the kind of problem: `urn:waxwing:error:` and the code.'),
      title: string('What kind of problem it is; never changes for a code.'),
      status: Type.Integer({ description: "The answer's status." }),
      code: string('Stable; docs/errors.md says what each means and what to do.'),
      detail: string('What was wrong this time, and what to do.'),
      errors: Type.Optional(
        Type.Array(open({ path: string('JSON Pointer into the body, or `query/name`, `header/name`, `path/name`.'), message: string() }), {
          description: 'Each field that is wrong.',
        }),
      ),
    }),
  ),
);

/** The URN of a code, as `type` holds it. */
export function problemType(code: ErrorCode): string {
  return `urn:waxwing:error:${code}`;
}

// What a code's example shows where more than the title helps.
const DETAILS: { readonly [C in ErrorCode]?: { readonly detail: string; readonly errors?: Problem['errors'] } } = {
  invalid_json: { detail: 'The body is not valid JSON: a comma is missing at line 3, column 5.' },
  invalid_request: {
    detail: 'The request does not have the expected form: /nmae is not a known field; did you mean "name"?',
    errors: [{ path: '/nmae', message: 'is not a known field; did you mean "name"?' }],
  },
  unsupported_media_type: { detail: 'Send the body as application/json.' },
  request_too_large: { detail: 'The request body may have at most 1048576 bytes.' },
  unauthorized: { detail: 'Send a key: Authorization: Bearer <key>.' },
  forbidden: { detail: 'This key may not publish to this tenant.' },
  unknown_event_type: {
    detail: 'meeting.complete is not in the catalogue; did you mean meeting.completed?',
    errors: [{ path: '/type', message: 'is not in the catalogue; did you mean meeting.completed?' }],
  },
  schema_mismatch: {
    detail: 'The event data does not match its schema: /data/meeting_id is required.',
    errors: [{ path: '/data/meeting_id', message: 'is required' }],
  },
  invalid_event_data: {
    detail: 'The event data cannot be delivered unchanged: /data/total has the key "a" twice.',
    errors: [{ path: '/data/total', message: 'has the key "a" twice' }],
  },
};

/** A problem of this code as it may come. */
export function problemExample(code: ErrorCode): Problem {
  const { status, title } = ERRORS[code];
  const shown = DETAILS[code] ?? { detail: `${title}.` };
  return {
    type: problemType(code),
    title,
    status,
    code,
    detail: shown.detail,
    ...(shown.errors === undefined ? {} : { errors: shown.errors }),
  };
}
