// The shared vectors of the wire profiles (packages/protocol/vectors), read for a verifier.

import { readFileSync } from 'node:fs';
import type { ReceivedRequest, SenderInput } from '@waxwing/receiver';

export interface Vector {
  readonly name: string;
  readonly request: ReceivedRequest;
  readonly secrets: readonly string[];
  readonly nowMs: number;
  /** Reasons that are right; null where the message is to be accepted. */
  readonly expect: readonly string[] | null;
  readonly event: { readonly id: string; readonly type: string; readonly timestampMs: number; readonly data: string } | null;
}

interface Message {
  readonly name: string;
  readonly headers: { readonly [name: string]: string };
  readonly body?: string;
  readonly bodyBase64?: string;
}

interface VectorFile {
  readonly profile: string;
  readonly definition?: { readonly envelope: { readonly [member: string]: unknown } };
  readonly scheme: Extract<SenderInput, { readonly envelope: unknown }>['signature'];
  readonly positive: readonly (Message & {
    readonly event: NonNullable<Vector['event']>;
    readonly verifySecrets: readonly string[];
    readonly timestampSeconds: number;
  })[];
  readonly accepted: readonly (Message & { readonly secrets: readonly string[]; readonly nowSeconds: number })[];
  readonly negative: readonly (Message & {
    readonly secrets: readonly string[];
    readonly nowSeconds: number;
    readonly expect: readonly string[];
  })[];
}

export const VECTOR_FILES = ['standard', 'meetloyd', 'joai', 'humanconnection', 'meshagent', 'custom'] as const;

export function readVectors(name: (typeof VECTOR_FILES)[number]): { readonly sender: SenderInput; readonly vectors: readonly Vector[] } {
  const file: VectorFile = JSON.parse(readFileSync(new URL(`../../protocol/vectors/${name}.json`, import.meta.url), 'utf8'));
  return {
    sender: name === 'custom' ? { name, signature: file.scheme, envelope: file.definition?.envelope ?? {} } : name,
    vectors: [
      ...file.positive.flatMap((message) =>
        message.verifySecrets.map((secret) => ({
          name: message.name,
          request: request(message),
          secrets: [secret],
          nowMs: message.timestampSeconds * 1000,
          expect: null,
          event: message.event,
        })),
      ),
      ...file.accepted.map((message) => ({
        ...message,
        request: request(message),
        nowMs: message.nowSeconds * 1000,
        expect: null,
        event: null,
      })),
      ...file.negative.map((message) => ({ ...message, request: request(message), nowMs: message.nowSeconds * 1000, event: null })),
    ],
  };
}

function request(message: Message): ReceivedRequest {
  const body = message.bodyBase64 === undefined ? Buffer.from(message.body ?? '') : Buffer.from(message.bodyBase64, 'base64');
  return { headers: message.headers, body };
}
