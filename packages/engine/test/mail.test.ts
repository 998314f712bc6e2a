// Emails of notices: once per incident, to whom the tenant names; a mail server that is down or a restart delays them.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Notice } from '@waxwing/protocol';
import { createEngine } from '../src/create-engine.ts';
import type { Mail, Mailer, MailResult } from '../src/ports.ts';
import { smtpMailer } from '../src/send/smtp-mailer.ts';
import { ModelDisk } from '../src/store/model-disk.ts';
import { modelStore } from '../src/store/model.ts';
import { sqlite } from '../src/store/sqlite/sqlite.ts';
import { systemClock } from '../src/system-ports.ts';
import { DOWN, houses, OK, URL_OK, type House } from './house.ts';
import { ScriptedSender } from './manual-ports.ts';
import { mailServer } from './send/mail-server.ts';

const house = houses();

const SENT: MailResult = { kind: 'sent' };
const DEAD: MailResult = { kind: 'unavailable', error: 'connection refused' };
const HOUR_MS = 3_600_000;

/** A mail server under the test's hand. */
class ScriptedMailer implements Mailer {
  readonly sent: Mail[] = [];
  tries = 0;
  answer: (mail: Mail) => MailResult = () => SENT;

  async send(mail: Mail): Promise<MailResult> {
    this.tries += 1;
    const result = this.answer(mail);
    if (result.kind === 'sent') this.sent.push(mail);
    return result;
  }

  async close(): Promise<void> {}
}

async function failOne({ engine, clock }: House, emails: readonly string[] = ['ops@acme.example']): Promise<string> {
  await engine.tenants.put('acme', { notifyEmails: emails });
  const { id } = await engine.endpoints.create('acme', {
    url: URL_OK,
    name: 'Production\nBcc: thief@evil.example',
    maxRetries: 2,
    retryScheduleSeconds: [5, 10],
    secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    headers: { 'x-api-key': 'a-very-secret-value' },
  });
  await engine.publish('acme', { type: 'a.b', data: {}, id: 'evt_first' });
  await clock.advance(60_000);
  return id;
}

async function mailed({ engine }: House): Promise<readonly Notice[]> {
  return (await engine.notices.list()).data.filter(({ email }) => email !== 'none');
}

describe('an email', () => {
  it('goes to everyone the tenant names, once per incident, with the endpoint, its last errors, and a link', async () => {
    const mailer = new ScriptedMailer();
    const at = await house({ mailer, publicUrl: 'https://hooks.platform.example' }, () => DOWN);
    const id = await failOne(at, ['ops@acme.example', 'dev@acme.example', 'ops@acme.example']);
    await at.engine.publish('acme', { type: 'a.b', data: {} });
    await at.clock.advance(24 * HOUR_MS);
    assert.deepEqual(
      mailer.sent.map(({ to }) => to),
      ['ops@acme.example', 'dev@acme.example'],
    );
    const [mail] = mailer.sent;
    assert.equal(mail?.subject, 'Failing: webhook endpoint Production Bcc: thief@evil.example');
    for (const part of [
      id,
      URL_OK,
      'acme',
      'evt_first',
      'attempt 1, 2026-01-01 00:00:',
      'attempt 3, ',
      'answered 500',
      `https://hooks.platform.example/v1/lookup/${id}`,
    ])
      assert.ok(mail?.text.includes(part), `${part} in ${mail?.text}`);
    assert.doesNotMatch(mail?.text ?? '', /whsec_|a-very-secret-value|^Bcc/m);
    const [notice] = await mailed(at);
    assert.deepEqual([notice?.kind, notice?.email, notice?.emailTo.length, notice?.emailError], ['endpoint.failing', 'sent', 2, null]);
    at.sender.answer = () => OK;
    await at.engine.publish('acme', { type: 'a.b', data: {} });
    await at.clock.advance(HOUR_MS);
    assert.equal(mailer.sent.length, 2, 'a recovery is not mailed');
    at.sender.answer = () => ({ outcome: { kind: 'refused', status: 410 } });
    await at.engine.publish('acme', { type: 'a.b', data: {} });
    await at.clock.advance(HOUR_MS);
    assert.equal(mailer.sent.at(-1)?.subject, 'Disabled: webhook endpoint Production Bcc: thief@evil.example');
    assert.equal(mailer.sent.length, 4);
  });

  it('waits while the mail server is down, tried less and less often, and goes when it is back', async () => {
    const mailer = new ScriptedMailer();
    mailer.answer = () => DEAD;
    const at = await house({ mailer }, () => DOWN);
    await failOne(at);
    await at.clock.advance(3 * 24 * HOUR_MS);
    const [waiting] = await mailed(at);
    assert.deepEqual([waiting?.email, waiting?.emailError], ['pending', 'connection refused']);
    assert.notEqual(waiting?.emailNextAt, null);
    assert.ok(mailer.tries > 5 && mailer.tries < 3 * 24 * 6 + 20, `${mailer.tries} tries`);
    assert.deepEqual({ ...at.engine.status().emails, failed: 0 }, { isSet: true, waiting: 1, sent: 0, failed: 0 });
    mailer.answer = () => SENT;
    await at.clock.advance(10 * 60_000);
    assert.equal(mailer.sent.length, 1);
    assert.deepEqual([(await mailed(at))[0]?.email, at.engine.status().emails.waiting], ['sent', 0]);
  });

  it('waits together with the others: one is tried at a time while the server is down, and all go when it is back', async () => {
    const mailer = new ScriptedMailer();
    mailer.answer = () => DEAD;
    const at = await house({ mailer }, () => DOWN);
    for (let i = 0; i < 4; i++) {
      await at.engine.tenants.put(`tenant-${i}`, { notifyEmails: [`ops@${i}.example`, `dev@${i}.example`] });
      await at.engine.endpoints.create(`tenant-${i}`, { url: URL_OK, maxRetries: 0 });
    }
    await Promise.all(Array.from({ length: 4 }, (_, i) => at.engine.publish(`tenant-${i}`, { type: 'a.b', data: {} })));
    await at.clock.advance(2_000);
    assert.equal(mailer.tries, 1);
    await at.clock.advance(4_000);
    assert.equal(mailer.tries, 2);
    mailer.answer = () => SENT;
    await at.clock.advance(60_000);
    assert.deepEqual(new Set(mailer.sent.map(({ to }) => to)).size, 8);
    assert.equal(mailer.sent.length, 8);
  });

  it('outlives a crash, and is sent after the next start', async () => {
    const disk = new ModelDisk();
    const mailer = new ScriptedMailer();
    mailer.answer = () => DEAD;
    const first = await house({ store: modelStore(disk), mailer }, () => DOWN);
    await failOne(first);
    disk.crash();
    const working = new ScriptedMailer();
    const next = await house({ store: modelStore(disk), clock: first.clock, mailer: working }, () => DOWN);
    await next.clock.advance(10 * 60_000);
    assert.equal(working.sent.length, 1);
    assert.match(working.sent[0]?.text ?? '', /attempt 3/);
  });

  it('is kept and shown as unsent where no mail server is set, and sent once one is; not after a week', async () => {
    for (const [days, sent] of [
      [1, 1],
      [8, 0],
    ] as const) {
      const disk = new ModelDisk();
      const first = await house({ store: modelStore(disk) }, () => DOWN);
      await failOne(first);
      assert.deepEqual(
        [(await mailed(first))[0]?.email, first.engine.status().emails],
        ['unsent', { isSet: false, waiting: 1, sent: 0, failed: 0 }],
      );
      await first.close();
      await first.clock.advance(days * 24 * HOUR_MS);
      const mailer = new ScriptedMailer();
      const next = await house({ store: modelStore(disk), clock: first.clock, mailer }, () => DOWN);
      await next.clock.advance(60_000);
      assert.equal(mailer.sent.length, sent, `${days} days later`);
      const [notice] = await mailed(next);
      assert.equal(notice?.email, sent === 1 ? 'sent' : 'unsent');
      assert.equal(next.engine.status().emails.waiting, 0);
    }
  });

  it('to an address that is refused holds up no other, and is given up after a day of refusals', async () => {
    const mailer = new ScriptedMailer();
    mailer.answer = ({ to }) => (to === 'gone@acme.example' ? { kind: 'refused', error: '550 no such mailbox', permanent: true } : SENT);
    const at = await house({ mailer }, () => DOWN);
    await failOne(at, ['gone@acme.example', 'ops@acme.example']);
    assert.deepEqual(
      mailer.sent.map(({ to }) => to),
      ['ops@acme.example'],
    );
    assert.equal((await mailed(at))[0]?.email, 'pending');
    await at.clock.advance(30 * HOUR_MS);
    const { tries } = mailer;
    await at.clock.advance(30 * HOUR_MS);
    assert.equal(mailer.tries, tries, 'nothing is tried any more');
    const [notice] = await mailed(at);
    assert.deepEqual([notice?.email, notice?.emailError, notice?.emailNextAt], ['sent', '550 no such mailbox', null]);
    assert.equal(mailer.sent.length, 1, 'and nobody is mailed twice');
  });

  it('is written by nobody of whom the tenant names none', async () => {
    const mailer = new ScriptedMailer();
    const at = await house({ mailer }, () => DOWN);
    await failOne(at, []);
    assert.deepEqual([mailer.tries, (await at.engine.notices.list()).data.map(({ email }) => email)], [0, ['none', 'none']]);
  });
});

describe('a real mail server', () => {
  it('that is down when an endpoint fails gets the email when it is up, also across a restart of Waxwing', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'waxwing-mail-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const placeholder = await mailServer();
    const port = Number(new URL(placeholder.url).port);
    await placeholder.close();
    const options = () => ({
      store: sqlite(folder),
      sender: new ScriptedSender(systemClock, () => DOWN),
      mailer: smtpMailer({ url: `smtp://127.0.0.1:${port}`, from: 'Waxwing <waxwing@platform.example>' }),
    });
    const first = await createEngine(options());
    await first.tenants.put('acme', { notifyEmails: ['ops@acme.example'] });
    await first.endpoints.create('acme', { url: URL_OK, name: 'Production', maxRetries: 0 });
    await first.publish('acme', { type: 'a.b', data: {} });
    while (first.status().emails.failed === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const [waiting] = (await first.notices.list({ kind: 'endpoint.failing' })).data;
    assert.equal(waiting?.email, 'pending');
    await first.close();

    const server = await mailServer({ port });
    t.after(server.close);
    const second = await createEngine({ ...options(), clock: { ...systemClock, nowMs: () => Date.now() + 60_000 } });
    t.after(() => second.close());
    await server.took(1);
    assert.match(server.taken[0]?.text ?? '', /^Subject: Failing: webhook endpoint Production\r$/m);
    while (second.status().emails.waiting > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal((await second.notices.list({ kind: 'endpoint.failing' })).data[0]?.email, 'sent');
    assert.equal(server.taken.length, 1);
  });
});
