// The sender on real sockets, in the thread that it is called from.
//
// 1. Every order is reported exactly once: with the answer, with how it failed, or, where the sender itself is at fault, as
//    `internal`. Nothing that an order holds makes it throw. Only `close` cuts orders off unreported.
// 2. Reports go out in groups: all that came in within one turn of the event loop.
// 3. It keeps no order beyond its attempt. How many are in flight is the caller's to bound.

import { createSecureContext, getCACertificates } from 'node:tls';
import type { SecureContext } from 'node:tls';
import type { ProfileDefinition } from '@waxwing/protocol';
import type { Clock } from '../ports.ts';
import { openSocket } from './dial.ts';
import type { OpenSocket } from './dial.ts';
import { httpTarget, targetRefusal, urlFault } from './egress.ts';
import type { HttpTarget } from './egress.ts';
import { Exchange } from './exchange.ts';
import type { ExchangePorts } from './exchange.ts';
import { failure, internalFailure } from './failure.ts';
import type { Failure } from './failure.ts';
import { IdleConnections } from './idle-connections.ts';
import { MessageWriter } from './message.ts';
import type { AttemptReport, EgressPolicy, SendOrder, Sender } from './order.ts';
import { exchangeReport, unsentReport } from './report.ts';
import { dnsResolver } from './resolver.ts';
import type { DnsOptions, HostResolver } from './resolver.ts';

/** What both senders take. Plain data. */
export interface SendingOptions {
  readonly policy: EgressPolicy;
  /** `Waxwing/<version>`. */
  readonly userAgent: string;
  readonly dns?: DnsOptions;
  /** Certificates (PEM) to trust beside the system's, for a private authority. */
  readonly trustedCertificates?: readonly string[];
  /** Kept-alive connections between attempts, in all; default 2,000. */
  readonly idleConnectionsMax?: number;
  /** The time that attempts and signatures carry (sending-clock.ts); the machine's own when absent. */
  readonly time?: SharedArrayBuffer | undefined;
}

export interface HttpSenderOptions extends SendingOptions {
  readonly clock: Clock;
  /** Instead of hosts file and DNS. */
  readonly resolver?: HostResolver;
  /** Instead of a TCP connection by the system. */
  readonly openSocket?: OpenSocket;
}

const URLS_MAX = 10_000;

/** A URL that may be sent to, or why it may not. */
type CheckedUrl = HttpTarget | Failure;

/** A sender in this thread. */
export function httpSender(options: HttpSenderOptions): Sender {
  return new HttpSender(options);
}

class HttpSender implements Sender {
  readonly #policy: EgressPolicy;
  readonly #clock: Clock;
  readonly #writer: MessageWriter;
  readonly #ports: ExchangePorts;
  readonly #urls = new Map<string, CheckedUrl>();
  readonly #inFlight = new Set<Exchange>();
  #onReports: (reports: readonly AttemptReport[]) => void = ignore;
  #reports: AttemptReport[] = [];
  #onQuiet: (() => void) | null = null;
  #closed = false;

  constructor(options: HttpSenderOptions) {
    this.#policy = options.policy;
    this.#clock = options.clock;
    this.#writer = new MessageWriter(options.userAgent);
    this.#ports = {
      policy: options.policy,
      clock: options.clock,
      resolver: options.resolver ?? dnsResolver(options.clock, options.dns),
      openSocket: options.openSocket ?? openSocket,
      secureContext: trust(options.trustedCertificates ?? []),
      idle: new IdleConnections(options.idleConnectionsMax ?? 2_000),
    };
  }

  start(onReports: (reports: readonly AttemptReport[]) => void): Promise<void> {
    this.#onReports = onReports;
    return Promise.resolve();
  }

  learnProfile(version: number, definition: ProfileDefinition): void {
    this.#writer.learn(version, definition);
  }

  send(orders: readonly SendOrder[]): void {
    if (this.#closed) return;
    for (const order of orders) this.#attempt(order);
  }

  async close(graceMs: number): Promise<void> {
    this.#closed = true;
    if (this.#inFlight.size > 0) {
      await new Promise<void>((resolve) => {
        const cancel = this.#clock.after(graceMs, resolve);
        this.#onQuiet = () => {
          cancel();
          resolve();
        };
      });
    }
    for (const exchange of this.#inFlight) exchange.abandon();
    this.#inFlight.clear();
    this.#ports.idle.closeAll();
    this.#ports.resolver.close?.();
    this.#flush();
  }

  #attempt(order: SendOrder): void {
    const startedMs = this.#clock.nowMs();
    let exchange: Exchange | null = null;
    try {
      const { url, timeoutMs, verifyTls } = order.target;
      const target = this.#check(url);
      if ('outcome' in target) {
        this.#report(unsentReport(order, target, startedMs));
        return;
      }
      const message = this.#writer.write(order, target, Math.floor(startedMs / 1000));
      exchange = new Exchange(this.#ports, target, message, verifyTls, timeoutMs, (settled) => this.#settled(order, settled, startedMs));
      this.#inFlight.add(exchange);
      exchange.begin();
    } catch (error) {
      if (exchange !== null) {
        if (!this.#inFlight.delete(exchange)) return; // it was reported
        exchange.abandon();
      }
      this.#report(unsentReport(order, internalFailure(error), startedMs));
    }
  }

  #settled(order: SendOrder, exchange: Exchange, startedMs: number): void {
    this.#inFlight.delete(exchange);
    try {
      this.#report(exchangeReport(order, exchange, startedMs, this.#writer.definition(order.target.profile)));
    } catch (error) {
      this.#report(unsentReport(order, internalFailure(error), startedMs, exchange.message.recorded));
    }
    if (this.#inFlight.size === 0) this.#onQuiet?.();
  }

  #check(url: string): CheckedUrl {
    const known = this.#urls.get(url);
    if (known !== undefined) return known;
    const checked = this.#judge(url);
    if (this.#urls.size >= URLS_MAX) this.#urls.clear();
    this.#urls.set(url, checked);
    return checked;
  }

  #judge(url: string): CheckedUrl {
    if (!URL.canParse(url)) return failure('blocked_scheme', 'the URL cannot be parsed');
    const parsed = new URL(url);
    const fault = urlFault(parsed);
    if (fault !== null) return failure('blocked_scheme', `the URL ${fault}`);
    const target = httpTarget(parsed);
    if (target === null) return failure('blocked_scheme', 'the URL must use https or http');
    const refusal = targetRefusal(target, this.#policy);
    return refusal === null ? target : failure(refusal.code, `the URL ${refusal.message}`);
  }

  #report(report: AttemptReport): void {
    this.#reports.push(report);
    if (this.#reports.length === 1) setImmediate(() => this.#flush());
  }

  #flush(): void {
    if (this.#reports.length === 0) return;
    const reports = this.#reports;
    this.#reports = [];
    this.#onReports(reports);
  }
}

/** One context for every connection: making one means parsing every trusted certificate. */
function trust(certificates: readonly string[]): SecureContext {
  return certificates.length === 0
    ? createSecureContext()
    : createSecureContext({ ca: [...getCACertificates('default'), ...certificates] });
}

function ignore(): void {}
