// Egress: whether a URL may be delivered to, as far as its text can tell. Names are judged again once resolved, and a
// socket once connected (dial.ts).
//
// The WHATWG parser has the last word on what a host is: `0x7f.1`, `2130706433`, `0177.0.0.1` and full-width digits are
// all 127.0.0.1 to it, as they would be to the socket.

import { isIP } from 'node:net';
import type { EgressPolicy } from './order.ts';
import { addressRefusal } from './address-ranges.ts';

/** A URL as the sender uses it: parsed once for all the attempts that name it. */
export interface HttpTarget {
  readonly secure: boolean;
  /** Scheme, host and port: what a connection belongs to. */
  readonly origin: string;
  /** Host and, where it is not the scheme's own, port: the `host` header. */
  readonly authority: string;
  /** Without brackets and without the root's trailing dot. */
  readonly host: string;
  readonly hostIsAddress: boolean;
  readonly port: number;
  readonly path: string;
}

/** Why a URL may not be delivered to: a stable code, and words that complete `the URL …`. */
export interface UrlRefusal {
  readonly code: 'blocked_http' | 'blocked_private_address' | 'blocked_scheme';
  readonly message: string;
}

/** What no policy allows of a URL, as words that complete `the URL …`; null for nothing. */
export function urlFault(url: URL): string | null {
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'must use https or http';
  if (url.username !== '' || url.password !== '') return 'must not carry a user name or password; send credentials as a custom header';
  // A resolver may pass over the empty part of `127.0.0.1..`, which the URL parser takes for a name.
  if (/^\.|\.\./.test(url.hostname)) return 'names a host with an empty part: two dots side by side, or one at its beginning';
  return null;
}

/** Takes a URL apart. Only http and https can be: everything else gives null. */
export function httpTarget(url: URL): HttpTarget | null {
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return null;
  const secure = url.protocol === 'https:';
  const bare = url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname;
  const host = bare.endsWith('.') ? bare.slice(0, -1) : bare;
  return {
    secure,
    origin: url.origin,
    authority: url.host,
    host,
    hostIsAddress: isIP(host) !== 0,
    port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
    path: url.pathname + url.search,
  };
}

/** Whether a name is one of the machine's own by RFC 6761: `localhost` and everything below it. */
export function isLocalhostName(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost');
}

/** What the policy has against a target before anything is resolved or connected; null for nothing yet. */
export function targetRefusal(target: HttpTarget, policy: EgressPolicy): UrlRefusal | null {
  if (!target.secure && !policy.allowHttp) {
    return { code: 'blocked_http', message: 'uses plain HTTP, which this deployment does not allow' };
  }
  if (target.hostIsAddress) {
    const refusal = addressRefusal(target.host, policy.allowPrivateNetworks);
    if (refusal !== null) return { code: 'blocked_private_address', message: `names ${target.host}, ${refusal}` };
  } else if (!policy.allowPrivateNetworks && isLocalhostName(target.host)) {
    return { code: 'blocked_private_address', message: `names ${target.host}, which is always the sender's own machine` };
  }
  return null;
}
