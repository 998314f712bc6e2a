// A certificate authority for one run, and a certificate by it for one IP address: X.509 written as DER by hand, since Node
// reads certificates and makes none. P-256, valid from a day ago for a week.

import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { isIPv4 } from 'node:net';

export interface Certificates {
  /** PEM, each. */
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
}

const DAY_MS = 86_400_000;
const [BOOLEAN, INTEGER, BITS, OCTETS, OID, UTF8, TIME, SEQUENCE, SET] = [0x01, 0x02, 0x03, 0x04, 0x06, 0x0c, 0x17, 0x30, 0x31];

/** @param address an IPv4 address */
export function makeCertificates(address: string): Certificates {
  if (!isIPv4(address)) throw new Error(`${address} is no IPv4 address`);
  const authority = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const server = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ip = Buffer.from(address.split('.').map(Number));
  const isAuthority = extension('2.5.29.19', der(SEQUENCE, der(BOOLEAN, Buffer.of(0xff))), true);
  const names = extension('2.5.29.17', der(SEQUENCE, der(0x87, ip)), false); // subjectAltName: iPAddress
  const issuer = 'Benchmark authority';
  return {
    authority: certify(issuer, issuer, authority.publicKey, authority.privateKey, isAuthority),
    certificate: certify(issuer, address, server.publicKey, authority.privateKey, names),
    key: server.privateKey.export({ type: 'pkcs8', format: 'pem' }),
  };
}

function certify(issuer: string, subject: string, publicKey: KeyObject, signer: KeyObject, extensions: Buffer): string {
  const algorithm = der(SEQUENCE, oid('1.2.840.10045.4.3.2')); // ecdsa-with-SHA256
  const serial = randomBytes(8);
  serial.writeUInt8((serial.readUInt8(0) & 0x7f) | 0x40, 0); // positive, and no leading zero
  const body = der(
    SEQUENCE,
    der(0xa0, der(INTEGER, Buffer.of(2))), // version 3
    der(INTEGER, serial),
    algorithm,
    nameOf(issuer),
    der(SEQUENCE, time(Date.now() - DAY_MS), time(Date.now() + 7 * DAY_MS)),
    nameOf(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(SEQUENCE, extensions)),
  );
  const signature = der(BITS, Buffer.of(0), sign('sha256', body, signer));
  const text = der(SEQUENCE, body, algorithm, signature).toString('base64');
  return `-----BEGIN CERTIFICATE-----\n${text.replace(/.{1,64}/g, '$&\n')}-----END CERTIFICATE-----\n`;
}

function nameOf(common: string): Buffer {
  return der(SEQUENCE, der(SET, der(SEQUENCE, oid('2.5.4.3'), der(UTF8, Buffer.from(common)))));
}

function extension(id: string, value: Buffer, isCritical: boolean): Buffer {
  return der(SEQUENCE, oid(id), ...(isCritical ? [der(BOOLEAN, Buffer.of(0xff))] : []), der(OCTETS, value));
}

function time(ms: number): Buffer {
  return der(
    TIME,
    Buffer.from(
      new Date(ms)
        .toISOString()
        .slice(2)
        .replace(/[-:T]|\.\d+/g, ''),
    ),
  );
}

function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second];
  for (const part of rest) {
    const septets = [part & 0x7f];
    for (let left = part >>> 7; left > 0; left >>>= 7) septets.unshift((left & 0x7f) | 0x80);
    bytes.push(...septets);
  }
  return der(OID, Buffer.from(bytes));
}

/** Tag, length, content (X.690). */
function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const length: number[] = [];
  for (let left = content.length; left > 0; left >>>= 8) length.unshift(left & 0xff);
  const head = content.length < 0x80 ? [tag, content.length] : [tag, 0x80 | length.length, ...length];
  return Buffer.concat([Buffer.from(head), content]);
}
