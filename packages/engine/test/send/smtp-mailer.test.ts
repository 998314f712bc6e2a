import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WaxwingError } from '@waxwing/protocol';
import type { Mail } from '../../src/ports.ts';
import { smtpMailer } from '../../src/send/smtp-mailer.ts';
import { mailServer } from './mail-server.ts';

const FROM = 'Waxwing <waxwing@platform.example>';
const MAIL: Mail = { id: 'ntc_1.0', to: 'ops@acme.example', subject: 'Failing: Grüße', text: 'One line.\nAnother one.\n' };

test('an email arrives at a real server as it was meant, with a message id of its own', async (t) => {
  const server = await mailServer({ login: { user: 'wax', password: 'p@ss wörd' } });
  t.after(server.close);
  const mailer = smtpMailer({ url: server.url, from: FROM });
  t.after(() => mailer.close());
  assert.deepEqual(await mailer.send(MAIL), { kind: 'sent' });
  const [mail] = server.taken;
  assert.deepEqual([mail?.from, mail?.to], ['waxwing@platform.example', ['ops@acme.example']]);
  assert.match(mail?.text ?? '', /^Message-ID: <ntc_1\.0@platform\.example>\r$/im);
  assert.match(mail?.text ?? '', /^From: Waxwing <waxwing@platform\.example>\r$/m);
  assert.match(mail?.text ?? '', /^Subject: =\?UTF-8\?/m);
  assert.match(mail?.text ?? '', /^Auto-Submitted: auto-generated\r$/m);
  assert.match(mail?.text ?? '', /\r\n\r\nOne line\.\r\nAnother one\./);
});

test('a name or a subject with line breaks adds no header and no recipient', async (t) => {
  const server = await mailServer();
  t.after(server.close);
  const mailer = smtpMailer({ url: server.url, from: FROM });
  t.after(() => mailer.close());
  await mailer.send({ ...MAIL, subject: 'x\r\nBcc: thief@evil.example\r\n\r\nbody' });
  await mailer.send({ ...MAIL, to: 'ops@acme.example,thief@evil.example' });
  for (const mail of server.taken) {
    assert.ok(!mail.to.includes('thief@evil.example'), mail.to.join());
    assert.doesNotMatch(mail.text, /^Bcc:/im);
  }
});

test('a refused address is told from a server that cannot be used, and for good from for now', async (t) => {
  const server = await mailServer({ refuse: (address) => ({ 'gone@acme.example': 550, 'busy@acme.example': 451 })[address] });
  const mailer = smtpMailer({ url: server.url, from: FROM });
  t.after(() => mailer.close());
  const gone = await mailer.send({ ...MAIL, to: 'gone@acme.example' });
  assert.ok(gone.kind === 'refused' && gone.permanent && /no such mailbox/.test(gone.error), JSON.stringify(gone));
  const busy = await mailer.send({ ...MAIL, to: 'busy@acme.example' });
  assert.ok(busy.kind === 'refused' && !busy.permanent, JSON.stringify(busy));
  await server.close();
  const down = await mailer.send(MAIL);
  assert.equal(down.kind, 'unavailable');
});

test('a wrong password makes the server unusable, and is in no error', async (t) => {
  const server = await mailServer({ login: { user: 'wax', password: 'right' } });
  t.after(server.close);
  const mailer = smtpMailer({ url: server.url.replace(':right@', ':very%20wrong%21@'), from: FROM });
  t.after(() => mailer.close());
  const result = await mailer.send(MAIL);
  assert.ok(result.kind === 'unavailable', JSON.stringify(result));
  assert.match(result.error, /wrong password \[redacted\]/);
  assert.doesNotMatch(result.error, /very|wrong!/);
});

test('what is not the address of a mail server is refused at once, without repeating it', () => {
  for (const url of ['mail.example', 'http://mail.example', 'smtp://', '']) {
    assert.throws(
      () => smtpMailer({ url, from: FROM }),
      (error) => error instanceof WaxwingError && error.code === 'invalid_setting' && (url === '' || !error.message.includes(`"${url}"`)),
    );
  }
});
