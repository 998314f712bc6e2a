// Why a local app refused: what its answer says, held against what is known of the message here.
//
// The message was signed with this session's secret, and is verified once more as the app got it. So where the app says that
// the signature does not hold, it is the app's secret, the app's clock or the app's body parser, and we can say which.

import { schemeOfProfile, SCHEMES, verify } from '@waxwing/receiver';
import type { Scheme } from '@waxwing/receiver';
import type { Waxwing } from '@waxwing/client';
import type { RelayedMessage } from '@waxwing/protocol';

/** Statuses with which receivers refuse what they cannot verify. */
const REFUSALS = new Set([400, 401, 403]);

export interface Refusing {
  readonly status: number;
  /** The answer's body, as far as it was kept. */
  readonly text: string;
  readonly message: RelayedMessage;
  readonly secret: string;
  readonly scheme: Scheme | null;
  /** The endpoint that was copied, whose secret the app may hold. */
  readonly copied: string | null;
}

/** How a profile's messages are verified; null when its definition cannot be had. */
export async function schemeFor(client: Waxwing, profile: string): Promise<Scheme | null> {
  const known: Scheme | undefined = Object.entries(SCHEMES).find(([name]) => name === profile)?.[1];
  if (known !== undefined) return known;
  try {
    return schemeOfProfile(await client.profiles.get(profile));
  } catch {
    return null;
  }
}

/** In a sentence or two; null where there is nothing to add to the status. */
export async function whyRefused({ status, text, message, secret, scheme, copied }: Refusing): Promise<string | null> {
  const code = codeOf(text);
  if (code === 'body_was_parsed' || code === 'body_missing') {
    return 'Your app parsed the body before it was verified, so the bytes that were signed are gone: put the webhook route before the body parser, or keep the raw body.';
  }
  if (code === 'wrong_secret_format') return `Your app’s secret cannot be a key of this profile. This session’s is ${secret}`;
  if (status >= 300 && status < 400) return 'Redirects are not followed: forward to the final address.';
  if (status === 404 || status === 405) return 'Your app has no route for POST there: check the path of --forward-to.';
  if (!REFUSALS.has(status) || scheme === null) return null;
  const held = await verify(scheme, { headers: new Map(message.headers), body: Buffer.from(message.body, 'base64') }, [secret]);
  if (!held.ok && (held.reason === 'timestamp_too_old' || held.reason === 'timestamp_in_future')) {
    return `The signature is good, but its time is not near this machine’s: ${held.explain()} Set this machine’s clock.`;
  }
  if (!held.ok)
    return `The message does not verify here either: ${held.explain()} Was this endpoint’s secret changed elsewhere? End this session and begin another.`;
  const other = copied === null ? 'another' : `another, perhaps that of ${copied}`;
  const holds = `The signature does hold for this session’s secret, ${secret}`;
  if (code === 'no_match') return `${holds}; your app holds ${other}.`;
  if (code === 'body_was_reserialized')
    return `${holds}, but your app verifies a body that was parsed and printed again: verify the raw bytes.`;
  if (code === 'timestamp_too_old' || code === 'timestamp_in_future')
    return `${holds}, and its time is now: set the clock that your app sees.`;
  if (code === 'missing_header') return `${holds}, but your app looks for other headers: does it expect the profile ${scheme.name}?`;
  return `${holds}. If your app verifies signatures, it holds ${other}, or verifies a body that is not the raw bytes.`;
}

function codeOf(text: string): string | null {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null && 'code' in parsed && typeof parsed.code === 'string' ? parsed.code : null;
  } catch {
    return null;
  }
}
