// The project's API key, and what is made with it: the token that lets an agent into a room that has only started.
//
// 1. What is given, then the environment: MESHAGENT_API_KEY, or MESHAGENT_PROJECT_ID, MESHAGENT_KEY_ID and
//    MESHAGENT_SECRET (page 003). A key that is there but unusable is refused loudly; one that is not there is null.
// 2. Tokens are signed here and not by the SDK's `toJwt`, which lets MESHAGENT_API_KEY win over what it is given.

import { createHmac } from 'node:crypto';
import { WaxwingError } from '@waxwing/protocol/errors';
import { sdk } from './sdk.ts';

export interface ProjectKeyOptions {
  /** The key as MeshAgent shows it, `ma-…`. Default `MESHAGENT_API_KEY`. */
  readonly apiKey?: string;
  /** The same in its parts. Default `MESHAGENT_PROJECT_ID`. */
  readonly projectId?: string;
  /** Default `MESHAGENT_KEY_ID`. */
  readonly keyId?: string;
  /** Default `MESHAGENT_SECRET`. */
  readonly secret?: string;
}

export interface ProjectKey {
  readonly projectId: string;
  readonly keyId: string;
  readonly secret: string;
}

const DEFAULT_API_URL = 'https://api.meshagent.com';
/** Tokens travel in URLs, which end up in logs. A lost connection gets a fresh one. */
const TOKEN_LIFE_SECONDS = 86_400;

/** @throws WaxwingError `invalid_setting` when a key cannot be read, or lacks a part; null when there is none */
export function projectKeyFrom(options: ProjectKeyOptions): ProjectKey | null {
  const inParts = options.projectId !== undefined || options.keyId !== undefined || options.secret !== undefined;
  const apiKey = options.apiKey ?? (inParts ? undefined : environment('MESHAGENT_API_KEY'));
  if (apiKey !== undefined) return parsed(apiKey);
  const secret = options.secret ?? environment('MESHAGENT_SECRET');
  if (secret === undefined && !inParts) return null;
  return {
    projectId: part('projectId', 'MESHAGENT_PROJECT_ID', options.projectId ?? environment('MESHAGENT_PROJECT_ID')),
    keyId: part('keyId', 'MESHAGENT_KEY_ID', options.keyId ?? environment('MESHAGENT_KEY_ID')),
    secret: part('secret', 'MESHAGENT_SECRET', secret),
  };
}

function parsed(apiKey: string): ProjectKey {
  try {
    const { id, projectId, secret } = sdk.parseApiKey(apiKey);
    if (secret !== '') return { projectId, keyId: id, secret };
  } catch {
    // the message would not say more, and must not quote the key
  }
  throw new WaxwingError('invalid_setting', 'MESHAGENT_API_KEY (or `apiKey`) is not an API key: copy it whole, `ma-` included.');
}

function part(option: string, variable: string, value: string | undefined): string {
  if (value !== undefined && value !== '') return value;
  throw new WaxwingError('invalid_setting', `The API key lacks a part: set ${variable} (or give \`${option}\`).`);
}

/** A token that lets an agent into one room, with the rights MeshAgent gives agents, for a day. */
export function mintToken(key: ProjectKey, agentName: string, roomName: string, nowMs: number): string {
  const token = sdk.participantToken({
    participantName: agentName,
    roomName,
    role: 'agent',
    projectId: key.projectId,
    apiKeyId: key.keyId,
  });
  const claims = { ...token.toJson(), exp: Math.floor(nowMs / 1000) + TOKEN_LIFE_SECONDS };
  const content = `${base64url({ alg: 'HS256', typ: 'JWT' })}.${base64url(claims)}`;
  return `${content}.${createHmac('sha256', key.secret).update(content).digest('base64url')}`;
}

function base64url(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** @throws WaxwingError `invalid_setting` when it is not a URL of HTTP or WebSocket */
export function apiUrlFrom(given: string | undefined): string {
  const text = given ?? environment('MESHAGENT_API_URL') ?? DEFAULT_API_URL;
  const url = webSocketUrl(text);
  if (url !== null) return url.replace(/\/+$/, '');
  throw new WaxwingError('invalid_setting', `MESHAGENT_API_URL (or \`apiUrl\`) is ${JSON.stringify(text)}, which is not an HTTP URL.`);
}

/** The same address as a WebSocket URL; null when it cannot be one. */
export function webSocketUrl(text: string): string | null {
  const url = URL.parse(text.replace(/^http(s?):/i, 'ws$1:'));
  return url !== null && (url.protocol === 'ws:' || url.protocol === 'wss:') ? url.href : null;
}

type Variable = 'MESHAGENT_API_KEY' | 'MESHAGENT_PROJECT_ID' | 'MESHAGENT_KEY_ID' | 'MESHAGENT_SECRET' | 'MESHAGENT_API_URL';

/** A variable of the environment; one that is set to nothing counts as unset. */
function environment(name: Variable): string | undefined {
  // oxlint-disable-next-line node/no-process-env -- page 003: "the standard environment variables for meshagent API keys"
  return process.env[name] || undefined;
}
