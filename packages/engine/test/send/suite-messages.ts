// What every sender writes: the message, its headers and its signature, and what it makes of an order it cannot send.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { BUILT_IN_PROFILES, sign } from '@waxwing/protocol';
import { OK, rawReceiver } from './raw-receiver.ts';
import { order, PLAIN_SECRET, STANDARD_SECRET } from './sending.ts';
import type { Suite } from './suite.ts';

export function messageSuite({ sender, fresh }: Suite): void {
  it('delivers a signed message and records every byte of it but the custom headers’ values', async () => {
    await using receiver = await rawReceiver(({ socket }) =>
      socket.write('HTTP/1.1 202 Accepted\r\nX-Trace: é\r\ncontent-length: 6\r\n\r\nthanks', 'latin1'),
    );
    const { report, record } = await (
      await sender()
    ).attempt(
      order(`http://127.0.0.1:${receiver.port}/in?a=1&b=%20`, {
        headers: [
          ['X-Team', 'core'],
          ['authorization', 'Bearer x'],
        ],
      }),
    );
    assert.deepEqual(report.outcome, { kind: 'delivered', status: 202 });
    assert.equal(report.error, null);
    assert.equal(report.retryAfterMs, null);
    const [request] = receiver.requests;
    assert.ok(request !== undefined);
    const body = '{"type":"meeting.completed","timestamp":"2025-06-15T15:06:40.000Z","data":{"meeting_id":"m_1"}}';
    assert.equal(request.body.toString(), body);
    const [line, ...headers] = request.head.split('\r\n');
    assert.equal(line, 'POST /in?a=1&b=%20 HTTP/1.1');
    const timestamp = Number(/webhook-timestamp: (\d+)/.exec(request.head)?.[1]);
    assert.equal(timestamp, Math.floor(report.startedMs / 1000));
    const profile = BUILT_IN_PROFILES.get('standard');
    assert.ok(profile !== undefined);
    const signed = sign(profile.definition.signature, { id: 'evt_1', timestampSeconds: timestamp, body: request.body }, [STANDARD_SECRET]);
    for (const [name, value] of signed) assert.ok(headers.includes(`${name}: ${value}`), `${name} is sent as signed`);
    assert.deepEqual(
      record.requestHeaders.map(([name, value]) => `${name}: ${value ?? '?'}`),
      headers.map((header) => header.replace(/^(X-Team|authorization): .*/, '$1: ?')),
    );
    assert.ok(headers.includes('user-agent: Waxwing/test'));
    assert.deepEqual(record.response, {
      status: 202,
      headers: [
        ['X-Trace', 'é'],
        ['content-length', '6'],
      ],
      body: 'thanks',
      bodyEncoding: 'utf8',
      bodyBytes: 6,
      bodyTruncated: false,
    });
    assert.equal(record.address, '127.0.0.1');
    assert.equal(record.dnsMs, null);
    assert.equal(record.tlsMs, null);
    assert.ok(record.connectMs !== null && record.firstByteMs !== null && record.connectMs + record.firstByteMs <= record.totalMs + 0.02);
    assert.equal(record.error, null);
  });

  it('sends every built-in profile’s own signature over the very bytes it sends', async () => {
    await using receiver = await rawReceiver(({ socket }) => socket.write(OK));
    for (const [name, profile] of BUILT_IN_PROFILES) {
      const secret = name === 'standard' ? STANDARD_SECRET : PLAIN_SECRET;
      const facts = profile.facts({ id: 'ep_1', name: 'Production' }, { roomUrlBase: 'wss://rooms.example' });
      const { report } = await (
        await sender()
      ).attempt(order(`http://127.0.0.1:${receiver.port}/${name}`, { profile: { name, version: 0 }, secrets: [secret] }, { facts }));
      assert.equal(report.outcome.kind, 'delivered', name);
      const request = receiver.requests.at(-1);
      assert.ok(request !== undefined);
      const id = profile.eventId('evt_1');
      assert.match(request.head, new RegExp(`^webhook-id: ${id}$`, 'm'));
      const signed = sign(profile.definition.signature, { id, timestampSeconds: Math.floor(report.startedMs / 1000), body: request.body }, [
        secret,
      ]);
      for (const [header, value] of signed) assert.ok(request.head.split('\r\n').includes(`${header}: ${value}`), `${name}: ${header}`);
    }
  });

  it('leaves out custom headers that would replace its own', async () => {
    await using receiver = await rawReceiver(({ socket }) => socket.write(OK));
    const { report } = await (
      await sender()
    ).attempt(
      order(`http://127.0.0.1:${receiver.port}/`, {
        headers: [
          ['Webhook-Signature', 'v1,forged'],
          ['HOST', 'elsewhere.example'],
          ['Content-Type', 'text/plain'],
          ['transfer-encoding', 'chunked'],
          ['X-Own', 'kept'],
        ],
      }),
    );
    assert.equal(report.outcome.kind, 'delivered');
    const head = receiver.requests[0]?.head ?? '';
    assert.doesNotMatch(head, /forged|elsewhere|text\/plain|chunked/);
    assert.match(head, /^X-Own: kept$/m);
  });

  it('reports an order that it cannot send as internal, once, and goes on', async () => {
    await using receiver = await rawReceiver(({ socket }) => socket.write(OK));
    const url = `http://127.0.0.1:${receiver.port}/`;
    const orders = [
      order(url, { profile: { name: 'unheard-of', version: 3 } }),
      order(url, { secrets: [] }),
      order(url, { headers: [['x-split', 'a\r\nb: c']] }),
      order(url, {}, { event: { id: 'evt_1', type: 'a.b', timestampMs: Number.NaN, data: '{}', hasUnsafeInteger: false } }),
      order(url),
    ];
    const attempts = await (await sender()).attempts(orders);
    for (const { report, record } of attempts.slice(0, 4)) {
      assert.deepEqual(report.outcome, { kind: 'unreachable', reason: 'protocol' });
      assert.equal(record.error?.code, 'internal');
    }
    assert.equal(attempts[4]?.report.outcome.kind, 'delivered');
    assert.equal(receiver.requests.length, 1);
    for (const { delivery } of orders) assert.equal((await sender()).reports.get(delivery)?.length, 1);
  });

  it('speaks a profile of the platform’s own once it is taught', async () => {
    await using receiver = await rawReceiver(({ socket }) => socket.write(OK));
    await using sending = await fresh();
    const joai = BUILT_IN_PROFILES.get('joai');
    assert.ok(joai !== undefined);
    sending.learnProfile(2, {
      ...joai.definition,
      name: 'acme',
      envelope: { kind: '{type}', by: '{endpoint.id}', data: '{data}' },
      headers: { 'x-acme': '1' },
    });
    const one = order(`http://127.0.0.1:${receiver.port}/`, { profile: { name: 'acme', version: 2 } });
    const other = { ...one, delivery: one.delivery + 1_000_000, target: { ...one.target, endpointId: 'ep_2' } };
    await sending.attempts([one, other]);
    assert.deepEqual(
      receiver.requests.map((request) => request.body.toString()),
      ['ep_1', 'ep_2'].map((id) => `{"kind":"meeting.completed","by":"${id}","data":{"meeting_id":"m_1"}}`),
    );
    assert.match(receiver.requests[0]?.head ?? '', /^x-acme: 1$/m);
  });
}
