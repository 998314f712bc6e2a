// The snippet for Ruby 3 and later: its standard library only.

import { lines, singleQuoted as quoted, TOLERANCE_SECONDS } from './signing-facts.ts';
import type { HmacFacts, JwtFacts, SigningFacts } from './signing-facts.ts';

const SIGNATURE = [
  `# headers: anything that gives a header by its name, such as Rails' request.headers; body: the exact bytes, before any parser.`,
  `# In Rails: head :unauthorized unless verify(request.headers, request.raw_post, ENV.fetch('WEBHOOK_SECRET'))`,
  `def verify(headers, body, secret)`,
];

export function rubySnippet(facts: SigningFacts): string {
  return facts.kind === 'hmac' ? hmacSnippet(facts) : jwtSnippet(facts);
}

function hmacSnippet(facts: HmacFacts): string {
  const head = facts.head.map((part) =>
    'text' in part ? quoted(part.text) : part.header === facts.timestampHeader ? 'timestamp' : `headers[${quoted(part.header)}].to_s`,
  );
  const { timestampHeader } = facts;
  const call = `'${facts.algorithm.toUpperCase()}', key, signed)`;
  const digest = facts.encoding === 'hex' ? `OpenSSL::HMAC.hexdigest(${call}` : `[OpenSSL::HMAC.digest(${call}].pack('m0')`;
  return lines(
    `require 'openssl'`,
    ``,
    SIGNATURE,
    timestampHeader === null
      ? null
      : [
          `  timestamp = headers[${quoted(timestampHeader)}].to_s`,
          `  return false unless timestamp.match?(/\\A\\d{1,12}\\z/) && (Time.now.to_i - timestamp.to_i).abs <= ${TOLERANCE_SECONDS}`,
          ``,
        ],
    facts.key === 'base64' ? `  key = secret.split('_').last.to_s.unpack1('m')` : `  key = secret`,
    `  return false if key.empty?`,
    ``,
    head.length === 0 ? `  signed = body` : `  signed = [${head.join(', ')}].join.b + body.b`,
    `  expected = ${facts.prefix === '' ? '' : `${quoted(facts.prefix)} + `}${digest}`,
    facts.isList
      ? `  headers[${quoted(facts.header)}].to_s.split.any? { |sent| OpenSSL.secure_compare(expected, sent) }`
      : `  OpenSSL.secure_compare(expected, headers[${quoted(facts.header)}].to_s)`,
    `end`,
  );
}

function jwtSnippet({ header, prefix, claim }: JwtFacts): string {
  return lines(
    `require 'json'`,
    `require 'openssl'`,
    ``,
    SIGNATURE,
    `  sent = headers[${quoted(header)}].to_s`,
    `  parts = sent.delete_prefix(${quoted(prefix)}).split('.')`,
    `  return false if secret.empty? || !sent.start_with?(${quoted(prefix)}) || parts.length != 3`,
    ``,
    `  mac = OpenSSL::HMAC.digest('SHA256', secret, parts.first(2).join('.'))`,
    `  expected = [mac].pack('m0').tr('+/', '-_').delete('=')`,
    `  return false unless OpenSSL.secure_compare(expected, parts.last)`,
    ``,
    `  claims = JSON.parse(parts[1].tr('-_', '+/').unpack1('m'))`,
    `  OpenSSL.secure_compare(OpenSSL::Digest::SHA256.hexdigest(body), claims[${quoted(claim)}].to_s)`,
    `end`,
  );
}
