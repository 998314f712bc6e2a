// Receivers whose TLS is not what it should be. Nothing of a message leaves before the certificate is found good.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createServer, type TlsOptions } from 'node:tls';
import { once } from 'node:events';
import { certificate, rawReceiver } from '../raw-receiver.ts';
import { order } from '../sending.ts';
import { RESET, PATIENT_MS, TLS } from './hostile-suite.ts';
import type { HostileSuite } from './hostile-suite.ts';

export function tlsReceivers({ fails, sender }: HostileSuite): void {
  for (const [certificateName, what, code, sentence] of [
    ['expired', 'an expired certificate', 'tls_expired', /has expired\. Renew it, and reload the server/],
    ['early', 'a certificate that is not valid yet', 'tls_not_yet_valid', /is not valid yet\. Check the clocks/],
    ['self-signed', 'a self-signed certificate', 'tls_self_signed', /is self-signed\. Use one of a public authority/],
    ['other-host', 'a certificate for another name', 'tls_wrong_host', /The certificate is not for 127\.0\.0\.1\. Serve one that names it/],
  ] as const)
    it(`${what} is refused before a byte of the message is sent`, async () => {
      await using receiver = await rawReceiver(({ socket }) => socket.destroy(), { certificate: certificateName });
      const { report, record } = await (await sender()).attempt(order(`https://127.0.0.1:${receiver.port}/`, { timeoutMs: PATIENT_MS }));
      assert.deepEqual(report.outcome, TLS);
      assert.equal(record.error?.code, code);
      assert.match(record.error.explanation, sentence);
      assert.equal(receiver.requests.length, 0);
    });

  it('a port that does not speak TLS, or hangs up within the handshake, says so', async () => {
    const words = /No TLS connection with 127\.0\.0\.1 came about\. The port may not speak TLS at all/;
    const secure = true;
    for (const bytes of ['HTTP/1.1 400 Bad Request\r\n\r\n', '\x16\x03\x03\xff\xff\xff', '\x15\x03\x03\x00\x02\x02\x28'])
      await fails(() => {}, TLS, 'tls_handshake', words, { secure, onConnection: (socket) => socket.write(bytes, 'latin1') });
    for (const leave of ['end', 'resetAndDestroy'] as const)
      await fails(() => {}, TLS, 'tls_handshake', words, { secure, onConnection: (socket) => socket.once('data', () => socket[leave]()) });
  });

  for (const [what, options] of [
    ['speaks HTTP/2 only', { ALPNProtocols: ['h2'] }],
    ['offers only old TLS', { maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' }],
    ['asks for a client certificate', { requestCert: true, rejectUnauthorized: true }],
  ] satisfies readonly (readonly [string, TlsOptions])[])
    it(`a server that ${what} says so`, async () => {
      const server = createServer({ cert: certificate('good'), key: certificate('good.key'), ...options });
      server.on('tlsClientError', () => {}).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const address = server.address();
      assert.ok(typeof address === 'object' && address !== null);
      const { report, record } = await (await sender()).attempt(order(`https://127.0.0.1:${address.port}/`, { timeoutMs: PATIENT_MS }));
      server.close();
      // In TLS 1.3 the client has finished its part before the server looks for a certificate.
      const late = 'requestCert' in options;
      assert.deepEqual(report.outcome, late ? RESET : TLS, record.error?.message ?? '');
      assert.match(
        record.error?.explanation ?? '',
        late ? /or one that asks for a client certificate/ : /offer only old versions, or speak nothing but HTTP\/2/,
      );
    });
}
