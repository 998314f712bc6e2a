// AWS Lambda, with events in the forms that AWS documents. A local server stands in for the gateway, so that the contract
// is asked as of every adapter.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import { createReceiver } from '@waxwing/receiver';
import type { HandlerContext } from '@waxwing/receiver';
import { webhookHandler } from '@waxwing/receiver/lambda';
import type { LambdaEvent, LambdaResult } from '@waxwing/receiver/lambda';
import { adapterContract, LIMITS, listening } from './contract.ts';
import type { Served } from './contract.ts';
import { SECRET, signedEvent } from './signed-event.ts';
import type { SignedEvent } from './signed-event.ts';

type Form = (event: SignedEvent) => LambdaEvent;

const base64 = (event: LambdaEvent): LambdaEvent => ({
  ...event,
  body: Buffer.from(String(event.body)).toString('base64'),
  isBase64Encoded: true,
});

const rest: Form = ({ body, headers }) => ({
  httpMethod: 'POST',
  headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value])),
  multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), [value]])),
  body,
  isBase64Encoded: false,
  requestContext: { domainName: 'id.execute-api.eu-west-1.amazonaws.com' },
});
const http: Form = ({ body, headers }) => ({
  rawPath: '/prod/webhook',
  rawQueryString: 'a=b%20c',
  headers,
  body,
  isBase64Encoded: false,
  requestContext: { http: { method: 'POST' }, domainName: 'id.execute-api.eu-west-1.amazonaws.com' },
});
const balancer: Form = ({ body, headers }) => ({ httpMethod: 'POST', headers, body, isBase64Encoded: false, requestContext: {} });
const listedBalancer: Form = ({ body, headers }) => ({
  httpMethod: 'POST',
  multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
  body,
  isBase64Encoded: false,
  requestContext: {},
});

const receiver = createReceiver({ profile: 'humanconnection', secret: SECRET, log: () => {} });
const handler = webhookHandler(receiver);

/** As API Gateway calls a function and answers for it. */
function gateway(call: (event: LambdaEvent) => Promise<LambdaResult>, change: (event: LambdaEvent) => LambdaEvent): Promise<Served> {
  return listening(createServer((request, response) => void pass(request, response)));

  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    const result = await call(change(http({ body: await text(request), headers })));
    response.writeHead(result.statusCode, result.headers).end(result.body);
  }
}

adapterContract('AWS Lambda', {
  serve: (served) => gateway(webhookHandler(served, LIMITS), base64),
  serveBehindParser: (served) => gateway(webhookHandler(served, LIMITS), (event) => ({ ...event, body: JSON.parse(String(event.body)) })),
  fix: /In AWS Lambda: .*event\.body/,
  streams: false,
});

describe('AWS Lambda', () => {
  for (const [name, form] of [
    ['API Gateway, payload form 1.0', rest],
    ['API Gateway, payload form 2.0, and function URLs', http],
    ['a load balancer', balancer],
  ] as const) {
    test(`verifies an event of ${name}, in text and in base64`, async () => {
      const event = form(signedEvent('meeting.completed', { data: { meeting_id: 'é😀' } }));
      for (const each of [event, base64(event)]) {
        const result = await handler(each);
        assert.equal(result.statusCode, 200);
        assert.equal(result.headers?.['content-type'], 'application/json');
      }
      const tampered = await handler({ ...event, body: `${String(event.body)} ` });
      assert.equal(tampered.statusCode, 401);
    });
  }

  test('answers a load balancer that sends headers as lists in lists', async () => {
    const result = await handler(listedBalancer(signedEvent('meeting.completed')));
    assert.equal(result.statusCode, 200);
    assert.equal(result.headers, undefined);
    assert.deepEqual(result.multiValueHeaders, { 'content-type': ['application/json'] });
  });

  test('answers 405 to other methods and 401 to an event without a body', async () => {
    assert.equal((await handler({ httpMethod: 'GET', headers: {} })).statusCode, 405);
    assert.equal((await handler({ httpMethod: 'POST', headers: null, body: null })).statusCode, 401);
  });

  test('tells handlers the URL where the event has it whole', async () => {
    const urls: (string | undefined)[] = [];
    const telling = createReceiver({ profile: 'humanconnection', secret: SECRET });
    telling.onAny((_event, { request }: HandlerContext) => void urls.push(request.url));
    const handle = webhookHandler(telling);
    await handle(http(signedEvent('meeting.completed')));
    await handle(balancer(signedEvent('meeting.completed')));
    assert.deepEqual(urls, ['https://id.execute-api.eu-west-1.amazonaws.com/prod/webhook?a=b%20c', undefined]);
  });
});
