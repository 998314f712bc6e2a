// Addresses: which of them a webhook may be sent to, by the ranges that the IANA registries set apart (DESIGN §7).
//
// An address is judged by what it is and by what it carries: an IPv6 address that embeds an IPv4 one (mapped,
// compatible, NAT64, 6to4, Teredo) is never a way around a rule. Cloud metadata, multicast and broadcast stay refused
// when private networks are allowed: no receiver lives there, and credentials do.

import ipaddr from 'ipaddr.js';

type Address = ReturnType<typeof ipaddr.parse>;

// Metadata and host-control services of the clouds. The last IPv4 one is a public address that only answers inside Azure.
const METADATA = new Set([
  '169.254.169.254', // AWS, Google, Azure, DigitalOcean, Oracle, OpenStack
  '169.254.170.2', // AWS ECS task credentials
  '169.254.170.23', // AWS EKS pod identity
  '100.100.100.200', // Alibaba
  '192.0.0.192', // Oracle, old
  '168.63.129.16', // Azure's host agent
  'fd00:ec2::254', // AWS over IPv6
  'fd00:ec2::23', // AWS EKS pod identity over IPv6
  'fd20:ce::254', // Google over IPv6
]);

// What the sentence calls each range. A range that is not named here is `a reserved address`.
const RANGE_NAMES: { readonly [range: string]: string } = {
  unspecified: 'the unspecified address',
  broadcast: 'the broadcast address',
  multicast: 'a multicast address',
  linkLocal: 'a link-local address',
  loopback: 'a loopback address',
  carrierGradeNat: 'a carrier-grade NAT address',
  private: 'a private address',
  uniqueLocal: 'a unique local (private) address',
  deprecatedSiteLocal: 'a site-local (private) address',
  ipv4Mapped: 'an IPv4-mapped address',
  ipv4Compatible: 'an IPv4-compatible address',
  rfc6145: 'an IPv4-translated address',
  rfc6052: 'a NAT64 address',
  '6to4': 'a 6to4 address',
  teredo: 'a Teredo address',
};

/**
 * Says why an address is refused, as a noun phrase (`a loopback address`), or null when it may be connected to.
 * What is not a well-formed IPv4 (four decimal parts) or IPv6 address is refused.
 * @param address without brackets
 */
export function addressRefusal(address: string, allowPrivateNetworks: boolean): string | null {
  if (!ipaddr.IPv4.isValidFourPartDecimal(address) && !ipaddr.IPv6.isValid(address)) return 'not an IP address';
  const parsed = ipaddr.parse(address);
  const range = rangeOf(parsed);
  const embedded = embeddedIpv4(parsed, range);
  if (METADATA.has(plain(parsed)) || (embedded !== null && METADATA.has(plain(embedded)))) return 'a cloud metadata address';
  if (allowPrivateNetworks) {
    const carried = embedded === null ? range : rangeOf(embedded);
    return range === 'multicast' || carried === 'multicast' || carried === 'broadcast'
      ? (RANGE_NAMES[carried] ?? 'a multicast address')
      : null;
  }
  if (range === 'unicast') return null;
  return RANGE_NAMES[range] ?? 'a reserved address';
}

function plain(address: Address): string {
  return address instanceof ipaddr.IPv6 ? new ipaddr.IPv6(address.parts).toRFC5952String() : address.toString();
}

function rangeOf(address: Address): string {
  const range: string = address.range();
  if (!(address instanceof ipaddr.IPv6) || range !== 'unicast') return range;
  const first = address.parts[0] ?? 0;
  if (first === 0 && address.parts.slice(1, 6).every((part) => part === 0)) return 'ipv4Compatible';
  if (address.zoneId !== undefined) return 'linkLocal';
  return first >= 0x2000 && first <= 0x3fff ? 'unicast' : 'reserved'; // only 2000::/3 is handed out
}

function embeddedIpv4(address: Address, range: string): Address | null {
  if (!(address instanceof ipaddr.IPv6)) return null;
  const bytes = address.toByteArray();
  switch (range) {
    case 'ipv4Mapped':
    case 'ipv4Compatible':
    case 'rfc6145':
    case 'rfc6052':
      return new ipaddr.IPv4(bytes.slice(12));
    case '6to4':
      return new ipaddr.IPv4(bytes.slice(2, 6));
    case 'teredo':
      return new ipaddr.IPv4(bytes.slice(12).map((byte) => byte ^ 0xff));
    default:
      return null;
  }
}
