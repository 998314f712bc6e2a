// The snippet for Python 3.8 and later: its standard library only.

import { doubleQuoted as quoted, lines, TOLERANCE_SECONDS } from './signing-facts.ts';
import type { HmacFacts, JwtFacts, SigningFacts } from './signing-facts.ts';

const USE = [
  ``,
  ``,
  `# In Flask: verify(request.headers, request.get_data(), os.environ["WEBHOOK_SECRET"]), and answer 401 when it is False.`,
];
const SIGNATURE = [
  `def verify(headers, body: bytes, secret: str) -> bool:`,
  `    """headers: any mapping that ignores case; body: the exact bytes, before any parser."""`,
];

export function pythonSnippet(facts: SigningFacts): string {
  return facts.kind === 'hmac' ? hmacSnippet(facts) : jwtSnippet(facts);
}

function hmacSnippet(facts: HmacFacts): string {
  const head = facts.head
    .map((part) =>
      'text' in part ? quoted(part.text) : part.header === facts.timestampHeader ? 'timestamp' : `headers.get(${quoted(part.header)}, "")`,
    )
    .join(' + ');
  const mac = `hmac.new(key, signed, hashlib.${facts.algorithm})`;
  const digest = facts.encoding === 'hex' ? `${mac}.hexdigest()` : `base64.b64encode(${mac}.digest()).decode()`;
  const needsBase64 = facts.encoding === 'base64' || facts.key === 'base64';
  const sent = `headers.get(${quoted(facts.header)}, "")`;
  return lines(
    needsBase64 ? `import base64` : null,
    `import hashlib`,
    `import hmac`,
    facts.timestampHeader === null ? null : [`import re`, `import time`],
    ``,
    ``,
    SIGNATURE,
    facts.timestampHeader === null
      ? null
      : [
          `    timestamp = headers.get(${quoted(facts.timestampHeader)}, "")`,
          `    if not re.fullmatch(r"[0-9]{1,12}", timestamp) or abs(time.time() - int(timestamp)) > ${TOLERANCE_SECONDS}:`,
          `        return False  # too old, or from the future`,
        ],
    facts.key === 'base64' ? `    key = base64.b64decode(secret.split("_")[-1])` : `    key = secret.encode()`,
    `    if not key:`,
    `        return False`,
    head === '' ? `    signed = body` : `    signed = (${head}).encode() + body`,
    `    expected = ${facts.prefix === '' ? '' : `${quoted(facts.prefix)} + `}${digest}`,
    facts.isList
      ? `    return any(hmac.compare_digest(expected.encode(), sent.encode()) for sent in ${sent}.split(" "))`
      : `    return hmac.compare_digest(expected.encode(), ${sent}.encode())`,
    USE,
  );
}

function jwtSnippet({ header, prefix, claim }: JwtFacts): string {
  return lines(
    `import base64`,
    `import hashlib`,
    `import hmac`,
    `import json`,
    ``,
    ``,
    SIGNATURE,
    `    prefix = ${quoted(prefix)}`,
    `    sent = headers.get(${quoted(header)}, "")`,
    `    parts = sent[len(prefix):].split(".")`,
    `    if not secret or not sent.startswith(prefix) or len(parts) != 3:`,
    `        return False`,
    `    mac = hmac.new(secret.encode(), f"{parts[0]}.{parts[1]}".encode(), hashlib.sha256).digest()`,
    `    expected = base64.urlsafe_b64encode(mac).rstrip(b"=")`,
    `    if not hmac.compare_digest(expected, parts[2].encode()):`,
    `        return False`,
    `    claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))`,
    `    return hmac.compare_digest(hashlib.sha256(body).hexdigest(), str(claims.get(${quoted(claim)})))`,
    USE,
  );
}
