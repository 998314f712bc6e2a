// From a fetch-style Request to an answer, for every framework and runtime that stands on the web's own classes.

import type { Answer } from '../serve/answer.ts';
import { ADAPTER_DEFAULTS, tooLarge, tooSlow, within } from './core.ts';
import type { AdapterOptions, WebhookReceiver } from './core.ts';

type FetchBody =
  | { readonly kind: 'read'; readonly body: Uint8Array }
  | { readonly kind: 'consumed' }
  | { readonly kind: 'too_large' }
  | { readonly kind: 'aborted' }
  | { readonly kind: 'timed_out' };

/** @param fix what to do when something read the body before */
export async function answerFetch(receiver: WebhookReceiver, request: Request, fix: string, options: AdapterOptions): Promise<Answer> {
  const { bodyLimitBytes, bodyTimeoutMs } = { ...ADAPTER_DEFAULTS, ...options };
  if (request.method !== 'POST') return receiver.otherMethod(request.method, request.url);
  const reading = await readFetchBody(request, bodyLimitBytes, bodyTimeoutMs);
  switch (reading.kind) {
    case 'read':
      return receiver.receive({ headers: request.headers, body: reading.body, method: request.method, url: request.url });
    case 'consumed':
      return receiver.bodyWasParsed(fix);
    case 'too_large':
      return tooLarge(bodyLimitBytes);
    case 'aborted':
    case 'timed_out':
      return tooSlow(bodyTimeoutMs);
    default:
      return reading satisfies never;
  }
}

export function responseOf(answer: Answer): Response {
  return new Response(answer.body, { status: answer.status, headers: answer.headers });
}

async function readFetchBody(request: Request, limitBytes: number, timeoutMs: number): Promise<FetchBody> {
  if (request.bodyUsed || request.body?.locked === true) return { kind: 'consumed' };
  if (Number(request.headers.get('content-length') ?? 0) > limitBytes) return { kind: 'too_large' };
  if (request.body === null) return { kind: 'read', body: new Uint8Array() };
  const reader = request.body.getReader();
  const reading = await within<FetchBody>(timeoutMs, readToEnd(reader, limitBytes), { kind: 'timed_out' });
  if (reading.kind !== 'read') reader.cancel().catch(() => {}); // nobody reads on; a stream that cannot end says nothing new
  return reading;
}

async function readToEnd(reader: ReadableStreamDefaultReader<Uint8Array>, limitBytes: number): Promise<FetchBody> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for (let step = await reader.read(); !step.done; step = await reader.read()) {
      size += step.value.length;
      if (size > limitBytes) return { kind: 'too_large' };
      chunks.push(step.value);
    }
  } catch {
    return { kind: 'aborted' };
  }
  const body = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    body.set(chunk, offset);
    offset += chunk.length;
  }
  return { kind: 'read', body };
}
