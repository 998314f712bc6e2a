// Explanations: what an engineer at the receiver reads about a failed attempt. A few words for lists, and a sentence that
// says what it likely is and what to do.
//
// Platforms' conventions have traps of their own; they are recognised by the profile's data (how it prints, how it
// signs), never by its name.

import { STATUS_CODES } from 'node:http';
import type { ProfileDefinition } from '@waxwing/protocol';
import type { Failure, FailureCode, Stage } from './failure.ts';

/** An error as a record keeps it, and in a few words for lists. */
export interface Explained {
  readonly code: string;
  readonly words: string;
  readonly message: string;
  readonly explanation: string;
}

/** What an explanation may lean on. */
export interface Circumstances {
  /** Null when the order named a profile that is not known. */
  readonly definition: ProfileDefinition | null;
  readonly host: string;
  readonly timeoutMs: number;
  readonly bodyBytes: number;
}

const EXPRESS_LIMIT_BYTES = 102_400; // express.json()'s default, "100kb"

const WORDS: { readonly [code in FailureCode]: string } = {
  dns_not_found: 'name not found',
  dns_timeout: 'name server did not answer',
  dns_failed: 'name could not be resolved',
  connect_refused: 'connection refused',
  connect_timeout: 'connection timed out',
  network_unreachable: 'network unreachable',
  connect_failed: 'connection failed',
  tls_expired: 'certificate has expired',
  tls_not_yet_valid: 'certificate is not yet valid',
  tls_self_signed: 'self-signed certificate',
  tls_wrong_host: 'certificate is for another host',
  tls_untrusted: 'certificate is not trusted',
  tls_handshake: 'TLS handshake failed',
  reset_before_answer: 'connection closed before an answer',
  reset_during_answer: 'connection closed within the answer',
  bad_http: 'not a valid HTTP answer',
  header_too_large: 'answer headers too large',
  timeout: 'timed out',
  blocked_private_address: 'private address blocked',
  blocked_http: 'plain HTTP blocked',
  blocked_scheme: 'URL blocked',
  internal: 'internal error of the sender',
};

/** Explains an attempt that got no answer. `stage` says what a time-out interrupted; `reused` whether the connection was a kept-alive one. */
export function explainFailure(failed: Failure, stage: Stage, reused: boolean, at: Circumstances): Explained {
  return {
    code: failed.code,
    words: WORDS[failed.code],
    message: failed.message,
    explanation: failureSentence(failed.code, stage, reused, at),
  };
}

function failureSentence(code: FailureCode, stage: Stage, reused: boolean, at: Circumstances): string {
  const { host } = at;
  switch (code) {
    case 'dns_not_found':
      return `${host} has no address in DNS. Check the host name in the URL, and that its A or AAAA record is published.`;
    case 'dns_timeout':
      return `The DNS servers for ${host} did not answer in time. If other endpoints resolve, the zone's own name servers are slow or down.`;
    case 'dns_failed':
      return `The DNS server could not resolve ${host}. Its zone may be misconfigured (DNSSEC, delegation), or the sender's DNS server is down.`;
    case 'connect_refused':
      return `${host} was reached, but nothing listens on that port. Check that the receiver runs, and the port in the URL.`;
    case 'connect_timeout':
      return `${host} did not accept the connection in time. A firewall that drops packets looks like this: allow the sender's addresses.`;
    case 'network_unreachable':
      return `There is no route to ${host} from here. Where only its IPv6 address fails, the sender has no IPv6: publish an A record as well.`;
    case 'connect_failed':
      return `The connection to ${host} could not be made; the message has the system's own words.`;
    case 'tls_expired':
      return `The certificate of ${host} has expired. Renew it, and reload the server so that it serves the new one.`;
    case 'tls_not_yet_valid':
      return `The certificate of ${host} is not valid yet. Check the clocks on both sides.`;
    case 'tls_self_signed':
      return `The certificate of ${host} is self-signed. Use one of a public authority, or switch TLS verification off for this endpoint if you accept the risk.`;
    case 'tls_wrong_host':
      return `The certificate is not for ${host}. Serve one that names it, or correct the host in the URL.`;
    case 'tls_untrusted':
      return `The certificate of ${host} does not lead to a trusted authority. Most often the server does not send its intermediate certificate: configure the full chain.`;
    case 'tls_handshake':
      return `No TLS connection with ${host} came about. The port may not speak TLS at all (http:// behind an https:// URL), ask for a client certificate, offer only old versions, or speak nothing but HTTP/2.`;
    case 'reset_before_answer':
      return reused
        ? 'The receiver closed a kept-alive connection just as the request was sent, so whether it was handled is unknown. If it repeats, raise the server’s keep-alive time-out, or send a Keep-Alive header with it.'
        : 'The receiver closed the connection without an answer. A crash in its handler, a proxy without a backend, a server that expects TLS on this port, or one that asks for a client certificate looks like this.';
    case 'reset_during_answer':
      return 'The connection was closed before the answer was complete. A crash or restart of the receiver, or a wrong Content-Length, looks like this.';
    case 'bad_http':
      return 'What came back is not HTTP/1.1 as this sender accepts it. Check that the port belongs to an HTTP server, and speaks TLS exactly when the URL says https.';
    case 'header_too_large':
      return 'The headers of the answer are larger than 16 KiB. Check what the receiver sets: large cookies are the usual cause.';
    case 'timeout':
      return timeoutSentence(stage, at);
    case 'blocked_private_address':
      return 'Webhooks are only sent to public addresses. Use a public URL; for development, the operator can allow private networks (--allow-private-networks).';
    case 'blocked_http':
      return 'Plain HTTP is not allowed here. Use an https:// URL; for development, the operator can allow it (--allow-http).';
    case 'blocked_scheme':
      return 'The URL is not one that a webhook can be sent to: the message says why. Use an https:// URL with a public host and no user name.';
    case 'internal':
      return 'The attempt failed inside the sender, not at the receiver. The message says how; it is tried again on schedule.';
    default:
      return code satisfies never;
  }
}

function timeoutSentence(stage: Stage, at: Circumstances): string {
  const within = `within ${at.timeoutMs / 1000} s`;
  switch (stage) {
    case 'dns':
      return `${at.host} could not be resolved ${within}. Check its name servers.`;
    case 'connect':
      return `${at.host} did not accept the connection ${within}. A firewall that drops packets looks like this: allow the sender's addresses.`;
    case 'tls':
      return `The TLS handshake with ${at.host} did not finish ${within}. The port may not speak TLS, or the server is overloaded.`;
    case 'request':
      return `The receiver did not take the request, ${at.bodyBytes} bytes, ${within}. It does not read it, or the line to it is too slow for that.`;
    case 'answer':
      return `The request was sent and no answer came ${within}. Answer with 2xx as soon as the event is stored, and do the work afterwards.`;
    case 'body':
      return `The answer began but did not end ${within}: the time-out covers its body. End the response (res.end()), and keep it short.`;
    default:
      return stage satisfies never;
  }
}

/** Explains an answer that is not 2xx. `location` is its Location header, if any. */
export function explainStatus(status: number, location: string | null, at: Circumstances): Explained {
  const name = STATUS_CODES[status];
  const message = name === undefined ? `HTTP ${status}` : `HTTP ${status} ${name}`;
  const redirect = status >= 300 && status < 400;
  const code = redirect ? 'redirect' : status < 500 ? 'http_status_4xx' : status < 600 ? 'http_status_5xx' : 'http_status_other';
  return {
    code,
    words: `HTTP ${status}`,
    message: redirect && location !== null ? `${message}, to ${location.slice(0, 500)}` : message,
    explanation: redirect ? redirectSentence(location) : (trapSentence(status, at) ?? statusSentence(status, at)),
  };
}

function redirectSentence(location: string | null): string {
  const where = location === null ? 'the final address' : location.slice(0, 500);
  return `Redirects are not followed: a signed message goes only where it was addressed. Set the endpoint's URL to ${where}.`;
}

/**
 * What a status likely means under a convention whose receivers parse the body and sign `JSON.stringify` of it: bodies printed
 * as JavaScript prints them, under a plain HMAC. Null where there is nothing special to say.
 */
function trapSentence(status: number, at: Circumstances): string | null {
  const definition = at.definition;
  if (definition === null || definition.print !== 'javascript' || definition.signature.kind !== 'hmac-template') return null;
  const { header } = definition.signature;
  switch (status) {
    case 401:
    case 403:
      return `The receiver most likely did not accept the signature. Check that its secret is the one that signs now (during a rotation's grace that is the old one), that it reads ${header}, and that it signs the raw body, or JSON.stringify of it with nothing changed.`;
    case 413:
      return at.bodyBytes > EXPRESS_LIMIT_BYTES
        ? `The body has ${at.bodyBytes} bytes, and a receiver on Express takes 100 kB by default. Raise it: express.json({ limit: '1mb' }).`
        : `The receiver takes no body of ${at.bodyBytes} bytes. Raise its limit (Express takes 100 kB by default: express.json({ limit: '1mb' })), or that of the proxy before it.`;
    case 500:
      return `The receiver's own code failed. Two causes are common: no JSON body parser (app.use(express.json())), so that req.body is undefined; or crypto.timingSafeEqual, which throws when the signature in ${header} and the computed one have unequal lengths (a missing header, another encoding or prefix): compare the lengths first.`;
    default:
      return null;
  }
}

function statusSentence(status: number, at: Circumstances): string {
  switch (status) {
    case 400:
    case 422:
      return 'The receiver did not accept the content. Its answer, kept here, may say why.';
    case 401:
    case 403:
      return 'The receiver refused the message: most likely its secret is not the one that signs, or it asks for a credential that belongs in a custom header.';
    case 404:
      return 'The server was reached, but has nothing at this path. Check the path in the URL, and that the receiver is deployed.';
    case 405:
      return 'The path does not take POST. Check the path in the URL, and the route’s method.';
    case 408:
      return 'The receiver gave up waiting for the request.';
    case 410:
      return 'The receiver says that it is gone for good. Delete the endpoint if that is meant.';
    case 411:
    case 415:
      return 'The receiver does not take application/json here. Check its body parser.';
    case 413:
      return `The receiver takes no body of ${at.bodyBytes} bytes. Raise its limit, or that of the proxy before it.`;
    case 429:
      return 'The receiver is asked too often. Lower the endpoint’s rate limit or concurrency.';
    case 500:
      return 'The receiver’s own code failed. Its log of this moment says how.';
    case 502:
    case 503:
    case 504:
      return 'A proxy answered for a receiver that is down, overloaded or too slow. Check the service behind it.';
    default:
      return status < 500
        ? 'The receiver refused the message. Its answer, kept here, may say why.'
        : 'The receiver failed. Its log of this moment says how.';
  }
}
