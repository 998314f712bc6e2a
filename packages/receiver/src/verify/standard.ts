// Standard Webhooks 1.0: `v1` (HMAC-SHA256) and `v1a` (ed25519) over `id.timestamp.body`, any number of each in one header.

import type { StandardSignature } from '../scheme.ts';
import { fromBase64 } from './encoding.ts';
import type { Claim, Question, SignedSpan, UsableKey } from './question.ts';
import { NeededHeader, SIGNATURES_MAX } from './reader.ts';
import type { SignatureReader } from './reader.ts';
import type { ReceivedRequest } from './request.ts';
import type { Refused } from './result.ts';
import { standardKey } from './secret.ts';
import { parseTime, TIME_FORMS } from './time.ts';

const HMAC = /^[A-Za-z0-9+/]{43}=$/;
const ED25519 = /^[A-Za-z0-9+/]{86}==$/;

export function standardReader(scheme: StandardSignature): SignatureReader {
  const families = (scheme.headerPrefixes ?? ['webhook']).map((prefix) => ({
    id: new NeededHeader(`${prefix}-id`),
    timestamp: new NeededHeader(`${prefix}-timestamp`),
    signature: new NeededHeader(`${prefix}-signature`),
  }));

  function claim(request: ReceivedRequest): Claim | Refused {
    const family = families.find(({ signature }) => signature.read(request) !== null) ?? families[0];
    if (family === undefined) return new NeededHeader('webhook-signature').missing();
    const id = family.id.read(request);
    if (id === null) return family.id.missing();
    const timestamp = family.timestamp.read(request);
    if (timestamp === null) return family.timestamp.missing();
    const header = family.signature.read(request);
    if (header === null) return family.signature.missing();
    const signedAtMs = parseTime(timestamp, 'seconds');
    if (signedAtMs === null) return family.timestamp.malformed(TIME_FORMS.seconds);

    if (header.includes(', ')) return family.signature.malformed('one header; it came twice and was joined on the way');

    const shared: string[] = [];
    const pairs: Uint8Array<ArrayBuffer>[] = [];
    for (const entry of header.split(' ', SIGNATURES_MAX)) {
      if (entry.startsWith('v1,') && HMAC.test(entry.slice(3))) shared.push(entry.slice(3));
      if (entry.startsWith('v1a,') && ED25519.test(entry.slice(4))) pairs.push(fromBase64(entry.slice(4)) ?? new Uint8Array(64));
    }
    if (shared.length + pairs.length === 0) return family.signature.malformed('`v1,` or `v1a,` and base64, between spaces');
    const before = `${id}.${timestamp}.`;

    return {
      holds(key: UsableKey, body: string | Uint8Array): boolean | Question {
        const content = [before, body];
        if (key.use === 'public') return pairs.length > 0 && { ask: 'ed25519', key: key.bytes, content, signatures: pairs };
        if (shared.length === 0) return false;
        return { ask: 'hmac', hash: 'sha256', key: key.bytes, content, encoding: 'base64', signatures: shared };
      },
      span: (): SignedSpan => ({ signedAtMs }),
    };
  }

  return { key: standardKey, claim };
}
