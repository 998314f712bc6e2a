import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { test } from 'node:test';

import { Waxwing } from '@waxwing/client';
import { SMTPServer } from 'smtp-server';

import { startWaxwing, temporaryFolder } from './waxwing-process.ts';

test('a server with WAXWING_SMTP_URL mails whom the tenant names when an endpoint fails, with a link to it', async (t) => {
  const mails: string[] = [];
  const arrived = Promise.withResolvers<void>();
  const mailServer = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth: (auth, _session, callback) => callback(null, { user: auth.username }),
    onData(stream, _session, callback) {
      let text = '';
      stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
      stream.on('end', () => {
        mails.push(text);
        arrived.resolve();
        callback(null);
      });
    },
  });
  await new Promise<void>((resolve) => mailServer.listen(0, '127.0.0.1', resolve));
  t.after(() => mailServer.close());
  const address = mailServer.server.address();
  assert.ok(typeof address === 'object' && address !== null);

  const port = await freePort();
  const folder = await temporaryFolder(t);
  const server = startWaxwing(t, ['serve', '--port', String(port), '--data', folder, '--allow-http', '--allow-private-networks'], {
    WAXWING_SMTP_URL: `smtp://waxwing:a-mail-password@127.0.0.1:${address.port}`,
    WAXWING_EMAIL_FROM: 'Waxwing <waxwing@platform.example>',
    WAXWING_PUBLIC_URL: 'https://hooks.platform.example',
  });
  const [, key = ''] = await server.saw(/^Admin key: (wxw_\S+)$/m);
  const waxwing = new Waxwing({ url: `http://127.0.0.1:${port}`, key });
  await waxwing.tenants.put('acme', { notifyEmails: ['ops@acme.example'] });
  const acme = waxwing.tenant('acme');
  const { id } = await acme.endpoints.create({ url: `http://127.0.0.1:${await freePort()}/`, name: 'Nobody listens', maxRetries: 0 });
  await acme.publish({ type: 'a.b', data: {} });
  await arrived.promise;
  const [mail = ''] = mails;
  assert.match(mail, /^To: ops@acme\.example\r$/m);
  assert.match(mail, /^Subject: Failing: webhook endpoint Nobody listens\r$/m);
  assert.match(mail.replaceAll(/=\r\n/g, ''), new RegExp(`https://hooks\\.platform\\.example/v1/lookup/${id}`));
  assert.match(mail.replaceAll(/=\r\n/g, ''), /nothing listens on that port/);
  const notices = await waxwing.everywhere.notices({ kind: 'endpoint.failing' }).page();
  assert.deepEqual(notices.data[0]?.emailTo, ['ops@acme.example']);
  assert.doesNotMatch(server.stdout(), /No mail server|a-mail-password/);
});

/** A port where nothing listens. The server's own is chosen beforehand, since its address line shows the public URL. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  assert.ok(typeof address === 'object' && address !== null);
  return address.port;
}
