// Reading a Node request's bytes: from the stream, under a limit; or from where a framework has put them already.

import type { IncomingMessage } from 'node:http';

export type NodeBody =
  | { readonly kind: 'read'; readonly body: Uint8Array | string }
  /** Something read the stream before and left no bytes: what is in its place, for the explanation. */
  | { readonly kind: 'consumed'; readonly left: unknown }
  | { readonly kind: 'too_large' }
  /** The sender went away. */
  | { readonly kind: 'aborted' };

/**
 * The body's bytes.
 * @param limitBytes a longer body is `too_large`, known at once where Content-Length says so
 */
export async function readNodeBody(request: IncomingMessage, limitBytes: number): Promise<NodeBody> {
  const left = kept(request);
  if (typeof left === 'string' || left instanceof Uint8Array) {
    return left.length > limitBytes ? { kind: 'too_large' } : { kind: 'read', body: left };
  }
  if (request.readableEnded || left !== undefined) return { kind: 'consumed', left };
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

/** What a framework kept of the body: its bytes (`rawBody`, as NestJS and cloud functions do), or what its parser made. */
function kept(request: IncomingMessage & { readonly rawBody?: unknown; readonly body?: unknown }): unknown {
  if (typeof request.rawBody === 'string' || request.rawBody instanceof Uint8Array) return request.rawBody;
  return request.body;
}
