// Reading a Node request's bytes: from the stream, under a limit; or from where a framework has put them already.

import type { IncomingMessage } from 'node:http';

export type NodeBody =
  | { readonly kind: 'read'; readonly body: Uint8Array | string }
  /** Something read the stream before and left no bytes: what is in its place, for the explanation. */
  | { readonly kind: 'consumed'; readonly left: unknown }
  | { readonly kind: 'too_large' }
  /** The sender went away. */
  | { readonly kind: 'aborted' };

/** Where a framework keeps what became of the body: its bytes as `rawBody` (NestJS, cloud functions), or what its parser made. */
export interface BodyHolder {
  readonly rawBody?: unknown;
  readonly body?: unknown;
}

/**
 * The body's bytes.
 * @param limitBytes a longer body is `too_large`, known at once where Content-Length says so
 * @param holder whatever the framework hangs the body on, where that is not the request itself
 */
export async function readNodeBody(
  request: IncomingMessage & BodyHolder,
  limitBytes: number,
  holder: BodyHolder = request,
): Promise<NodeBody> {
  const left = kept(holder);
  if (typeof left === 'string' || left instanceof Uint8Array) {
    return left.length > limitBytes ? { kind: 'too_large' } : { kind: 'read', body: left };
  }
  if (request.readableDidRead || request.readableEnded) return { kind: 'consumed', left };
  if (Number(request.headers['content-length'] ?? 0) > limitBytes) return { kind: 'too_large' };

  return new Promise((resolve) => {
    const chunks: Uint8Array[] = [];
    let size = 0;
    request.on('data', (chunk: Uint8Array) => {
      size += chunk.length;
      if (size > limitBytes) {
        request.pause();
        resolve({ kind: 'too_large' });
      } else {
        chunks.push(chunk);
      }
    });
    request.once('end', () => {
      const [only] = chunks;
      resolve({ kind: 'read', body: chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks) });
    });
    request.once('close', () => resolve({ kind: 'aborted' })); // after `end` this changes nothing
    request.once('error', () => resolve({ kind: 'aborted' }));
  });
}

/** A parser that had nothing to parse may leave an empty object beside an unread stream (Express 4): only bytes count here. */
function kept(holder: BodyHolder): unknown {
  return typeof holder.rawBody === 'string' || holder.rawBody instanceof Uint8Array ? holder.rawBody : holder.body;
}
