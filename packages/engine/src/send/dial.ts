// Dialling: from a target to a connected socket that may be written to.
//
// 1. Only addresses that the policy takes are ever connected to, by address, never by name: what was checked is what is dialled.
//    A name is refused if any of its addresses is.
// 2. The connected socket's own remote address is checked once more before a byte is written.
// 3. Addresses are tried in turn, each with its share of the time that is left; TLS is tried on the one that connects.
//
// How far it came stands in its fields at every moment, so that a time-out can say what it interrupted.

import { Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import { connect as connectTls } from 'node:tls';
import type { Clock } from '../ports.ts';
import { addressRefusal } from './address-ranges.ts';
import type { HttpTarget } from './egress.ts';
import { connectFailure, failure, internalFailure, resolveFailure, tlsFailure } from './failure.ts';
import type { Failure } from './failure.ts';
import type { EgressPolicy } from './order.ts';
import type { HostResolver } from './resolver.ts';

/** Opens a TCP connection to an address. A port, so that a test can answer for addresses that it does not have. */
export type OpenSocket = (address: string, port: number) => Socket;

export const openSocket: OpenSocket = (address, port) => {
  const socket = new Socket();
  socket.setNoDelay(true).setKeepAlive(true, 60_000).connect({ host: address, port });
  return socket;
};

export interface DialPorts {
  readonly policy: EgressPolicy;
  readonly clock: Clock;
  readonly resolver: HostResolver;
  readonly openSocket: OpenSocket;
  readonly secureContext: SecureContext;
}

const ADDRESSES_MAX = 8;
const CONNECT_MAX_MS = 10_000; // one address; beyond it, nothing that listens is meant
const CONNECT_MIN_MS = 250;

/** One dialling. Used once: `run`, and `cancel` at any time (then `run` never resolves to a socket). */
export class Dial {
  stage: 'dns' | 'connect' | 'tls' = 'dns';
  address: string | null = null;
  dnsMs: number | null = null;
  connectMs: number | null = null;
  tlsMs: number | null = null;

  readonly #ports: DialPorts;
  readonly #target: HttpTarget;
  readonly #verifyTls: boolean;
  readonly #deadlineMs: number;
  #socket: Socket | null = null;
  #cancelled = false;

  /** @param deadlineMs when the attempt ends, on the monotonic clock */
  constructor(ports: DialPorts, target: HttpTarget, verifyTls: boolean, deadlineMs: number) {
    this.#ports = ports;
    this.#target = target;
    this.#verifyTls = verifyTls;
    this.#deadlineMs = deadlineMs;
  }

  /** Never rejects. */
  async run(): Promise<{ readonly socket: Socket } | { readonly failed: Failure }> {
    try {
      const addresses = await this.#addresses();
      if ('failed' in addresses) return addresses;
      const connected = await this.#connect(addresses.list);
      if ('failed' in connected || !this.#target.secure) return connected;
      if (this.#cancelled) return { failed: failure('connect_failed', 'the attempt has ended') };
      return await this.#handshake(connected.socket);
    } catch (error) {
      this.#socket?.destroy();
      return { failed: internalFailure(error) };
    }
  }

  cancel(): void {
    this.#cancelled = true;
    this.#socket?.destroy();
  }

  async #addresses(): Promise<{ readonly list: readonly string[] } | { readonly failed: Failure }> {
    const { host, hostIsAddress } = this.#target;
    let list: readonly string[] = [host];
    if (!hostIsAddress) {
      const begunMs = this.#ports.clock.monotonicMs();
      try {
        list = await this.#ports.resolver.resolve(host);
      } catch (error) {
        return { failed: resolveFailure(error) };
      } finally {
        this.dnsMs = this.#ports.clock.monotonicMs() - begunMs;
      }
    }
    for (const address of list) {
      const refusal = addressRefusal(address, this.#ports.policy.allowPrivateNetworks);
      if (refusal !== null) {
        this.address = address;
        return {
          failed: failure(
            'blocked_private_address',
            hostIsAddress ? `${address} is ${refusal}` : `${host} resolves to ${address}, ${refusal}`,
          ),
        };
      }
    }
    return { list: list.slice(0, ADDRESSES_MAX) };
  }

  async #connect(addresses: readonly string[]): Promise<{ readonly socket: Socket } | { readonly failed: Failure }> {
    this.stage = 'connect';
    const { clock } = this.#ports;
    const begunMs = clock.monotonicMs();
    let failed: Failure = failure('connect_failed', 'the name has no address');
    for (const [index, address] of addresses.entries()) {
      if (this.#cancelled) break;
      const leftMs = this.#deadlineMs - clock.monotonicMs();
      const others = addresses.length - index - 1;
      // The last one has until the attempt's own time-out, which then says so.
      const shareMs = others === 0 ? CONNECT_MAX_MS : Math.max(CONNECT_MIN_MS, Math.min(CONNECT_MAX_MS, leftMs / (others + 1)));
      this.address = address;
      const result = await this.#connectTo(address, shareMs);
      this.connectMs = clock.monotonicMs() - begunMs;
      if ('socket' in result) return result;
      failed = result.failed;
      if (failed.outcome.kind === 'blocked') break;
    }
    return { failed };
  }

  #connectTo(address: string, withinMs: number): Promise<{ readonly socket: Socket } | { readonly failed: Failure }> {
    const { clock, policy } = this.#ports;
    return new Promise((resolve) => {
      const socket = this.#ports.openSocket(address, this.#target.port);
      this.#socket = socket;
      const settle = (result: { readonly socket: Socket } | { readonly failed: Failure }): void => {
        cancelTimer();
        socket.off('connect', onConnect).off('error', onError).off('close', onClose);
        if ('failed' in result) socket.on('error', ignore).destroy();
        resolve(result);
      };
      const onConnect = (): void => {
        const remote = socket.remoteAddress;
        const refusal = remote === undefined ? 'gone already' : addressRefusal(remote, policy.allowPrivateNetworks);
        if (remote === undefined) settle({ failed: failure('connect_failed', 'the connection was closed as soon as it was made') });
        else if (refusal !== null)
          settle({ failed: failure('blocked_private_address', `the connection to ${address} ended at ${remote}, ${refusal}`) });
        else settle({ socket });
      };
      const onError = (error: Error): void => settle({ failed: connectFailure(error) });
      const onClose = (): void => settle({ failed: failure('connect_failed', 'the connection was closed before it was made') });
      const cancelTimer = clock.after(withinMs, () =>
        settle({ failed: failure('connect_timeout', `${address} did not accept the connection within ${Math.round(withinMs)} ms`) }),
      );
      socket.on('connect', onConnect).on('error', onError).on('close', onClose);
    });
  }

  #handshake(raw: Socket): Promise<{ readonly socket: Socket } | { readonly failed: Failure }> {
    this.stage = 'tls';
    const { clock, secureContext } = this.#ports;
    const { host, hostIsAddress } = this.#target;
    const begunMs = clock.monotonicMs();
    return new Promise((resolve) => {
      const socket = connectTls({
        socket: raw,
        host, // what the certificate must name
        ...(hostIsAddress ? {} : { servername: host }), // RFC 6066 §3: no SNI for addresses
        secureContext,
        rejectUnauthorized: this.#verifyTls,
        ALPNProtocols: ['http/1.1'],
      });
      this.#socket = socket;
      const settle = (failed: Failure | null): void => {
        this.tlsMs = clock.monotonicMs() - begunMs;
        socket.off('secureConnect', onSecure).off('error', onError).off('close', onClose);
        if (failed === null) return resolve({ socket });
        socket.on('error', ignore).destroy();
        raw.on('error', ignore).destroy();
        resolve({ failed });
      };
      const onSecure = (): void => settle(null);
      const onError = (error: Error): void => settle(tlsFailure(error));
      const onClose = (): void => settle(failure('tls_handshake', `${host} closed the connection within the TLS handshake`));
      socket.on('secureConnect', onSecure).on('error', onError).on('close', onClose);
    });
  }
}

function ignore(): void {}
