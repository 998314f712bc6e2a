// Every scheme that is known by name. Whoever wants one alone imports its own export and `createVerifier`.

import type { Scheme } from '../scheme.ts';
import { anthropic } from './anthropic.ts';
import { calendly } from './calendly.ts';
import { discord } from './discord.ts';
import { elevenlabs } from './elevenlabs.ts';
import { github } from './github.ts';
import { gitlab, gitlabSigned } from './gitlab.ts';
import { hubspot } from './hubspot.ts';
import { intercom } from './intercom.ts';
import { linear } from './linear.ts';
import { livekit } from './livekit.ts';
import { meshagent } from './meshagent.ts';
import { meta } from './meta.ts';
import { mux } from './mux.ts';
import { openai } from './openai.ts';
import { paddle } from './paddle.ts';
import { pagerduty } from './pagerduty.ts';
import { humanconnection, joai, meetloyd, standard } from './profiles.ts';
import { retell } from './retell.ts';
import { sendgrid } from './sendgrid.ts';
import { shopify } from './shopify.ts';
import { slack } from './slack.ts';
import { square } from './square.ts';
import { stripe } from './stripe.ts';
import { svix } from './svix.ts';
import { twilio } from './twilio.ts';
import { twitch } from './twitch.ts';
import { typeform } from './typeform.ts';
import { vercel } from './vercel.ts';
import { workos } from './workos.ts';
import { zendesk } from './zendesk.ts';
import { zoom } from './zoom.ts';

export type SchemeName =
  | 'standard'
  | 'meetloyd'
  | 'joai'
  | 'humanconnection'
  | 'meshagent'
  | 'stripe'
  | 'github'
  | 'slack'
  | 'shopify'
  | 'svix'
  | 'twilio'
  | 'square'
  | 'hubspot'
  | 'zoom'
  | 'linear'
  | 'paddle'
  | 'discord'
  | 'sendgrid'
  | 'typeform'
  | 'zendesk'
  | 'pagerduty'
  | 'twitch'
  | 'mux'
  | 'calendly'
  | 'workos'
  | 'elevenlabs'
  | 'retell'
  | 'livekit'
  | 'openai'
  | 'anthropic'
  | 'meta'
  | 'intercom'
  | 'vercel'
  | 'gitlab'
  | 'gitlab-signed';

export const SCHEMES: Readonly<Record<SchemeName, Scheme>> = {
  standard,
  meetloyd,
  joai,
  humanconnection,
  meshagent,
  stripe,
  github,
  slack,
  shopify,
  svix,
  twilio,
  square,
  hubspot,
  zoom,
  linear,
  paddle,
  discord,
  sendgrid,
  typeform,
  zendesk,
  pagerduty,
  twitch,
  mux,
  calendly,
  workos,
  elevenlabs,
  retell,
  livekit,
  openai,
  anthropic,
  meta,
  intercom,
  vercel,
  gitlab,
  'gitlab-signed': gitlabSigned,
};
