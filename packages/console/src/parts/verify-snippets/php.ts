// The snippet for PHP 8: nothing but what it brings.

import { lines, singleQuoted as quoted, TOLERANCE_SECONDS } from './signing-facts.ts';
import type { HmacFacts, JwtFacts, SigningFacts } from './signing-facts.ts';

const BEGIN = [`<?php`, ``, `// $headers: names in lower case; $body: the exact bytes, before any parser.`];
const SIGNATURE = [`function verify(array $headers, string $body, string $secret): bool`, `{`];
const USE = [
  ``,
  `$headers = array_change_key_case(getallheaders());`,
  `if (!verify($headers, file_get_contents('php://input'), (string) getenv('WEBHOOK_SECRET'))) {`,
  `    http_response_code(401);`,
  `    exit;`,
  `}`,
];

export function phpSnippet(facts: SigningFacts): string {
  return facts.kind === 'hmac' ? hmacSnippet(facts) : jwtSnippet(facts);
}

function hmacSnippet(facts: HmacFacts): string {
  const { timestampHeader } = facts;
  const head = facts.head.map((part) =>
    'text' in part ? quoted(part.text) : part.header === timestampHeader ? '$timestamp' : `($headers[${quoted(part.header)}] ?? '')`,
  );
  const signed = [...head, '$body'].join(' . ');
  const hex = facts.encoding === 'hex';
  const mac = `hash_hmac('${facts.algorithm}', ${signed}, $key${hex ? '' : ', true'})`;
  return lines(
    BEGIN,
    SIGNATURE,
    timestampHeader === null
      ? null
      : [
          `    $timestamp = $headers[${quoted(timestampHeader)}] ?? '';`,
          `    if (!ctype_digit($timestamp) || abs(time() - (int) $timestamp) > ${TOLERANCE_SECONDS}) {`,
          `        return false; // too old, or from the future`,
          `    }`,
        ],
    facts.key === 'base64' ? `    $key = base64_decode(substr(strrchr('_' . $secret, '_'), 1), true);` : `    $key = $secret;`,
    `    if ($key === false || $key === '') {`,
    `        return false;`,
    `    }`,
    `    $expected = ${facts.prefix === '' ? '' : `${quoted(facts.prefix)} . `}${hex ? mac : `base64_encode(${mac})`};`,
    facts.isList
      ? [
          `    foreach (explode(' ', $headers[${quoted(facts.header)}] ?? '') as $sent) {`,
          `        if (hash_equals($expected, $sent)) {`,
          `            return true;`,
          `        }`,
          `    }`,
          `    return false;`,
        ]
      : `    return hash_equals($expected, $headers[${quoted(facts.header)}] ?? '');`,
    `}`,
    USE,
  );
}

function jwtSnippet({ header, prefix, claim }: JwtFacts): string {
  return lines(
    BEGIN,
    SIGNATURE,
    `    $sent = $headers[${quoted(header)}] ?? '';`,
    `    $parts = explode('.', substr($sent, ${prefix.length}));`,
    `    if ($secret === '' || !str_starts_with($sent, ${quoted(prefix)}) || count($parts) !== 3) {`,
    `        return false;`,
    `    }`,
    `    $mac = hash_hmac('sha256', $parts[0] . '.' . $parts[1], $secret, true);`,
    `    $expected = rtrim(strtr(base64_encode($mac), '+/', '-_'), '=');`,
    `    if (!hash_equals($expected, $parts[2])) {`,
    `        return false;`,
    `    }`,
    `    $claims = json_decode(base64_decode(strtr($parts[1], '-_', '+/')), true);`,
    `    return hash_equals(hash('sha256', $body), (string) ($claims[${quoted(claim)}] ?? ''));`,
    `}`,
    USE,
  );
}
