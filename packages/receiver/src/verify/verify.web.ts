// Verifying with Web Crypto: Workers, browsers, and every runtime that has no node:crypto.

import type { EventOf, SenderInput } from '../catalogue.ts';
import type { Scheme } from '../scheme.ts';
import { answer } from './crypto.web.ts';
import { listOf, settleAsync, trusted } from './drive.ts';
import { createJudge } from './judge.ts';
import type { VerifyOptions } from './judge.ts';
import type { ReceivedRequest } from './request.ts';
import type { VerifyResult } from './result.ts';
import { judgeOf } from './sender.ts';

/**
 * Whether a request is what its sender signed.
 *
 * Never rejects for anything that a request holds; only an unknown sender name rejects (`unknown_profile`).
 * @param sender a known sender's name (`standard`, `stripe`, `github`…), a scheme, or a custom profile
 * @param request headers of any form, and the body's exact bytes (text stands for its UTF-8); method and URL where the sender signs them
 * @param secrets one, or several during a rotation; one that is empty or too short is never used
 */
export async function verify<const Sender extends SenderInput>(
  sender: Sender,
  request: ReceivedRequest,
  secrets: string | readonly string[],
  options: VerifyOptions = {},
): Promise<VerifyResult<EventOf<Sender>>> {
  return trusted<Sender>(await settleAsync(judgeOf(sender)(request, listOf(secrets), options), answer));
}

export type Verifier<Sender> = (
  request: ReceivedRequest,
  secrets: string | readonly string[],
  options?: VerifyOptions,
) => Promise<VerifyResult<EventOf<Sender>>>;

/** {@link verify} for one scheme, without the list of all of them: what a bundler can shake down to a few kilobytes. */
export function createVerifier<const Sender extends Scheme>(scheme: Sender): Verifier<Sender> {
  const judge = createJudge(scheme);
  return async (request, secrets, options = {}) => trusted<Sender>(await settleAsync(judge(request, listOf(secrets), options), answer));
}
