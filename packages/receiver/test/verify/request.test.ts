import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, test } from 'node:test';
import { verifySync } from '@waxwing/receiver';
import type { HeadersInput } from '@waxwing/receiver';

const secret = 'a secret for tests';
const body = JSON.stringify({ event: 'agent.message', timestamp: '2024-01-15T11:45:00.000000Z', data: { content: 'Grüße ☂' } });
const signature = createHmac('sha256', secret).update(body).digest('hex');

test('what a list of header values holds beside texts is no value, even where it has no text form', () => {
  const headers: Record<string, string[]> = { 'x-webhook-signature': JSON.parse('[{ "toString": null }]') };
  const result = verifySync('joai', { headers, body }, secret);
  assert.equal(result.ok ? 'ok' : result.reason, 'missing_header');
});

describe('headers are read whatever holds them', () => {
  const forms: readonly (readonly [string, HeadersInput])[] = [
    ["Node's object", { 'x-webhook-signature': signature }],
    ['an object in the sender’s case', { 'X-Webhook-Signature': signature }],
    ['an object in capitals', { 'X-WEBHOOK-SIGNATURE': signature }],
    ['an object of lists', { 'x-webhook-signature': [signature] }],
    ['an object without a prototype', Object.assign(Object.create(null), { 'x-webhook-signature': signature })],
    ['fetch Headers', new Headers({ 'X-Webhook-Signature': signature })],
    ['a Map', new Map([['X-Webhook-Signature', signature]])],
    ['a Map of lists', new Map([['x-webhook-signature', [signature]]])],
    ['pairs', [['X-Webhook-Signature', signature]]],
    ['an iterator of pairs', new Map([['X-Webhook-Signature', signature]]).entries()],
  ];
  for (const [name, headers] of forms) {
    test(name, () => {
      const result = verifySync('joai', { headers, body }, secret);
      assert.ok(result.ok, result.ok ? '' : result.explain());
    });
  }

  test('a header that came twice is not read as one', () => {
    const result = verifySync('joai', { headers: { 'x-webhook-signature': [signature, signature] }, body }, secret);
    assert.equal(result.ok ? '' : result.reason, 'bad_format');
  });

  for (const [name, headers] of [
    ['null', null],
    ['a number', 7],
    ['a list of numbers', [1, 2]],
    ['an object of numbers', { 'x-webhook-signature': 7 }],
    ['nothing', undefined],
  ] as const) {
    test(`${name} in place of headers is a missing header, not an exception`, () => {
      const result = Reflect.apply(verifySync, null, ['joai', { headers, body }, secret]);
      assert.equal(result.reason, 'missing_header');
    });
  }
});

describe('bodies are taken as bytes', () => {
  const headers = { 'x-webhook-signature': signature };
  const bytes = new TextEncoder().encode(body);
  for (const [name, given] of [
    ['text', body],
    ['a Buffer', Buffer.from(body)],
    ['a Uint8Array', bytes],
    ['an ArrayBuffer', bytes.buffer],
    ['a Uint8Array within a larger buffer', new Uint8Array([1, ...bytes, 1]).subarray(1, -1)],
  ] as const) {
    test(name, () => {
      const result = verifySync('joai', { headers, body: given }, secret);
      assert.ok(result.ok);
      assert.equal(result.event.type, 'agent.message');
      assert.deepEqual(Buffer.from(result.event.raw), Buffer.from(body));
    });
  }

  for (const [name, given, reason, says] of [
    ['a parsed object', JSON.parse(body), 'body_was_parsed', /express\.raw/],
    ['a list', [], 'body_was_parsed', /already parsed/],
    ['a number', 4, 'body_was_parsed', /already parsed/],
    ['nothing', undefined, 'body_missing', /No body/],
    ['a web stream', new Response(body).body, 'body_missing', /stream/],
  ] as const) {
    test(`${name} is told apart from a signature that does not hold`, () => {
      const result = Reflect.apply(verifySync, null, ['joai', { headers, body: given }, secret]);
      assert.equal(result.reason, reason);
      assert.match(result.explain(), says);
    });
  }

  test('the explanation names the fix of the framework that is named', () => {
    const result = Reflect.apply(verifySync, null, ['joai', { headers, body: {} }, secret, { framework: 'nestjs' }]);
    assert.match(result.explain(), /rawBody: true/);
  });
});

describe('a body that was printed again', () => {
  const headers = { 'x-webhook-signature': signature };
  for (const [name, printed] of [
    ['indented', JSON.stringify(JSON.parse(body), null, 2)],
    ['with a line feed', `${body}\n`],
    ['with spaces, as Python prints', body.replaceAll('":"', '": "').replaceAll(',"', ', "').replaceAll('":{', '": {')],
    ['with escapes', body.replace('ü', '\\u00fc')],
  ] as const) {
    test(`${name} is refused, and the explanation says so`, () => {
      const result = verifySync('joai', { headers, body: printed }, secret);
      assert.ok(!result.ok);
      assert.equal(result.reason, 'body_was_reserialized');
      assert.match(result.explain(), /JSON\.stringify|compactly/);
      const quiet = verifySync('joai', { headers, body: printed }, secret, { diagnose: false });
      assert.equal(quiet.ok ? '' : quiet.reason, 'no_match');
    });
  }

  for (const [sender, original] of [
    ['Python', '{"event": "a", "data": {"x": [1, 2], "y": "\\u00fc, \\u007f"}}'],
    ['PHP', '{"event":"a","data":{"url":"https:\\/\\/a.example\\/b"}}'],
    ['Go', '{"event":"a","data":{"x":"\\u003cb\\u003e \\u0026"}}'],
    ['somebody who indents', '{\n  "event": "a",\n  "data": {\n    "x": 1\n  }\n}'],
  ] as const) {
    test(`JSON.stringify(req.body) of what ${sender} sent is recognized`, () => {
      const own = { 'x-webhook-signature': createHmac('sha256', secret).update(original).digest('hex') };
      const result = verifySync('joai', { headers: own, body: JSON.stringify(JSON.parse(original)) }, secret);
      assert.equal(result.ok ? '' : result.reason, 'body_was_reserialized');
    });
  }
});

describe('secrets', () => {
  const headers = { 'x-webhook-signature': signature };

  test('the one that signed is named by its place', () => {
    const result = verifySync('joai', { headers, body }, ['another secret', secret]);
    assert.equal(result.ok ? result.secretIndex : -1, 1);
  });

  test('an empty one among them is passed over and named when nothing matches', () => {
    assert.ok(verifySync('joai', { headers, body }, ['', secret]).ok);
    const result = verifySync('joai', { headers, body }, ['', 'another secret']);
    assert.ok(!result.ok && result.reason === 'no_match');
    assert.match(result.explain(), /Secret 1 was passed over: it is empty/);
  });

  test('none, empty ones and ones that are no text verify nothing, even what they signed', () => {
    const forged = { 'x-webhook-signature': createHmac('sha256', '').update(body).digest('hex') };
    for (const secrets of [[], [''], '', [undefined], ['1234567']]) {
      const result = Reflect.apply(verifySync, null, ['joai', { headers: forged, body }, secrets]);
      assert.equal(result.reason, 'wrong_secret_format');
    }
  });

  test('an unknown sender is an error of the program, with the known ones in its message', () => {
    assert.throws(() => Reflect.apply(verifySync, null, ['jaoi', { headers, body }, secret]), { code: 'unknown_profile', message: /joai/ });
  });
});

describe('explanations measure', () => {
  test('how old a stale signature is', () => {
    const stamp = 1_700_000_000;
    const signed = createHmac('sha256', secret).update(`${stamp}.${body}`).digest('hex');
    const headers = { 'x-meetloyd-signature': signed, 'x-meetloyd-timestamp': String(stamp) };
    const late = verifySync('meetloyd', { headers, body }, secret, { now: () => (stamp + 400) * 1000 });
    assert.ok(!late.ok && late.reason === 'timestamp_too_old');
    assert.match(late.explain(), /400 s\) ago/);
    const early = verifySync('meetloyd', { headers, body }, secret, { now: () => (stamp - 90_000) * 1000 });
    assert.ok(!early.ok && early.reason === 'timestamp_in_future');
    assert.match(early.explain(), /25 h \(90000 s\) ahead/);
    assert.ok(verifySync('meetloyd', { headers, body }, secret, { now: () => (stamp + 400) * 1000, toleranceSeconds: 400 }).ok);
    assert.ok(!verifySync('meetloyd', { headers, body }, secret, { now: () => stamp * 1000, toleranceSeconds: Number.NaN }).ok);
  });
});
