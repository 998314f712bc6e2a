// A DNS server of a few lines (RFC 1035): answers A and AAAA from a table, or not at all.

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import ipaddr from 'ipaddr.js';

/** What a name answers: its addresses, a code (RFC 1035 §4.1.1), nothing, bytes of any kind (made of the query and a right answer). */
export type Answer =
  | { readonly addresses: readonly string[]; readonly ttl?: number }
  | { readonly code: number }
  | { readonly bytes: (query: Buffer, right: Buffer) => Buffer }
  /** Asked anew at each question. */
  | { readonly turn: () => Answer }
  | 'servfail'
  | 'silent'
  | 'silent6';

/** A name that is not in the table does not exist. */
export type Zone = { readonly [name: string]: Answer };

export interface DnsServer extends AsyncDisposable {
  readonly address: string;
  /** `name A` or `name AAAA`, as asked. */
  readonly questions: string[];
  zone: Zone;
}

const A = 1;
const AAAA = 28;

export async function dnsServer(zone: Zone): Promise<DnsServer> {
  const socket = createSocket('udp4');
  const server = {
    address: '',
    questions: [] as string[],
    zone,
    async [Symbol.asyncDispose]() {
      socket.close();
      await once(socket, 'close');
    },
  };
  socket.on('message', (query, peer) => {
    const labels: string[] = [];
    let at = 12;
    for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
      labels.push(query.toString('latin1', at + 1, at + 1 + length));
      at += length + 1;
    }
    const name = labels.join('.').toLowerCase();
    const type = query.readUInt16BE(at + 1);
    const question = query.subarray(12, at + 5);
    server.questions.push(`${name} ${type === A ? 'A' : 'AAAA'}`);
    let known = server.zone[name];
    while (typeof known === 'object' && 'turn' in known) known = known.turn();
    if (known === 'silent' || (known === 'silent6' && type === AAAA)) return;
    const entry = known === 'silent6' || (typeof known === 'object' && 'bytes' in known) ? { addresses: ['127.0.0.1', '::1'] } : known;
    const addresses =
      typeof entry === 'object' && 'addresses' in entry ? entry.addresses.map((text) => ipaddr.parse(text).toByteArray()) : [];
    const records = addresses
      .filter((bytes) => bytes.length === (type === A ? 4 : type === AAAA ? 16 : 0))
      .map((bytes) => {
        const record = Buffer.alloc(12 + bytes.length);
        record.writeUInt16BE(0xc00c, 0); // the name, as in the question
        record.writeUInt16BE(type, 2);
        record.writeUInt16BE(1, 4);
        record.writeUInt32BE(typeof entry === 'object' && 'addresses' in entry ? (entry.ttl ?? 60) : 0, 6);
        record.writeUInt16BE(bytes.length, 10);
        Buffer.from(bytes).copy(record, 12);
        return record;
      });
    const head = Buffer.from(query.subarray(0, 12));
    const code = entry === 'servfail' ? 2 : entry === undefined ? 3 : typeof entry === 'object' && 'code' in entry ? entry.code : 0;
    head.writeUInt16BE(0x8180 | code, 2);
    head.writeUInt16BE(1, 4);
    head.writeUInt16BE(records.length, 6);
    head.writeUInt16BE(0, 8);
    head.writeUInt16BE(0, 10);
    const right = Buffer.concat([head, question, ...records]);
    socket.send(typeof known === 'object' && 'bytes' in known ? known.bytes(query, right) : right, peer.port, peer.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  server.address = `127.0.0.1:${socket.address().port}`;
  return server;
}
