// The snippet for curl: a shell script that signs a sample with openssl, as Waxwing does, and sends it to one's own receiver.

import type { ProfileResource } from '@waxwing/protocol';
import { lines, shellQuoted as quoted } from './signing-facts.ts';
import type { HmacFacts, JwtFacts, SigningFacts } from './signing-facts.ts';

export function shellSnippet(facts: SigningFacts, profile: Pick<ProfileResource, 'headers' | 'sampleMessage'>): string {
  const id = profile.sampleMessage?.headers.find(([name]) => name.toLowerCase() === 'webhook-id')?.[1] ?? 'evt_sample';
  const fixed = [['content-type', 'application/json'], ...Object.entries(profile.headers)];
  const headers = fixed.map(([name, value]) => `  -H ${quoted(`${name}: ${value}`)} \\`);
  const hmac = facts.kind === 'hmac';
  return lines(
    `#!/usr/bin/env bash`,
    `# Signs a sample as Waxwing does, and sends it to your receiver: WEBHOOK_SECRET=… bash send.sh http://localhost:3000/webhooks`,
    `set -euo pipefail`,
    ``,
    `URL="\${1:?Where is your receiver?}"`,
    `SECRET="\${WEBHOOK_SECRET:?}"`,
    `ID=${quoted(id)}`,
    `BODY=${quoted(profile.sampleMessage?.body ?? '{}')}`,
    `hex() { od -An -v -tx1 | tr -d ' \\n'; }`,
    hmac ? hmacLines(facts) : jwtLines(facts),
    ``,
    `curl -i "$URL" \\`,
    headers,
    `  -H "webhook-id: $ID" \\`,
    hmac && facts.timestampHeader !== null ? `  -H "${facts.timestampHeader}: $TIMESTAMP" \\` : null,
    `  -H ${quoted(`${facts.header}: ${facts.prefix}`)}"$SIGNATURE" \\`,
    `  --data-binary "$BODY"`,
  );
}

function hmacLines(facts: HmacFacts): readonly (string | null)[] {
  const head = facts.head
    .map((part) => ('text' in part ? quoted(part.text) : part.header === facts.timestampHeader ? '"$TIMESTAMP"' : '"$ID"'))
    .join('');
  return [
    facts.timestampHeader === null ? null : `TIMESTAMP="$(date +%s)"`,
    facts.key === 'base64' ? `KEY="$(printf %s "\${SECRET##*_}" | openssl base64 -d -A | hex)"` : `KEY="$(printf %s "$SECRET" | hex)"`,
    ``,
    `SIGNATURE="$(printf %s ${head}"$BODY" \\`,
    `  | openssl dgst -${facts.algorithm} -mac HMAC -macopt "hexkey:$KEY" -binary | ${facts.encoding === 'hex' ? 'hex' : 'openssl base64 -A'})"`,
  ];
}

function jwtLines({ claim }: JwtFacts): readonly string[] {
  return [
    `KEY="$(printf %s "$SECRET" | hex)"`,
    `b64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }`,
    ``,
    `HASH="$(printf %s "$BODY" | openssl dgst -sha256 -binary | hex)"`,
    `TOKEN="$(printf %s '{"alg":"HS256","typ":"JWT"}' | b64url).$(printf '{"%s":"%s"}' ${quoted(claim)} "$HASH" | b64url)"`,
    `SIGNATURE="$TOKEN.$(printf %s "$TOKEN" | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$KEY" -binary | b64url)"`,
  ];
}
