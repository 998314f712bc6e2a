// The hosts file: names that the machine's administrator has fixed, which c-ares' queries do not look at.
//
// Read when first asked and again when older than half a minute; a file that cannot be read counts as empty.

import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import type { Clock } from '../ports.ts';

const REREAD_AFTER_MS = 30_000;

/** Where the operating system keeps it. */
export function systemHostsFile(): string {
  return process.platform === 'win32' ? 'C:\\Windows\\System32\\drivers\\etc\\hosts' : '/etc/hosts';
}

/** Takes a hosts file apart: lower-case name → addresses, in the file's order. Lines that are not `address name…` are passed over. */
export function parseHosts(text: string): ReadonlyMap<string, readonly string[]> {
  const hosts = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const [address, ...names] = (line.split('#', 1)[0] ?? '').trim().split(/\s+/);
    if (address === undefined || isIP(address) === 0) continue;
    for (const name of names) {
      const key = name.toLowerCase();
      const known = hosts.get(key);
      if (known === undefined) hosts.set(key, [address]);
      else if (!known.includes(address)) known.push(address);
    }
  }
  return hosts;
}

/** Looks names up in a hosts file. */
export class HostsFile {
  readonly #path: string;
  readonly #clock: Clock;
  #reading: Promise<ReadonlyMap<string, readonly string[]>> | null = null;
  #readAtMs = 0;

  constructor(path: string, clock: Clock) {
    this.#path = path;
    this.#clock = clock;
  }

  async addresses(name: string): Promise<readonly string[] | null> {
    const nowMs = this.#clock.monotonicMs();
    if (this.#reading === null || nowMs - this.#readAtMs > REREAD_AFTER_MS) {
      this.#readAtMs = nowMs;
      this.#reading = readFile(this.#path, 'utf8').then(parseHosts, () => new Map());
    }
    return (await this.#reading).get(name) ?? null;
  }
}
