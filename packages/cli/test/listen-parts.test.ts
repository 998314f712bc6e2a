import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';

import { Waxwing } from '@waxwing/client';
import type { RelayedMessage } from '@waxwing/protocol';

import { UsageError } from '../src/failure.ts';
import { exchangeLocally } from '../src/listen/exchange.ts';
import { watchForGaps } from '../src/listen/gaps.ts';
import { Keyboard } from '../src/listen/keyboard.ts';
import type { Past } from '../src/listen/keyboard.ts';
import type { Answered, ListenNews } from '../src/listen/news.ts';
import { planOfFlags, plansOfFile, routeOf } from '../src/listen/plan.ts';
import { StateFile } from '../src/listen/session-state.ts';
import { linesOf } from '../src/listen/voice.ts';
import { localApp } from './listening-server.ts';
import { temporaryFolder } from './waxwing-process.ts';

const FLAGS = { tenant: 'acme', secret: null };

test('a local URL may be a port, a host or whole', () => {
  const urls = ['3000', '3000/webhook', 'localhost:3000/a?b=1', 'http://127.0.0.1:1/x', 'https://app.test'];
  assert.deepEqual(
    urls.map((forwardTo) => planOfFlags({ ...FLAGS, forwardTo }).routes[0]?.url.href),
    ['http://localhost:3000/', 'http://localhost:3000/webhook', 'http://localhost:3000/a?b=1', 'http://127.0.0.1:1/x', 'https://app.test/'],
  );
  for (const forwardTo of ['', 'ftp://a', 'http://user:word@localhost', 'a b']) {
    assert.throws(() => planOfFlags({ ...FLAGS, forwardTo }), UsageError, forwardTo);
  }
});

test('the same plan has the same key, and another place, endpoint or tenant another', () => {
  const key = (more: object): string => planOfFlags({ ...FLAGS, forwardTo: '3000', ...more }).key;
  assert.equal(key({}), key({ events: ['a.b'] }));
  assert.equal(new Set([key({}), key({ forwardTo: '3001' }), key({ endpoint: 'ep_1' }), key({ tenant: 'other' })]).size, 4);
});

test('a file is read whole or refused by the name of what is wrong', async (t) => {
  const folder = await temporaryFolder(t);
  const plans = (content: unknown): ReturnType<typeof plansOfFile> => {
    const path = join(folder, 'listen.json');
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    return plansOfFile(path, FLAGS);
  };
  const [plan] = plans({ routes: { 'meeting.*': '3000', '*': '3001/rest' } });
  assert.ok(plan !== undefined);
  assert.deepEqual(plan.eventTypes, ['*']);
  assert.deepEqual(
    ['meeting.completed', 'payment.paid'].map((type) => routeOf(plan, type)?.url.port),
    ['3000', '3001'],
  );
  assert.deepEqual(plans({ routes: { 'a.*': '1', 'b.c': '2' } })[0]?.eventTypes, ['a.*', 'b.c']);
  assert.equal(plans({ endpoint: 'ep_1', routes: { '*': '1' } })[0]?.eventTypes, null);
  const wrong: readonly (readonly [content: unknown, says: RegExp])[] = [
    ['{', /cannot be read/],
    [[], /must be an object/],
    [{}, /routes must name at least one/],
    [{ routes: { '*': 3000 } }, /routes\["\*"\] must be a text/],
    [{ routes: { 'a..b': '1' } }, /"a\.\.b" is not an event type's name/],
    [{ routes: { '*': '1' }, forward: '2' }, /"forward", which means nothing here; known: name/],
    [{ listeners: [] }, /listeners is empty/],
    [{ listeners: [{ routes: { '*': '1' } }, { routes: { '*': '1' } }] }, /two listeners are the same/],
    [{ listeners: [{ routes: { '*': '1' } }], tenant: 'a' }, /"tenant", which means nothing here/],
  ];
  for (const [content, says] of wrong) assert.throws(() => plans(content), says);
});

test('a state that is not ours is refused, and one of ours comes back as it was', async (t) => {
  const path = join(await temporaryFolder(t), 'deep', 'place.json');
  const state = {
    listener: 'ep_1',
    secret: 's',
    profile: 'standard',
    cursor: '0.1',
    madeAt: '2026-01-01T00:00:00.000Z',
    until: '2026-01-01T00:00:00.000Z',
    received: 1,
    answered: null,
  };
  new StateFile(path).set('a', state);
  new StateFile(path).update('a', { cursor: '0.2' });
  assert.deepEqual(new StateFile(path).get('a'), { ...state, cursor: '0.2' });
  assert.equal(new StateFile(path).get('b'), null);
  for (const text of ['{}', 'x', '{"version":2,"sessions":{}}']) {
    writeFileSync(path, text);
    assert.throws(() => new StateFile(path), /is not a listening session’s file/);
  }
});

const MESSAGE: RelayedMessage = {
  attempt: 'att_1_1',
  number: 1,
  delivery: 'dlv_1',
  cause: 'publish',
  event: 'evt_1',
  eventType: 'meeting.completed',
  method: 'POST',
  headers: [
    ['Content-Type', 'application/json'],
    ['WebHook-Signature', 'v1,x'],
  ],
  body: Buffer.from('{"größe": 1.0, "x":"\u0000"}').toString('base64'),
  timeoutMs: 5_000,
};

function exchange(url: string, more: Partial<RelayedMessage> = {}): ReturnType<typeof exchangeLocally> {
  return exchangeLocally(
    { ...MESSAGE, ...more },
    {
      url: new URL(url),
      headers: [
        ['x-more', '1'],
        ['webhook-signature', 'no'],
      ],
      verifyTls: true,
      signal: new AbortController().signal,
    },
  );
}

/** Speaks no HTTP of its own. */
async function raw(t: TestContext, answer: (write: (text: string) => void, end: () => void) => void): Promise<string> {
  const listener = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () =>
      answer(
        (text) => socket.write(text),
        () => socket.destroy(),
      ),
    );
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  t.after(() => listener.close());
  const address = listener.address();
  assert.ok(typeof address === 'object' && address !== null);
  return `http://127.0.0.1:${address.port}/`;
}

test('headers go out in their case and order, what is added comes after them, and nothing of theirs is replaced', async (t) => {
  const app = await localApp(t);
  const result = await exchange(app.url);
  assert.ok(result.kind === 'ended');
  assert.equal(result.answer.response?.status, 200);
  assert.deepEqual(app.taken[0]?.body, Buffer.from(MESSAGE.body, 'base64'));
  const rawHeaders = app.taken[0]?.rawHeaders ?? [];
  assert.deepEqual(
    rawHeaders.filter((_, index) => index % 2 === 0),
    ['Host', 'Connection', 'Content-Type', 'WebHook-Signature', 'x-more', 'Content-Length'],
  );
});

test('what expired while it waited is a gap of one, a place that is no longer kept one of unknown size; both go on from there', async () => {
  const asked: (string | null)[] = [];
  const delivery = { id: 'dlv_1', event: 'evt_1', eventType: 'a.b', state: 'failed', stateReason: 'expired' };
  const messages: readonly (readonly [cursor: string, kind: string, data: object])[] = [
    ['0.1', 'ready', {}],
    ['0.2', 'attempt', { delivery, attempt: null }],
    ['0.3', 'attempt', { delivery: { ...delivery, stateReason: null }, attempt: null }],
    ['0.4', 'reset', { reason: 'retention' }],
    ['0.5', 'attempt', { delivery: { ...delivery, state: 'cancelled' }, attempt: null }],
  ];
  const told = messages.map(([cursor, kind, data]) => `id: ${cursor}\nevent: ${kind}\ndata: ${JSON.stringify(data)}\n\n`);
  const client = new Waxwing({
    url: 'http://server.test',
    key: 'k',
    fetch: async (_url, init) => {
      asked.push(new Headers(init?.headers).get('last-event-id'));
      return new Response(asked.length === 1 ? told.join('') : '', { headers: { 'content-type': 'text/event-stream' } });
    },
  });
  const news: ListenNews[] = [];
  const kept: string[] = [];
  const stop = new AbortController();
  await watchForGaps({
    acme: client.tenant('acme'),
    endpoint: 'ep_1',
    cursor: '0.0',
    keep: (cursor) => kept.push(cursor),
    tell: (one) => {
      news.push(one);
      if (one.kind === 'note') setTimeout(() => stop.abort(), 400);
    },
    signal: stop.signal,
  });
  assert.deepEqual(
    news.map((one) => [one.kind, one.kind === 'gap' ? one.count : '']),
    [
      ['gap', 1],
      ['gap', null],
      ['note', ''],
    ],
  );
  assert.match(news[0]?.kind === 'gap' ? news[0].sentence : '', /a\.b evt_1 waited longer than the server keeps/);
  assert.deepEqual(kept, ['0.1', '0.2', '0.3', '0.4', '0.5']);
  assert.deepEqual(asked.slice(0, 2), ['0.0', '0.5']);
});

test('an app that is not there is away; one that breaks off, is late or speaks no HTTP has answered badly', async (t) => {
  const away = await exchange('http://127.0.0.1:1/');
  assert.equal(away.kind, 'away');
  const tested = await exchange('http://127.0.0.1:1/', { cause: 'test' });
  assert.ok(tested.kind === 'ended' && tested.answer.error?.code === 'connect_refused');
  const cases: readonly (readonly [code: string, url: string, timeoutMs: number])[] = [
    ['reset_before_answer', await raw(t, (_write, end) => end()), 5_000],
    [
      'reset_during_answer',
      await raw(t, (write, end) => (write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc'), setTimeout(end, 50))),
      5_000,
    ],
    ['bad_http', await raw(t, (write) => write('hello\r\n\r\n')), 5_000],
    ['timeout', await raw(t, () => {}), 60],
  ];
  for (const [code, url, timeoutMs] of cases) {
    const result = await exchange(url, { timeoutMs });
    assert.ok(result.kind === 'ended');
    assert.equal(result.answer.error?.code, code, String(result.answer.error?.message));
  }
});

const ANSWERED: Answered = {
  tenant: 'acme',
  listener: 'ep_1',
  event: 'evt_1',
  eventType: 'meeting.completed',
  delivery: 'dlv_1',
  attempt: 'att_1',
  number: 1,
  cause: 'publish',
  forwardTo: 'http://localhost:3000/',
  bytes: 2,
  status: 200,
  error: null,
  durationMs: 12,
  delivered: true,
  againInSeconds: null,
  why: null,
};
const past = (event: string): Past => ({
  news: { ...ANSWERED, event },
  exchanged: {
    message: MESSAGE,
    result: { kind: 'ended', answer: { response: { status: 200, headers: [['x-app', '1']], body: '' } }, text: 'the answer' },
  },
});

function keyboard(pasts: readonly Past[]): {
  readonly press: (...keys: string[]) => void;
  readonly said: string[];
  readonly done: string[];
} {
  const said: string[] = [];
  const done: string[] = [];
  const keys = new Keyboard({
    past: pasts,
    print: (line) => said.push(line),
    resend: async ({ news }) => (done.push(`resend ${news.event}`), 'on its way'),
    open: (one) => done.push(`open ${one?.news.event ?? 'all'}`),
    filter: (patterns) => done.push(`filter ${patterns.join(' ')}`),
    end: () => done.push('end'),
  });
  return { press: (...texts) => texts.forEach((text) => keys.press(text)), said, done };
}

test('keys choose among what came, send it again, show it whole, open it, filter, and end', () => {
  const { press, said, done } = keyboard([past('evt_1'), past('evt_2'), past('evt_3')]);
  press('r', '\u001b[A', '\u001b[A', '\u001b[A', 'o', '\u001b[B', 'r', 'o');
  assert.deepEqual(done.splice(0), ['resend evt_3', 'open evt_1', 'resend evt_2', 'open evt_3']);
  press('d');
  const details = said.join('\n');
  for (const part of ['meeting.completed evt_3', 'WebHook-Signature: v1,x', '{"größe": 1.0', '← HTTP 200', 'x-app: 1', 'the answer']) {
    assert.ok(details.includes(part), `${part} in ${details}`);
  }
  press('fmex\u007feting.*\r');
  press('f', '..', '\r'); // refused
  press('f', '\r', 'q');
  assert.deepEqual(done, ['filter meeting.*', 'filter *', 'end']);
});

test('keys do no harm while nothing has come', () => {
  const { press, said, done } = keyboard([]);
  press('r', 'd', '\u001b[A', '\u001b[B', 'x', 'o', '?', '\u0003');
  assert.deepEqual(done, ['open all', 'end']);
  assert.ok(said.filter((line) => line.includes('Nothing came yet.')).length >= 2);
});

test('what is not shown is relayed all the same, and control characters of an app do not reach the terminal', () => {
  const now = new Date(0);
  const news = { kind: 'answer', ...ANSWERED, why: 'a\u001b[2Jb' } as const;
  assert.deepEqual(linesOf(news, 'compact', ['payment.*'], now), []);
  assert.deepEqual(linesOf(news, 'compact', ['*'], now), [
    '00:00:00 200 meeting.completed evt_1 12 ms http://localhost:3000/',
    '00:00:00   a\ufffd[2Jb',
  ]);
  assert.deepEqual(linesOf(news, 'interactive', ['*'], now)[0], '← 200 POST http://localhost:3000/ 12 ms');
  assert.equal(JSON.parse(linesOf(news, 'json', ['*'], now)[0] ?? '').why, news.why);
});
