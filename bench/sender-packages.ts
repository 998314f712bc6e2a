// The senders' own npm packages, each called as its documentation does, with what it can keep between calls kept.

import { LinearWebhookClient } from '@linear/sdk/webhooks';
import Mux from '@mux/mux-node';
import * as octokit from '@octokit/webhooks-methods';
import { Paddle } from '@paddle/paddle-node-sdk';
import sendgrid from '@sendgrid/eventwebhook';
import { verifySlackRequest } from '@slack/bolt/dist/receivers/verify-request.js';
import { WorkOS } from '@workos-inc/node';
import { verifyKey } from 'discord-interactions';
import { WebhookReceiver } from 'livekit-server-sdk';
import { Retell } from 'retell-sdk';
import { Webhook } from 'standardwebhooks';
import Stripe from 'stripe';
import { Webhook as Svix } from 'svix';
import twilio from 'twilio';
import type { SchemeName } from '@waxwing/receiver';

/** A message as a server has it once it was read: bytes, headers by lower-case name, the URL called. */
export interface BenchMessage {
  readonly body: Buffer;
  readonly headers: { readonly [lowerCaseName: string]: string };
  readonly url: string;
}

export interface SenderPackage {
  readonly name: string;
  /** Whether it also parses the body, and so is compared with our verifying and reading the event. */
  readonly parses: boolean;
  /** Made once for a secret. The check gives false, throws or rejects when the message does not hold. */
  readonly check: (secret: string) => (message: BenchMessage) => unknown;
}

const textOf = ({ body }: BenchMessage): string => body.toString();
const header = ({ headers }: BenchMessage, name: string): string => headers[name] ?? '';

export const SENDER_PACKAGES: { readonly [name in SchemeName]?: SenderPackage } = {
  standard: {
    name: 'standardwebhooks',
    parses: true,
    check: (secret) => {
      const webhook = new Webhook(secret);
      return ({ body, headers }) => webhook.verify(body, headers);
    },
  },
  svix: {
    name: 'svix',
    parses: true,
    check: (secret) => {
      const webhook = new Svix(secret);
      return ({ body, headers }) => webhook.verify(body, headers);
    },
  },
  stripe: {
    name: 'stripe',
    parses: true,
    check: (secret) => (message) => Stripe.webhooks.constructEvent(message.body, header(message, 'stripe-signature'), secret),
  },
  github: {
    name: '@octokit/webhooks-methods',
    parses: false,
    check: (secret) => (message) => octokit.verify(secret, textOf(message), header(message, 'x-hub-signature-256')),
  },
  slack: {
    name: '@slack/bolt',
    parses: false,
    check: (signingSecret) => (message) => {
      const headers = {
        'x-slack-signature': header(message, 'x-slack-signature'),
        'x-slack-request-timestamp': Number(header(message, 'x-slack-request-timestamp')),
      };
      verifySlackRequest({ signingSecret, body: textOf(message), headers });
    },
  },
  twilio: {
    name: 'twilio',
    parses: false,
    check: (secret) => (message) =>
      twilio.validateRequest(
        secret,
        header(message, 'x-twilio-signature'),
        message.url,
        Object.fromEntries(new URLSearchParams(textOf(message))),
      ),
  },
  linear: {
    name: '@linear/sdk',
    parses: false, // save for the time, which stands in the body: as ours does
    check: (secret) => {
      const client = new LinearWebhookClient(secret);
      return (message) => {
        const { webhookTimestamp }: { webhookTimestamp: number } = JSON.parse(textOf(message));
        return client.verify(message.body, header(message, 'linear-signature'), webhookTimestamp);
      };
    },
  },
  paddle: {
    name: '@paddle/paddle-node-sdk',
    parses: false,
    check: (secret) => {
      const paddle = new Paddle('key');
      return (message) => paddle.webhooks.isSignatureValid(textOf(message), secret, header(message, 'paddle-signature'));
    },
  },
  mux: {
    name: '@mux/mux-node',
    parses: false,
    check: (secret) => {
      const mux = new Mux({ tokenId: 'x', tokenSecret: 'y' });
      return (message) => mux.webhooks.verifySignature(textOf(message), { 'mux-signature': header(message, 'mux-signature') }, secret);
    },
  },
  workos: {
    name: '@workos-inc/node',
    parses: true,
    check: (secret) => {
      const workos = new WorkOS('key');
      return (message) =>
        workos.webhooks.verifyHeader({ payload: JSON.parse(textOf(message)), sigHeader: header(message, 'workos-signature'), secret });
    },
  },
  retell: {
    name: 'retell-sdk',
    parses: false,
    check: (secret) => (message) => Retell.verify(textOf(message), secret, header(message, 'x-retell-signature')),
  },
  livekit: {
    name: 'livekit-server-sdk',
    parses: true,
    check: (secret) => {
      const receiver = new WebhookReceiver('test', secret);
      return (message) => receiver.receive(textOf(message), header(message, 'authorization'));
    },
  },
  discord: {
    name: 'discord-interactions',
    parses: false,
    check: (secret) => (message) =>
      verifyKey(message.body, header(message, 'x-signature-ed25519'), header(message, 'x-signature-timestamp'), secret),
  },
  sendgrid: {
    name: '@sendgrid/eventwebhook',
    parses: false,
    check: (secret) => {
      const webhook = new sendgrid.EventWebhook();
      const key = webhook.convertPublicKeyToECDSA(secret);
      return (message) =>
        webhook.verifySignature(
          key,
          textOf(message),
          header(message, 'x-twilio-email-event-webhook-signature'),
          header(message, 'x-twilio-email-event-webhook-timestamp'),
        );
    },
  },
};
