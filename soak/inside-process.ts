// Loaded into a node's process before anything else (`--import`), to make of one machine several: what the node sends to
// other addresses of this machine leaves from an address of the node's own, so that a receiver knows who sent it; and its
// wall clock may be wrong.

import { Socket } from 'node:net';

interface Target {
  readonly host?: string | null;
  localAddress?: string;
}

/** Linux answers on the whole of 127.0.0.0/8; elsewhere everything comes from one address. */
const address = process.platform === 'linux' ? process.env['SOAK_SENDS_FROM'] : undefined;
const wrongMs = Number(process.env['SOAK_CLOCK_WRONG_MS'] ?? 0);

if (address !== undefined) {
  const connect = Reflect.get(Socket.prototype, 'connect');
  Reflect.set(Socket.prototype, 'connect', function (this: Socket, ...args: readonly unknown[]): unknown {
    const [first] = args;
    const target: unknown = Array.isArray(first) ? first[0] : first; // net.connect hands its arguments over in a list
    if (isTarget(target) && target.host === '127.0.0.1') target.localAddress = address;
    return Reflect.apply(connect, this, args);
  });
}

if (wrongMs !== 0) {
  const now = Date.now;
  const RightDate = Date;
  class WrongDate extends RightDate {
    constructor(...args: readonly unknown[]) {
      super();
      return Reflect.construct(RightDate, args.length === 0 ? [now() + wrongMs] : args, new.target);
    }
    static override now(): number {
      return now() + wrongMs;
    }
  }
  Reflect.set(globalThis, 'Date', WrongDate);
}

function isTarget(value: unknown): value is Target {
  return typeof value === 'object' && value !== null && 'host' in value;
}
