// From a Node request to an answer, for every framework that stands on node:http.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Answer } from '../serve/answer.ts';
import { send } from '../serve/listener.ts';
import { readNodeBody } from '../serve/node-body.ts';
import type { BodyHolder, NodeBody } from '../serve/node-body.ts';
import { ADAPTER_DEFAULTS, tooLarge, tooSlow, within } from './core.ts';
import type { AdapterOptions, WebhookReceiver } from './core.ts';

interface TimedOut {
  readonly kind: 'timed_out';
}

export interface NodeAnswer {
  readonly answer: Answer;
  /** Whether the body was left unread, so that the connection cannot carry another request. */
  readonly close: boolean;
}

/**
 * @param holder whatever the framework hangs a parsed body on
 * @param fix what to do in that framework when its parser was first
 * @returns null when the sender is gone and nobody waits for an answer
 */
export async function answerNode(
  receiver: WebhookReceiver,
  request: IncomingMessage,
  holder: BodyHolder,
  fix: string,
  options: AdapterOptions,
): Promise<NodeAnswer | null> {
  const { bodyLimitBytes, bodyTimeoutMs } = { ...ADAPTER_DEFAULTS, ...options };
  if (request.method !== 'POST') return { answer: receiver.otherMethod(request.method, request.url), close: true };
  const reading = await within<NodeBody | TimedOut>(bodyTimeoutMs, readNodeBody(request, bodyLimitBytes, holder), { kind: 'timed_out' });
  switch (reading.kind) {
    case 'read': {
      const answer = await receiver.receive({ headers: request.headers, body: reading.body, method: request.method, url: request.url });
      return { answer, close: false };
    }
    case 'consumed':
      return { answer: receiver.bodyWasParsed(fix), close: false };
    case 'too_large':
      return { answer: tooLarge(bodyLimitBytes), close: true };
    case 'timed_out':
      return { answer: tooSlow(bodyTimeoutMs), close: true };
    case 'aborted':
      return null;
    default:
      return reading satisfies never;
  }
}

/** A handler as Express, Connect and Nest's middleware take it. Never rejects and never calls `next`. */
export type NodeRequestHandler = (request: IncomingMessage & BodyHolder, response: ServerResponse) => Promise<void>;

export function nodeHandler(receiver: WebhookReceiver, fix: string, options: AdapterOptions): NodeRequestHandler {
  return async (request, response) => {
    const answered = await answerNode(receiver, request, request, fix, options);
    if (answered !== null) send(response, answered.answer, { close: answered.close });
  };
}
