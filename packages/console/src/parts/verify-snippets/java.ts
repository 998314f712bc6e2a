// The snippet for Java 17 and later: its standard library only.

import { doubleQuoted as quoted, lines, TOLERANCE_SECONDS } from './signing-facts.ts';
import type { HmacFacts, JwtFacts, SigningFacts } from './signing-facts.ts';

const MAC = { sha256: 'HmacSHA256', sha512: 'HmacSHA512', sha1: 'HmacSHA1' } as const;
const SIGNATURE = [
  `final class Webhooks {`,
  `  /** header: gives a header by its name or null, such as request::getHeader. body: the exact bytes, before any parser. */`,
  `  static boolean verify(Function<String, String> header, byte[] body, String secret) throws GeneralSecurityException {`,
];
const END = [
  `  }`,
  ``,
  `  private static String text(String value) {`,
  `    return value == null ? "" : value;`,
  `  }`,
  ``,
  `  private static byte[] bytes(String value) {`,
  `    return value.getBytes(StandardCharsets.UTF_8);`,
  `  }`,
  `}`,
];

export function javaSnippet(facts: SigningFacts): string {
  return facts.kind === 'hmac' ? hmacSnippet(facts) : jwtSnippet(facts);
}

function imports(names: readonly (string | null)[]): readonly string[] {
  const always = [
    'java.nio.charset.StandardCharsets',
    'java.security.GeneralSecurityException',
    'java.security.MessageDigest',
    'java.util.function.Function',
    'javax.crypto.Mac',
    'javax.crypto.spec.SecretKeySpec',
  ];
  const sorted = [...new Set([...always, ...names.filter((name) => name !== null)])].sort();
  return [...sorted.map((name) => `import ${name};`), ``];
}

function hmacSnippet(facts: HmacFacts): string {
  const { timestampHeader } = facts;
  const head = facts.head
    .map((part) =>
      'text' in part ? quoted(part.text) : part.header === timestampHeader ? 'timestamp' : `text(header.apply(${quoted(part.header)}))`,
    )
    .join(' + ');
  const name = MAC[facts.algorithm];
  const digest = facts.encoding === 'hex' ? `HexFormat.of().formatHex(mac.doFinal())` : `Base64.getEncoder().encodeToString(mac.doFinal())`;
  return lines(
    imports([
      facts.encoding === 'hex' ? 'java.util.HexFormat' : 'java.util.Base64',
      facts.key === 'base64' ? 'java.util.Base64' : null,
      timestampHeader === null ? null : 'java.time.Instant',
    ]),
    SIGNATURE,
    timestampHeader === null
      ? null
      : [
          `    String timestamp = text(header.apply(${quoted(timestampHeader)}));`,
          `    if (!timestamp.matches("[0-9]{1,12}")`,
          `        || Math.abs(Instant.now().getEpochSecond() - Long.parseLong(timestamp)) > ${TOLERANCE_SECONDS}) {`,
          `      return false; // too old, or from the future`,
          `    }`,
        ],
    facts.key === 'base64'
      ? `    byte[] key = Base64.getDecoder().decode(secret.substring(secret.lastIndexOf('_') + 1));`
      : `    byte[] key = bytes(secret);`,
    `    if (key.length == 0) {`,
    `      return false;`,
    `    }`,
    `    Mac mac = Mac.getInstance("${name}");`,
    `    mac.init(new SecretKeySpec(key, "${name}"));`,
    head === '' ? null : `    mac.update(bytes(${head}));`,
    `    mac.update(body);`,
    `    byte[] expected = bytes(${facts.prefix === '' ? '' : `${quoted(facts.prefix)} + `}${digest});`,
    facts.isList
      ? [
          `    for (String sent : text(header.apply(${quoted(facts.header)})).split(" ")) {`,
          `      if (MessageDigest.isEqual(expected, bytes(sent))) {`,
          `        return true;`,
          `      }`,
          `    }`,
          `    return false;`,
        ]
      : `    return MessageDigest.isEqual(expected, bytes(text(header.apply(${quoted(facts.header)}))));`,
    END,
  );
}

function jwtSnippet({ header, prefix, claim }: JwtFacts): string {
  const pattern = `"${claim.replaceAll(/[.]/g, String.raw`\.`)}"\\s*:\\s*"([0-9a-f]{64})"`;
  return lines(
    imports(['java.util.Base64', 'java.util.HexFormat', 'java.util.regex.Matcher', 'java.util.regex.Pattern']),
    SIGNATURE,
    `    String sent = text(header.apply(${quoted(header)}));`,
    `    String[] parts = sent.substring(Math.min(sent.length(), ${prefix.length})).split("\\\\.", -1);`,
    `    if (secret.isEmpty() || !sent.startsWith(${quoted(prefix)}) || parts.length != 3) {`,
    `      return false;`,
    `    }`,
    `    Mac mac = Mac.getInstance("HmacSHA256");`,
    `    mac.init(new SecretKeySpec(bytes(secret), "HmacSHA256"));`,
    `    String expected = Base64.getUrlEncoder().withoutPadding().encodeToString(mac.doFinal(bytes(parts[0] + "." + parts[1])));`,
    `    if (!MessageDigest.isEqual(bytes(expected), bytes(parts[2]))) {`,
    `      return false;`,
    `    }`,
    `    String claims = new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8);`,
    `    Matcher claim = Pattern.compile(${quoted(pattern)}).matcher(claims);`,
    `    String hash = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(body));`,
    `    return claim.find() && MessageDigest.isEqual(bytes(hash), bytes(claim.group(1)));`,
    END,
  );
}
