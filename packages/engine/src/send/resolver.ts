// Names to addresses: asynchronous (c-ares, not the four threads of `dns.lookup`), with a time-out and a short memory.
//
// 1. `localhost` and everything below it is the loopback, whatever a server says (RFC 6761 §6.3). Then the hosts file. Then DNS.
// 2. A and AAAA are asked at once. Once one has answered with addresses the other has a quarter of a second more: some
//    servers never answer AAAA. IPv4 comes first, since more receivers are reachable by it.
// 3. An answer is remembered for its TTL, at most a minute; that a name does not exist for a second; other failures not at all.
//    Those who ask at the same time share one query. The memory is bounded.
//
// It does not judge addresses; dial.ts does. Names are taken as fully qualified: search domains of resolv.conf do not apply.

import { Resolver } from 'node:dns/promises';
import type { Clock } from '../ports.ts';
import { isLocalhostName } from './egress.ts';
import { HostsFile, systemHostsFile } from './hosts-file.ts';

/** Resolves names for connections. Handed to the sender. */
export interface HostResolver {
  /** At least one address. Rejects with a ResolveError. `host` is lower case, without a trailing dot, and no IP literal. */
  resolve(host: string): Promise<readonly string[]>;
  /** Ends what is under way: it rejects. */
  close?(): void;
}

export type ResolveErrorCode = 'dns_not_found' | 'dns_timeout' | 'dns_failed';

export class ResolveError extends Error {
  readonly code: ResolveErrorCode;

  constructor(code: ResolveErrorCode, message: string) {
    super(message);
    this.name = 'ResolveError';
    this.code = code;
  }
}

/** Plain data, so that it reaches a sender thread. */
export interface DnsOptions {
  /** DNS servers (`address` or `address:port`) instead of the system's. */
  readonly servers?: readonly string[];
  /** A hosts file instead of the system's. */
  readonly hostsFile?: string;
  /** For one name as a whole; default 5,000. */
  readonly timeoutMs?: number;
}

const TTL_MAX_MS = 60_000;
const NOT_FOUND_MS = 1_000;
const OTHER_FAMILY_GRACE_MS = 250;
const REMEMBERED_MAX = 10_000;
const LOOPBACK = ['127.0.0.1', '::1'] as const;

interface Remembered {
  readonly untilMs: number;
  readonly addresses: readonly string[] | null;
}

interface Found {
  readonly addresses: readonly string[];
  readonly ttlMs: number;
}

interface FamilyRecord {
  readonly address: string;
  readonly ttl: number;
}

type FamilyAnswer = { readonly found: Found } | { readonly error: ResolveError };

/** The resolver that the sender uses: hosts file, then DNS. */
export function dnsResolver(clock: Clock, options: DnsOptions = {}): HostResolver {
  const timeoutMs = options.timeoutMs ?? 5_000;
  const hosts = new HostsFile(options.hostsFile ?? systemHostsFile(), clock);
  // Two tries within the whole: the second waits longer than the first.
  const resolver = new Resolver({ timeout: Math.max(1, Math.floor(timeoutMs / 3)), tries: 2 });
  if (options.servers !== undefined) resolver.setServers(options.servers);
  const remembered = new Map<string, Remembered>();
  const asking = new Map<string, Promise<readonly string[]>>();

  function remember(host: string, addresses: readonly string[] | null, forMs: number): void {
    remembered.delete(host);
    if (remembered.size >= REMEMBERED_MAX) for (const oldest of remembered.keys()) if (remembered.delete(oldest)) break;
    if (forMs > 0) remembered.set(host, { untilMs: clock.monotonicMs() + forMs, addresses });
  }

  async function ask(host: string): Promise<readonly string[]> {
    const fixed = await hosts.addresses(host);
    if (fixed !== null) return fixed;
    const answer = await bothFamilies(resolver, host, clock, timeoutMs);
    if ('found' in answer) {
      remember(host, answer.found.addresses, Math.min(answer.found.ttlMs, TTL_MAX_MS));
      return answer.found.addresses;
    }
    if (answer.error.code === 'dns_not_found') remember(host, null, NOT_FOUND_MS);
    throw answer.error;
  }

  return {
    async resolve(host) {
      if (isLocalhostName(host)) return LOOPBACK;
      const known = remembered.get(host);
      if (known !== undefined && known.untilMs > clock.monotonicMs()) {
        if (known.addresses === null) throw notFound(host);
        return known.addresses;
      }
      let asked = asking.get(host);
      if (asked === undefined) {
        asked = ask(host).finally(() => asking.delete(host));
        asking.set(host, asked);
      }
      return asked;
    },
    close: () => resolver.cancel(),
  };
}

function bothFamilies(resolver: Resolver, host: string, clock: Clock, timeoutMs: number): Promise<FamilyAnswer> {
  return new Promise((resolve) => {
    let ipv4: FamilyAnswer | null = null;
    let ipv6: FamilyAnswer | null = null;
    let settled = false;
    let cancelGrace: (() => void) | null = null;
    const late: FamilyAnswer = { error: new ResolveError('dns_timeout', `no answer for ${host} within ${timeoutMs} ms`) };
    const settle = (): void => {
      if (settled) return;
      settled = true;
      cancelTimeout();
      cancelGrace?.();
      resolve(merge(ipv4 ?? late, ipv6 ?? late));
    };
    const cancelTimeout = clock.after(timeoutMs, settle);
    const ask = async (records: Promise<readonly FamilyRecord[]>, take: (answer: FamilyAnswer) => void): Promise<void> => {
      const answer = await oneFamily(records, host);
      take(answer);
      if (ipv4 !== null && ipv6 !== null) settle();
      else if ('found' in answer && !settled) cancelGrace = clock.after(OTHER_FAMILY_GRACE_MS, settle);
    };
    void ask(resolver.resolve4(host, { ttl: true }), (answer) => (ipv4 = answer));
    void ask(resolver.resolve6(host, { ttl: true }), (answer) => (ipv6 = answer));
  });
}

async function oneFamily(records: Promise<readonly FamilyRecord[]>, host: string): Promise<FamilyAnswer> {
  try {
    const list = await records;
    if (list.length === 0) return { error: notFound(host) };
    return { found: { addresses: list.map((record) => record.address), ttlMs: Math.min(...list.map((record) => record.ttl)) * 1000 } };
  } catch (error) {
    return { error: resolveError(host, error) };
  }
}

function merge(ipv4: FamilyAnswer, ipv6: FamilyAnswer): FamilyAnswer {
  if ('found' in ipv4) {
    if (!('found' in ipv6)) return ipv4;
    const addresses = [...ipv4.found.addresses, ...ipv6.found.addresses];
    return { found: { addresses, ttlMs: Math.min(ipv4.found.ttlMs, ipv6.found.ttlMs) } };
  }
  if ('found' in ipv6) return ipv6;
  // "Does not exist" is only certain when both say so.
  return ipv4.error.code === 'dns_not_found' ? ipv6 : ipv4;
}

function notFound(host: string): ResolveError {
  return new ResolveError('dns_not_found', `${host} has no address`);
}

function resolveError(host: string, error: unknown): ResolveError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  switch (code) {
    case 'ENOTFOUND':
    case 'ENODATA':
    case 'EBADNAME':
      return notFound(host);
    case 'ETIMEOUT':
      return new ResolveError('dns_timeout', `the DNS server did not answer for ${host}`);
    default:
      return new ResolveError('dns_failed', `the DNS server could not answer for ${host} (${code})`);
  }
}
