// A client of the shape that HumanConnection's page shows: `new HumanConnection({ apiKey, baseUrl }).webhooks.create(…)`.
//
// For a server that speaks HumanConnection's management API (`waxwing serve --management humanconnection`). The key's tenant
// is whose webhooks these are. Reads are tried again as the other client's are; nothing else is.

import type { Problem } from '@waxwing/protocol';

import { openTransport } from './open-transport.ts';
import type { RetryOptions } from './retry.ts';
import { segment } from './segment.ts';
import type { Call, CallOptions, Transport } from './transport.ts';

export interface HumanConnectionOptions {
  /** `hc_…`: as `waxwing keys create --tenant <id> --format hc` prints it. */
  readonly apiKey: string;
  /** Where the server is, such as `http://127.0.0.1:8400`. Without a path, `/api/v0` is the path. */
  readonly baseUrl: string;
  /** In place of the global one: a proxy agent's, a test's. */
  readonly fetch?: typeof fetch;
  /** How long one attempt may take, in milliseconds. Default 30,000. */
  readonly timeoutMs?: number;
  /** Bounds on trying reads again. */
  readonly retry?: RetryOptions;
}

/** What creation takes. */
export interface HumanConnectionWebhookInput {
  readonly url: string;
  /** Event types by name, `prefix.*` or `*`. */
  readonly events: readonly string[];
  /** Your own; one is made when none is given. */
  readonly secret?: string;
}

/** What an edit takes: what is not given stays. */
export interface HumanConnectionWebhookPatch extends Partial<HumanConnectionWebhookInput> {
  readonly status?: 'active' | 'disabled';
}

/** `failing`: its latest delivery was exhausted; it still receives. */
export type HumanConnectionWebhookStatus = 'active' | 'failing' | 'paused' | 'disabled';

export interface HumanConnectionWebhook {
  readonly id: string;
  readonly url: string;
  readonly events: readonly string[];
  readonly status: HumanConnectionWebhookStatus;
  /** ISO 8601, in whole seconds, as every time here. */
  readonly last_triggered_at: string | null;
  readonly created_at: string;
  readonly updated_at: string;
  /** In the answer to creation only. */
  readonly secret?: string;
}

const WEBHOOKS = '/webhooks';

/**
 * Webhook management as HumanConnection's page shows it.
 *
 * Every call may throw `WaxwingApiError` (the server refused it; `code` and `errors` say why) or `WaxwingConnectionError` (no answer came).
 * @example
 * const hc = new HumanConnection({ apiKey, baseUrl: 'http://127.0.0.1:8400' });
 * const webhook = await hc.webhooks.create({ url, events: ['meeting.completed'], secret });
 */
export class HumanConnection {
  readonly #transport: Transport;

  constructor({ apiKey, baseUrl, ...options }: HumanConnectionOptions) {
    const hasPath = URL.canParse(baseUrl) && new URL(baseUrl).pathname.replaceAll('/', '') !== '';
    const url = hasPath ? baseUrl : `${baseUrl.replace(/\/+$/, '')}/api/v0`;
    this.#transport = openTransport({ ...options, key: apiKey, url }, readProblem);
  }

  readonly webhooks = {
    /** Creates one. The answer is the only one that carries the secret. */
    create: (input: HumanConnectionWebhookInput, options: CallOptions = {}): Promise<HumanConnectionWebhook> =>
      this.#json('POST', WEBHOOKS, input, options),
    /** All of them, newest first. */
    list: async (options: CallOptions = {}): Promise<readonly HumanConnectionWebhook[]> =>
      (await this.#json<{ readonly data: readonly HumanConnectionWebhook[] }>('GET', WEBHOOKS, undefined, options)).data,
    get: (id: string, options: CallOptions = {}): Promise<HumanConnectionWebhook> =>
      this.#json('GET', `${WEBHOOKS}/${segment(id)}`, undefined, options),
    /** Applies from the next attempt; `status: 'active'` enables, and clears `failing`. */
    update: (id: string, patch: HumanConnectionWebhookPatch, options: CallOptions = {}): Promise<HumanConnectionWebhook> =>
      this.#json('PATCH', `${WEBHOOKS}/${segment(id)}`, patch, options),
    /** Cancels what is pending. */
    delete: async (id: string, options: CallOptions = {}): Promise<void> => {
      await this.#transport.send({ method: 'DELETE', path: `${WEBHOOKS}/${segment(id)}`, ...options });
    },
  };

  #json<T>(method: Call['method'], path: string, body: unknown, options: CallOptions): Promise<T> {
    return this.#transport.json({ method, path, ...(body === undefined ? {} : { body: JSON.stringify(body) }), ...options });
  }
}

export { WaxwingApiError, WaxwingConnectionError } from './api-error.ts';

/** Reads `{error: {code, message, details?}}`; null for anything else. */
function readProblem(text: string, status: number): Problem | null {
  const { code, message: detail, details } = parse(text)?.error ?? {};
  if (typeof code !== 'string' || typeof detail !== 'string') return null;
  const errors = details?.map(({ field, message }) => ({ path: `/${field.replaceAll('.', '/')}`, message }));
  return { type: 'about:blank', title: code, status, code, detail, ...(errors === undefined ? {} : { errors }) };
}

interface ErrorAnswer {
  readonly error?: {
    readonly code?: unknown;
    readonly message?: unknown;
    readonly details?: readonly { readonly field: string; readonly message: string }[];
  };
}

function parse(text: string): ErrorAnswer | null {
  try {
    const parsed: ErrorAnswer | null = JSON.parse(text);
    return parsed;
  } catch {
    return null;
  }
}
