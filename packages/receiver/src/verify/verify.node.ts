// Verifying on Node: node:crypto answers at once, so there is a synchronous form too.

import type { EventOf, SenderInput } from '../catalogue.ts';
import type { Scheme } from '../scheme.ts';
import { answerNow } from './crypto.node.ts';
import { listOf, settle, trusted } from './drive.ts';
import { createJudge } from './judge.ts';
import type { VerifyOptions } from './judge.ts';
import type { ReceivedRequest } from './request.ts';
import type { VerifyResult } from './result.ts';
import { judgeOf } from './sender.ts';

/**
 * Whether a request is what its sender signed.
 *
 * Never rejects for anything that a request holds; only an unknown sender name throws (`unknown_profile`).
 * @param sender a known sender's name (`standard`, `stripe`, `github`…), a scheme, or a custom profile
 * @param request headers of any form, and the body's exact bytes (text stands for its UTF-8); method and URL where the sender signs them
 * @param secrets one, or several during a rotation; one that is empty or too short is never used
 * @example
 * const result = await verify('joai', { headers: req.headers, body }, [secret]);
 * if (!result.ok) console.warn(result.reason, result.explain());
 */
export async function verify<const Sender extends SenderInput>(
  sender: Sender,
  request: ReceivedRequest,
  secrets: string | readonly string[],
  options: VerifyOptions = {},
): Promise<VerifyResult<EventOf<Sender>>> {
  return verifySync(sender, request, secrets, options);
}

/** As {@link verify}, at once. Only on runtimes that have node:crypto. */
export function verifySync<const Sender extends SenderInput>(
  sender: Sender,
  request: ReceivedRequest,
  secrets: string | readonly string[],
  options: VerifyOptions = {},
): VerifyResult<EventOf<Sender>> {
  return trusted<Sender>(settle(judgeOf(sender)(request, listOf(secrets), options), answerNow));
}

export type Verifier<Sender> = (
  request: ReceivedRequest,
  secrets: string | readonly string[],
  options?: VerifyOptions,
) => Promise<VerifyResult<EventOf<Sender>>>;

export type SyncVerifier<Sender> = (
  request: ReceivedRequest,
  secrets: string | readonly string[],
  options?: VerifyOptions,
) => VerifyResult<EventOf<Sender>>;

/**
 * {@link verify} for one scheme, without the list of all of them: what a bundler can shake down to a few kilobytes.
 * @example
 * import { createVerifier, stripe } from '@waxwing/receiver';
 * const verifyStripe = createVerifier(stripe);
 */
export function createVerifier<const Sender extends Scheme>(scheme: Sender): Verifier<Sender> {
  const verifyNow = createSyncVerifier(scheme);
  return async (request, secrets, options) => verifyNow(request, secrets, options);
}

/** As {@link createVerifier}, answering at once. */
export function createSyncVerifier<const Sender extends Scheme>(scheme: Sender): SyncVerifier<Sender> {
  const judge = createJudge(scheme);
  return (request, secrets, options = {}) => trusted<Sender>(settle(judge(request, listOf(secrets), options), answerNow));
}
