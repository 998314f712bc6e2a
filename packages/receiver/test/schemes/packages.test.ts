// Agreement with the senders' own npm packages: what they accept and refuse, we accept and refuse, and what they sign we verify.
//
// They read the machine's clock, so these messages are signed now.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import { WebhooksClient as ElevenLabs } from '@elevenlabs/elevenlabs-js/wrapper/webhooks.js';
import { Signature as HubSpot } from '@hubspot/api-client/lib/src/utils/signature.js';
import { LinearWebhookClient } from '@linear/sdk/webhooks';
import Mux from '@mux/mux-node';
import * as octokit from '@octokit/webhooks-methods';
import { Paddle } from '@paddle/paddle-node-sdk';
import sendgrid from '@sendgrid/eventwebhook';
// oxlint-disable-next-line import/no-unassigned-import -- it tells the package which runtime it is on
import '@shopify/shopify-api/adapters/web-api';
import { ApiVersion, LogSeverity, shopifyApi } from '@shopify/shopify-api';
import { verifySlackRequest } from '@slack/bolt/dist/receivers/verify-request.js';
import { WorkOS } from '@workos-inc/node';
import { verifyKey } from 'discord-interactions';
import { AccessToken, WebhookReceiver } from 'livekit-server-sdk';
import OpenAI from 'openai';
import { Retell } from 'retell-sdk';
import { WebhooksHelper as Square } from 'square';
import Stripe from 'stripe';
import { Webhook as Svix } from 'svix';
import twilio from 'twilio';
import { verifySync } from '@waxwing/receiver';
import type { SchemeName } from '@waxwing/receiver';
import { TestSender } from '@waxwing/receiver/testing';
import type { TestRequest } from '@waxwing/receiver/testing';

/** Whether the sender's package accepts a request; throwing is refusing. */
type Reference = (body: string, header: (name: string) => string, secret: string, url: string) => unknown;

const mux = new Mux({ tokenId: 'x', tokenSecret: 'y' });
const paddle = new Paddle('key');
const workos = new WorkOS('key');
const openai = new OpenAI({ apiKey: 'key' });
const anthropic = new Anthropic({ apiKey: 'key' });

const REFERENCES: { readonly [name in SchemeName]?: Reference } = {
  stripe: (body, header, secret) => Stripe.webhooks.constructEvent(body, header('Stripe-Signature'), secret),
  github: (body, header, secret) => octokit.verify(secret, body, header('X-Hub-Signature-256')),
  slack: (body, header, signingSecret) => {
    const headers = {
      'x-slack-signature': header('X-Slack-Signature'),
      'x-slack-request-timestamp': Number(header('X-Slack-Request-Timestamp')),
    };
    verifySlackRequest({ signingSecret, body, headers });
    return true;
  },
  svix: (body, header, secret) =>
    new Svix(secret).verify(body, {
      'svix-id': header('svix-id'),
      'svix-timestamp': header('svix-timestamp'),
      'svix-signature': header('svix-signature'),
    }),
  twilio: (body, header, secret, url) =>
    twilio.validateRequest(secret, header('X-Twilio-Signature'), url, Object.fromEntries(new URLSearchParams(body))),
  discord: (body, header, secret) => verifyKey(body, header('X-Signature-Ed25519'), header('X-Signature-Timestamp'), secret),
  sendgrid: (body, header, secret) => {
    const reference = new sendgrid.EventWebhook();
    const key = reference.convertPublicKeyToECDSA(secret);
    const [signature, timestamp] = [header('X-Twilio-Email-Event-Webhook-Signature'), header('X-Twilio-Email-Event-Webhook-Timestamp')];
    return reference.verifySignature(key, body, signature, timestamp);
  },
  livekit: (body, header, secret) => new WebhookReceiver('test', secret).receive(body, header('Authorization')),
  linear: (body, header, secret) => new LinearWebhookClient(secret).verify(Buffer.from(body), header('Linear-Signature')),
  paddle: (body, header, secret) => paddle.webhooks.isSignatureValid(body, secret, header('Paddle-Signature')),
  mux: async (body, header, secret) => {
    await mux.webhooks.verifySignature(body, { 'mux-signature': header('Mux-Signature') }, secret);
    return true;
  },
  workos: (body, header, secret) =>
    workos.webhooks.verifyHeader({ payload: JSON.parse(body), sigHeader: header('WorkOS-Signature'), secret }),
  retell: (body, header, secret) => Retell.verify(body, secret, header('X-Retell-Signature')),
  openai: (body, header, secret) => openai.webhooks.unwrap(body, standardHeaders(header), secret),
  anthropic: (body, header, key) => anthropic.beta.webhooks.unwrap(body, { headers: standardHeaders(header), key }),
  elevenlabs: (body, header, secret) => new ElevenLabs().constructEvent(body, header('ElevenLabs-Signature'), secret),
  square: (requestBody, header, signatureKey, notificationUrl) =>
    Square.verifySignature({ requestBody, signatureHeader: header('x-square-hmacsha256-signature'), signatureKey, notificationUrl }),
  hubspot: (requestBody, header, clientSecret, url) =>
    HubSpot.isValid({
      signatureVersion: 'v3',
      method: 'POST',
      url,
      requestBody,
      clientSecret,
      signature: header('X-HubSpot-Signature-v3'),
      timestamp: Number(header('X-HubSpot-Request-Timestamp')),
    }),
  shopify: async (rawBody, header, apiSecretKey, url) => {
    const quiet = { logger: { level: LogSeverity.Error, log: (): void => {} } };
    const app = { apiKey: 'key', apiSecretKey, hostName: 'a.example', apiVersion: ApiVersion.July26, isEmbeddedApp: false };
    const api = shopifyApi({ ...app, ...quiet });
    const headers = {
      'x-shopify-hmac-sha256': header('X-Shopify-Hmac-Sha256'),
      'x-shopify-topic': header('X-Shopify-Topic'),
      'x-shopify-webhook-id': header('X-Shopify-Webhook-Id'),
      'x-shopify-shop-domain': 'a.myshopify.com',
      'x-shopify-api-version': '2026-07',
    };
    const { valid } = await api.webhooks.validate({ rawBody, rawRequest: new Request(url, { method: 'POST', headers, body: rawBody }) });
    return valid;
  },
};

function standardHeaders(header: (name: string) => string): Record<string, string> {
  return Object.fromEntries(['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => [name, header(name)]));
}

/** Packages that check no time (Discord's, SendGrid's), which ours does all the same. */
const TIMELESS: readonly SchemeName[] = ['discord', 'sendgrid'];
const FORMS: readonly SchemeName[] = ['twilio'];

async function accepts(reference: Reference, request: TestRequest, secret: string): Promise<boolean> {
  const headers = new Headers({ ...request.headers });
  try {
    return (await reference(Buffer.from(request.body).toString(), (name) => headers.get(name) ?? '', secret, request.url)) !== false;
  } catch {
    return false;
  }
}

for (const [name, reference] of Object.entries(REFERENCES)) {
  const sender = new TestSender(isSender(name), { url: 'https://receiver.example/in?a=b' });
  const event = FORMS.includes(isSender(name))
    ? { body: 'CallSid=CA1&Body=Gr%C3%BC%C3%9Fe' }
    : { type: 'issue', data: { text: 'Grüße ☂' } };
  describe(`the package of ${name} and we say the same`, () => {
    for (const [kind, request] of Object.entries({
      signed: sender.signed(event),
      tampered: sender.tampered(event),
      'signed with another secret': sender.wrongSecret(event),
      unsigned: sender.unsigned(event),
      stale: sender.stale(event),
    })) {
      test(`of a request that is ${kind}`, async () => {
        const theirs = await accepts(reference, request, sender.secret);
        const ours = verifySync(isSender(name), request, sender.secret).ok;
        if (kind === 'signed') assert.ok(theirs, 'their package refuses what our test sender signs');
        assert.equal(ours, kind === 'stale' && TIMELESS.includes(isSender(name)) ? false : theirs);
      });
    }
  });
}

describe('what the senders’ packages sign is verified', () => {
  const body = JSON.stringify({ id: 'evt_1', type: 'thing.made', data: { text: 'Grüße ☂' } });
  const seconds = Math.floor(Date.now() / 1000);
  const verified = (name: SchemeName, headers: Record<string, string>, secret: string, given: object = {}): void => {
    const result = verifySync(name, { headers, body, ...given }, secret);
    assert.ok(result.ok, result.ok ? '' : result.explain());
  };

  test('by stripe', () => {
    const header = Stripe.webhooks.generateTestHeaderString({ payload: body, secret: 'whsec_a test secret' });
    verified('stripe', { 'stripe-signature': header }, 'whsec_a test secret');
  });
  test('by @octokit/webhooks-methods', async () => {
    verified('github', { 'x-hub-signature-256': await octokit.sign('a test secret', body) }, 'a test secret');
  });
  test('by svix', () => {
    const secret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
    const signature = new Svix(secret).sign('msg_1', new Date(seconds * 1000), body);
    verified('svix', { 'svix-id': 'msg_1', 'svix-timestamp': String(seconds), 'svix-signature': signature }, secret);
  });
  test('by twilio, a form and a JSON body', () => {
    const url = 'https://user:pass@receiver.example:8443/in?a=b';
    const fields = { To: '+1415', Body: 'Grüße & ☂', Empty: '' };
    const form = twilio.getExpectedTwilioSignature('an auth token', url, fields);
    verified('twilio', { 'x-twilio-signature': form }, 'an auth token', { url, body: new URLSearchParams(fields).toString() });
    const hashed = `${url}&bodySHA256=${createHash('sha256').update(body).digest('hex')}`;
    verified('twilio', { 'x-twilio-signature': twilio.getExpectedTwilioSignature('an auth token', hashed, {}) }, 'an auth token', {
      url: hashed,
    });
  });
  test('by retell-sdk', async () => {
    verified('retell', { 'x-retell-signature': await Retell.sign(body, 'key_test_secret') }, 'key_test_secret');
  });
  test('by @workos-inc/node', async () => {
    const signature = await workos.webhooks.computeSignature(seconds * 1000, JSON.parse(body), 'a test secret');
    verified('workos', { 'workos-signature': `t=${seconds * 1000}, v1=${signature}` }, 'a test secret');
  });
  test('by livekit-server-sdk', async () => {
    const token = new AccessToken('key', 'a test secret');
    token.sha256 = createHash('sha256').update(body).digest('base64');
    verified('livekit', { authorization: await token.toJwt() }, 'a test secret');
  });
});

function isSender(name: string): SchemeName {
  assert.ok(name in REFERENCES);
  return name as SchemeName;
}
