// The snippet for Go: its standard library only.

import { doubleQuoted as quoted, lines, TOLERANCE_SECONDS } from './signing-facts.ts';
import type { HmacFacts, JwtFacts, SigningFacts } from './signing-facts.ts';

const HASH = { sha256: 'sha256.New', sha512: 'sha512.New', sha1: 'sha1.New' } as const;
const SIGNATURE = [
  `// Verify says whether body (the exact bytes, before any parser) was signed with the secret.`,
  `// In a handler: body, err := io.ReadAll(r.Body), then Verify(r.Header, body, secret), and answer 401 when it is false.`,
  `func Verify(headers http.Header, body []byte, secret string) bool {`,
];

export function goSnippet(facts: SigningFacts): string {
  return facts.kind === 'hmac' ? hmacSnippet(facts) : jwtSnippet(facts);
}

function imports(names: readonly (string | null)[]): readonly string[] {
  const sorted = [...new Set(names.filter((name) => name !== null))].sort();
  return [`package webhooks`, ``, `import (`, ...sorted.map((name) => `\t"${name}"`), `)`, ``];
}

function hmacSnippet(facts: HmacFacts): string {
  const head = facts.head
    .map((part) =>
      'text' in part ? quoted(part.text) : part.header === facts.timestampHeader ? 'timestamp' : `headers.Get(${quoted(part.header)})`,
    )
    .join(' + ');
  const digest = facts.encoding === 'hex' ? `hex.EncodeToString(mac.Sum(nil))` : `base64.StdEncoding.EncodeToString(mac.Sum(nil))`;
  const { timestampHeader } = facts;
  return lines(
    imports([
      'crypto/hmac',
      `crypto/${facts.algorithm}`,
      'net/http',
      facts.encoding === 'hex' ? 'encoding/hex' : 'encoding/base64',
      ...(facts.key === 'base64' ? ['encoding/base64', 'strings'] : []),
      ...(timestampHeader === null ? [] : ['strconv', 'time']),
      facts.isList ? 'strings' : null,
    ]),
    SIGNATURE,
    timestampHeader === null
      ? null
      : [
          `\ttimestamp := headers.Get(${quoted(timestampHeader)})`,
          `\tseconds, err := strconv.ParseInt(timestamp, 10, 64)`,
          `\tif err != nil || seconds < time.Now().Unix()-${TOLERANCE_SECONDS} || seconds > time.Now().Unix()+${TOLERANCE_SECONDS} {`,
          `\t\treturn false // too old, or from the future`,
          `\t}`,
        ],
    facts.key === 'base64'
      ? [
          `\tkey, err := base64.StdEncoding.DecodeString(secret[strings.LastIndex(secret, "_")+1:])`,
          `\tif err != nil || len(key) == 0 {`,
          `\t\treturn false`,
          `\t}`,
        ]
      : [`\tkey := []byte(secret)`, `\tif len(key) == 0 {`, `\t\treturn false`, `\t}`],
    `\tmac := hmac.New(${HASH[facts.algorithm]}, key)`,
    head === '' ? null : `\tmac.Write([]byte(${head}))`,
    `\tmac.Write(body)`,
    `\texpected := ${facts.prefix === '' ? '' : `${quoted(facts.prefix)} + `}${digest}`,
    facts.isList
      ? [
          `\tfor _, sent := range strings.Split(headers.Get(${quoted(facts.header)}), " ") {`,
          `\t\tif hmac.Equal([]byte(expected), []byte(sent)) {`,
          `\t\t\treturn true`,
          `\t\t}`,
          `\t}`,
          `\treturn false`,
        ]
      : `\treturn hmac.Equal([]byte(expected), []byte(headers.Get(${quoted(facts.header)})))`,
    `}`,
  );
}

function jwtSnippet({ header, prefix, claim }: JwtFacts): string {
  return lines(
    imports(['crypto/hmac', 'crypto/sha256', 'encoding/base64', 'encoding/hex', 'encoding/json', 'net/http', 'strings']),
    SIGNATURE,
    `\ttoken, found := strings.CutPrefix(headers.Get(${quoted(header)}), ${quoted(prefix)})`,
    `\tparts := strings.Split(token, ".")`,
    `\tif !found || secret == "" || len(parts) != 3 {`,
    `\t\treturn false`,
    `\t}`,
    `\tmac := hmac.New(sha256.New, []byte(secret))`,
    `\tmac.Write([]byte(parts[0] + "." + parts[1]))`,
    `\tif !hmac.Equal([]byte(base64.RawURLEncoding.EncodeToString(mac.Sum(nil))), []byte(parts[2])) {`,
    `\t\treturn false`,
    `\t}`,
    `\tvar claims map[string]any`,
    `\tpayload, err := base64.RawURLEncoding.DecodeString(parts[1])`,
    `\tif err != nil || json.Unmarshal(payload, &claims) != nil {`,
    `\t\treturn false`,
    `\t}`,
    `\tsum := sha256.Sum256(body)`,
    `\tclaimed, _ := claims[${quoted(claim)}].(string)`,
    `\treturn hmac.Equal([]byte(hex.EncodeToString(sum[:])), []byte(claimed))`,
    `}`,
  );
}
