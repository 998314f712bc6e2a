import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { WaxwingError } from '@waxwing/protocol';
import { addressRefusal } from '../../src/send/address-ranges.ts';
import { checkEndpointUrl } from '../../src/send/endpoint-url.ts';
import type { EndpointUrlRules } from '../../src/send/endpoint-url.ts';
import { DEVELOPMENT, PRODUCTION } from './sending.ts';

const production: EndpointUrlRules = { policy: PRODUCTION, httpsRequired: false };
const development: EndpointUrlRules = { policy: DEVELOPMENT, httpsRequired: true };

// Every form in which a URL can name an address that is not public. The parser takes each; the socket would too.
const REFUSED_HOSTS = [
  // loopback
  '127.0.0.1',
  '127.1',
  '127.0.1',
  '127.255.255.254',
  '2130706433',
  '0x7f000001',
  '0x7f.1',
  '0x7f.0.0.1',
  '0177.0.0.1',
  '017700000001',
  '0177.1',
  '127.0.0.1.',
  '%31%32%37.0.0.1',
  '１２７.０.０.１',
  '①②⑦.⓪.⓪.①',
  '127。0。0。1',
  '[::1]',
  '[0:0:0:0:0:0:0:1]',
  '[0000::0001]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[::127.0.0.1]',
  '[::7f00:1]',
  '[64:ff9b::127.0.0.1]',
  '[64:ff9b:1::7f00:1]',
  '[2002:7f00:1::]',
  '[2001:0:4136:e378:8000:63bf:80ff:fffe]',
  '[::ffff:0:127.0.0.1]',
  'localhost',
  'LOCALHOST',
  'localhost.',
  'app.localhost',
  'a.b.localhost.',
  'loc%61lhost',
  // private, carrier-grade NAT, link-local, metadata
  '10.0.0.1',
  '10.255.255.255',
  '0xa000001',
  '167772161',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.0.1',
  '192.168.65535',
  '192.11010049',
  '100.64.0.1',
  '100.127.255.254',
  '169.254.0.1',
  '169.254.169.254',
  '0xa9fea9fe',
  '2852039166',
  '[::ffff:169.254.169.254]',
  '[::ffff:a9fe:a9fe]',
  '[fd00:ec2::254]',
  '[64:ff9b::a9fe:a9fe]',
  '168.63.129.16',
  '100.100.100.200',
  '[fc00::1]',
  '[fd12:3456:789a::1]',
  '[fe80::1]',
  '[febf::1]',
  '[fec0::1]',
  '[::ffff:10.0.0.1]',
  '[::ffff:8.8.8.8]',
  '[2002:a00:1::1]',
  // unspecified, this network, broadcast, multicast, reserved, documentation, benchmarking, protocol assignments
  '0.0.0.0',
  '0',
  '0x0',
  '0.1.2.3',
  '[::]',
  '255.255.255.255',
  '4294967295',
  '224.0.0.1',
  '239.255.255.250',
  '[ff02::1]',
  '[ff0e::1]',
  '240.0.0.1',
  '254.1.2.3',
  '192.0.2.1',
  '198.51.100.1',
  '203.0.113.1',
  '[2001:db8::1]',
  '[3fff::1]',
  '198.18.0.1',
  '198.19.255.255',
  '192.0.0.1',
  '192.0.0.170',
  '192.88.99.1',
  '[100::1]',
  '[2001:2::1]',
  '[2001:10::1]',
  '[5f00::1]',
  '[4000::1]',
  '[1::1]',
];

function refusal(text: string, rules: EndpointUrlRules = production): WaxwingError {
  try {
    checkEndpointUrl(text, rules);
  } catch (error) {
    if (error instanceof WaxwingError) return error;
    throw error;
  }
  throw new assert.AssertionError({ message: `${text} is taken` });
}

describe('an endpoint’s URL', () => {
  it(`is refused in all of ${REFUSED_HOSTS.length} ways to name an address that is not public`, () => {
    assert.ok(REFUSED_HOSTS.length >= 60);
    for (const host of REFUSED_HOSTS) {
      const error = refusal(`https://${host}/in`);
      assert.equal(error.code, 'url_refused', host);
      assert.match(error.message, /--allow-private-networks/, host);
      assert.equal(error.fields[0]?.path, '/url');
    }
  });

  it('may name any public host, port and path', () => {
    for (const text of [
      'https://example.com',
      'https://example.com/hooks?x=1&y=%20',
      'https://Example.COM:8443/',
      'https://8.8.8.8/',
      'https://1.1/',
      'https://[2606:4700::1111]/',
      'https://münchen.example/',
      'https://172.32.0.1/',
      'https://100.128.0.1/',
      'https://11.0.0.1/',
      'https://notlocalhost/',
      'https://localhost.example/',
      'HTTPS://example.com/',
    ]) {
      assert.ok(checkEndpointUrl(text, production) instanceof URL, text);
    }
    assert.equal(checkEndpointUrl('https://Example.com:443/a', production).host, 'example.com');
  });

  it('may name private networks where they are allowed, but never metadata, multicast or broadcast', () => {
    for (const host of [
      '127.0.0.1:9000',
      'localhost:9000',
      '[::1]:9000',
      '10.0.0.1',
      '192.168.1.1',
      '[fd00::1]',
      '100.64.0.1',
      '198.18.0.1',
      '0.0.0.0:9000',
    ]) {
      assert.ok(checkEndpointUrl(`http://${host}/`, development), host);
    }
    for (const host of [
      '169.254.169.254',
      '[::ffff:169.254.169.254]',
      '[64:ff9b::a9fe:a9fe]',
      '[fd00:ec2::254]',
      '168.63.129.16',
      '100.100.100.200',
      '224.0.0.1',
      '[ff02::1]',
      '255.255.255.255',
      '[::ffff:224.0.0.1]',
    ]) {
      assert.equal(refusal(`http://${host}/`, development).code, 'url_refused', host);
    }
  });

  it('must use HTTPS unless plain HTTP is allowed, which lifts a profile’s own rule too', () => {
    assert.equal(refusal('http://example.com/').code, 'https_required');
    assert.match(
      refusal('http://example.com/', { ...production, httpsRequired: true }).message,
      /This profile requires HTTPS.*--allow-http/,
    );
    assert.ok(checkEndpointUrl('http://example.com/', { policy: { allowHttp: true, allowPrivateNetworks: false }, httpsRequired: true }));
  });

  it('is refused where the parser would repair it, and where it holds what is never sent', () => {
    for (const [text, words] of [
      ['', /must begin/],
      ['example.com', /must begin/],
      ['ftp://example.com/', /must begin/],
      ['javascript:alert(1)', /must begin/],
      ['https:example.com', /must begin/],
      ['https:/example.com', /must begin/],
      ['https:///example.com', /must begin/],
      ['https://', /must begin/],
      [' https://example.com/', /blank/],
      ['https://example.com/\n', /control/],
      ['https://exa\tmple.com/', /control/],
      ['https:\\\\example.com', /backslash/],
      ['https://example.com\\@127.0.0.1/', /backslash/],
      ['https://user:pass@example.com/', /user name/],
      ['https://user@example.com/', /user name/],
      ['https://@example.com/', /user name/],
      ['https://example.com/#part', /fragment/],
      ['https://example.com/#', /fragment/],
      ['https://example.com:99999/', /cannot be parsed/],
      ['https://exa[mple/', /cannot be parsed/],
      ['https://[fe80::1%25eth0]/', /cannot be parsed/],
      ['https://256.1.1.1/', /cannot be parsed/],
      ['https://1.2.3.4.5/', /cannot be parsed/],
      ['https://example.com:0/', /Port 0/],
      ['https://example.com:25/', /Port 25/],
      ['https://example.com:22/', /Port 22/],
      ['https://example.com:6667/', /Port 6667/],
      [`https://example.com/${'a'.repeat(2030)}`, /2050 characters; at most 2048/],
    ] as const) {
      const error = refusal(text, development);
      assert.equal(error.code, 'url_refused', text);
      assert.match(error.message, words, text);
    }
  });
});

describe('an address', () => {
  it('is refused when it is none', () => {
    for (const text of ['', 'example.com', '127.1', '0x7f.0.0.1', '[::1]', '1.2.3.4/8'])
      assert.equal(addressRefusal(text, true), 'not an IP address', text);
  });

  it('is refused with its zone', () => {
    assert.equal(addressRefusal('fe80::1%eth0', false), 'a link-local address');
    assert.notEqual(addressRefusal('2606:4700::1111%eth0', false), null);
  });
});
