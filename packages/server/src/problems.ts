// Problems: the one place where whatever was thrown becomes an answer (RFC 9457).
//
// Invariants:
//  1. Every error answer is a problem with a code of the registry, and its status is that code's; save under the paths of a
//     platform's management API, whose clients expect the platform's own shape.
//  2. What is not a WaxwingError and not a fault of the request is `internal`: nothing of it is told, all of it is logged
//     under the request's id.
//  3. Every 429 and 503 says when to try again, every 401 how to.

import type { FastifyReply, FastifyRequest } from 'fastify';
import { ERRORS, WaxwingError } from '@waxwing/protocol';
import type { FieldError, Problem } from '@waxwing/protocol';
import type { ServerLog } from './log.ts';
import { problemType } from './schemas/problem.ts';
import { validationFields } from './validation.ts';

const RETRY_AFTER_SECONDS_DEFAULT = 1;

export interface ProblemSettings {
  readonly log: ServerLog;
  readonly bodyLimitBytes: number;
  /** Answers in a platform's shape where the path is a platform's; says whether it did. */
  readonly answerAsPlatform: (error: WaxwingError, request: FastifyRequest, reply: FastifyReply) => boolean;
}

/** The body of an error's answer. */
export function toProblem(error: WaxwingError): Problem {
  const { code, status, title, message: detail, fields } = error;
  return { type: problemType(code), title, status, code, detail, ...(fields.length === 0 ? {} : { errors: fields }) };
}

/** Whatever was thrown, as an error of the registry. */
export function toWaxwingError(thrown: unknown, requestId: string, settings: ProblemSettings): WaxwingError {
  if (thrown instanceof WaxwingError) {
    // A setting refused at start is a 500 by its code; while serving, only `internal` may be one, and it tells nothing.
    return thrown.status === 500 ? internal(thrown, requestId) : thrown;
  }
  if (!(thrown instanceof Error)) return internal(thrown, requestId);
  const fields = validationFields(thrown);
  if (fields !== null) return invalidRequest(fields);
  switch ('code' in thrown ? thrown.code : undefined) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new WaxwingError('request_too_large', `The request body may have at most ${settings.bodyLimitBytes} bytes.`);
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new WaxwingError('unsupported_media_type', 'Send the body as application/json.');
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return invalidRequest([{ path: 'header/content-length', message: "does not match the body's length" }]);
    case 'FST_ERR_BAD_URL':
      return invalidRequest([{ path: 'path', message: 'is not a valid URL path: its percent-encoding is broken' }]);
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return new WaxwingError('invalid_id', 'A part of the path is too long to be an id.');
    case 'ECONNRESET':
    case 'ERR_STREAM_PREMATURE_CLOSE':
      return new WaxwingError('invalid_request', 'The request ended before its body was complete.'); // nobody is left to read it
    default:
      return foreign(thrown) ?? internal(thrown, requestId);
  }
}

/** A fault of the request that a plugin saw: the static files of /docs refuse odd paths in their own way. */
function foreign(thrown: Error): WaxwingError | null {
  const status = 'statusCode' in thrown ? thrown.statusCode : undefined;
  if (status === 403 || status === 404)
    return new WaxwingError('route_not_found', 'There is nothing here; /openapi.json lists every route.', { cause: thrown });
  if (typeof status === 'number' && status >= 400 && status < 500)
    return new WaxwingError('invalid_request', 'The request cannot be understood.', { cause: thrown });
  return null;
}

/** `invalid_request` with every field that is wrong. */
export function invalidRequest(fields: readonly FieldError[]): WaxwingError {
  const shown = fields.slice(0, 3).map((field) => `${field.path === '' ? 'the body' : field.path} ${field.message}`);
  const more = fields.length > shown.length ? ` (and ${fields.length - shown.length} more)` : '';
  const said = shown.join('; ') + more;
  return new WaxwingError('invalid_request', `The request does not have the expected form: ${said}${said.endsWith('?') ? '' : '.'}`, {
    fields,
  });
}

function internal(cause: unknown, requestId: string): WaxwingError {
  return new WaxwingError('internal', `Something failed that should not have. The server's log tells more under request id ${requestId}.`, {
    cause,
  });
}

/** Answers with a problem. */
export function sendProblem(thrown: unknown, request: FastifyRequest, reply: FastifyReply, settings: ProblemSettings): void {
  const error = toWaxwingError(thrown, request.id, settings);
  if (error.status >= 500) {
    const level = error.code === 'internal' ? 'error' : 'warn';
    settings.log[level](
      { requestId: request.id, method: request.method, route: request.routeOptions.url, code: error.code, err: error.cause ?? error },
      'request failed',
    );
  }
  if (error.status === 401)
    reply.header(
      'www-authenticate',
      request.headers.authorization === undefined ? 'Bearer realm="waxwing"' : 'Bearer realm="waxwing", error="invalid_token"',
    );
  if (error.status === 429 || error.status === 503)
    reply.header('retry-after', String(error.retryAfterSeconds ?? RETRY_AFTER_SECONDS_DEFAULT));
  if (error.code === 'shutting_down') reply.header('connection', 'close');
  if (settings.answerAsPlatform(error, request, reply)) return;
  const body = JSON.stringify(toProblem(error));
  void reply.code(error.status).header('content-type', 'application/problem+json').serializer(String).send(body);
}

/** A whole HTTP answer, for requests so broken that no route ever sees them. */
export function rawProblem(fault: unknown): string {
  const code = typeof fault === 'object' && fault !== null && 'code' in fault ? fault.code : undefined;
  const error =
    code === 'HPE_HEADER_OVERFLOW'
      ? new WaxwingError('headers_too_large', 'The request line and headers may have at most 16384 bytes together.')
      : code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? new WaxwingError('request_timeout', 'The request did not arrive in time.')
        : new WaxwingError('invalid_request', 'This is not a well-formed HTTP request.');
  const body = JSON.stringify(toProblem(error));
  return [
    `HTTP/1.1 ${error.status} ${ERRORS[error.code].title}`,
    'content-type: application/problem+json',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
    'x-content-type-options: nosniff',
    '',
    body,
  ].join('\r\n');
}
