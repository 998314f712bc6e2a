// Endpoint URLs: what is checked when one is created or edited, so that a URL that could never be delivered to is
// refused while somebody looks. The sender checks again at every attempt: a name's addresses can change.
//
// Nothing is repaired silently: what the URL parser would forgive (blanks, tabs, backslashes, a missing `//`) is refused.

import { WaxwingError } from '@waxwing/protocol';
import { httpTarget, targetRefusal, urlFault } from './egress.ts';
import type { EgressPolicy } from './order.ts';

/** The longest URL that an endpoint may have, in characters. */
export const ENDPOINT_URL_LENGTH_MAX = 2048;

// Ports that no HTTP server has but others listen on, so that a POST could be taken for their protocol
// (Fetch standard, "bad ports").
const PORTS_OF_OTHERS = new Set([
  0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110, 111, 113, 115, 117,
  119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636,
  989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
]);

export interface EndpointUrlRules {
  readonly policy: EgressPolicy;
  /** Whether the endpoint's profile asks for HTTPS. `policy.allowHttp` lifts it. */
  readonly httpsRequired: boolean;
}

/**
 * Checks the URL of an endpoint.
 * @returns the parsed URL; its `host` is the endpoint's default name
 * @throws WaxwingError `url_refused`, or `https_required` where only the scheme is wrong; `fields` names `/url`
 */
export function checkEndpointUrl(text: string, rules: EndpointUrlRules): URL {
  if (text.length > ENDPOINT_URL_LENGTH_MAX) {
    throw refused(`The URL has ${text.length} characters; at most ${ENDPOINT_URL_LENGTH_MAX} are taken.`);
  }
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u0020\u007f\\]/.test(text)) throw refused('The URL holds a blank, a control character or a backslash; percent-encode it.');
  if (!/^https?:\/\/[^/]/i.test(text)) throw refused('The URL must begin with https:// (or http://, where it is allowed) and a host.');
  if (!URL.canParse(text)) throw refused('The URL cannot be parsed: check its host and port.');
  const url = new URL(text);
  const fault = urlFault(url);
  if (fault !== null) throw refused(`The URL ${fault}.`);
  if (/^https?:\/\/[^/?#]*@/i.test(text)) throw refused('The URL must not hold an @ before its host, not even without a user name.');
  const target = httpTarget(url);
  if (target === null) throw refused('The URL must use https or http.');
  if (text.includes('#')) throw refused('The URL must not have a fragment (#…): it is never sent.');
  if (PORTS_OF_OTHERS.has(target.port)) {
    throw refused(`Port ${target.port} belongs to another protocol than HTTP; use 443, 80 or a port of your own.`);
  }
  if (!target.secure && !rules.policy.allowHttp) {
    const whose = rules.httpsRequired ? 'This profile requires HTTPS' : 'HTTPS is required';
    throw new WaxwingError(
      'https_required',
      `${whose}: use an https:// URL, or start with --allow-http (WAXWING_ALLOW_HTTP) for development.`,
      {
        fields: [{ path: '/url', message: 'must use https' }],
      },
    );
  }
  const refusal = targetRefusal(target, rules.policy);
  if (refusal !== null) {
    throw refused(
      `The URL ${refusal.message}. Only public addresses are delivered to; --allow-private-networks (WAXWING_ALLOW_PRIVATE_NETWORKS) lifts this for development.`,
    );
  }
  return url;
}

function refused(message: string): WaxwingError {
  return new WaxwingError('url_refused', message, { fields: [{ path: '/url', message }] });
}
