// The adapter for AWS Lambda behind API Gateway (payload forms 1.0 and 2.0), a function URL or an Application Load Balancer.
//
// The three differ in where the method stands, and in that a load balancer may send, and then wants, headers as lists.
// Source: the AWS Lambda developer guide, "Using AWS Lambda with Amazon API Gateway", "… with an ALB", "Function URLs".

import type { Answer } from '../serve/answer.ts';
import { ADAPTER_DEFAULTS, tooLarge } from './core.ts';
import type { AdapterOptions, WebhookReceiver } from './core.ts';

const FIX =
  'In AWS Lambda: give webhookHandler(receiver) the event as Lambda gives it; no middleware (middy’s httpJsonBodyParser) may replace event.body before.';

/** What is used of the event, in any of its forms. */
export interface LambdaEvent {
  readonly headers?: { readonly [name: string]: string | undefined } | null;
  readonly multiValueHeaders?: { readonly [name: string]: readonly string[] | undefined } | null;
  /** Text; anything else is what some middleware made of it. */
  readonly body?: unknown;
  readonly isBase64Encoded?: boolean;
  /** Payload form 1.0 and load balancers. */
  readonly httpMethod?: string;
  /** Payload form 2.0 and function URLs. */
  readonly rawPath?: string;
  readonly rawQueryString?: string;
  readonly requestContext?: { readonly http?: { readonly method?: string }; readonly domainName?: string };
}

export interface LambdaResult {
  readonly statusCode: number;
  readonly headers?: Record<string, string>;
  readonly multiValueHeaders?: Record<string, string[]>;
  readonly body: string;
  readonly isBase64Encoded: false;
}

/**
 * @example export const handler = webhookHandler(receiver);
 */
export function webhookHandler(
  receiver: WebhookReceiver,
  options: Pick<AdapterOptions, 'bodyLimitBytes'> = {},
): (event: LambdaEvent) => Promise<LambdaResult> {
  return async (event) => {
    const listed = (event.headers ?? null) === null && (event.multiValueHeaders ?? null) !== null;
    return resultOf(await answerEvent(receiver, event, options.bodyLimitBytes ?? ADAPTER_DEFAULTS.bodyLimitBytes), listed);
  };
}

async function answerEvent(receiver: WebhookReceiver, event: LambdaEvent, limitBytes: number): Promise<Answer> {
  const method = event.requestContext?.http?.method ?? event.httpMethod;
  if (method !== 'POST') return receiver.otherMethod(method, urlOf(event));
  const text = event.body ?? '';
  if (typeof text !== 'string') return receiver.bodyWasParsed(FIX);
  const body = Buffer.from(text, event.isBase64Encoded === true ? 'base64' : 'utf8');
  if (body.length > limitBytes) return tooLarge(limitBytes);
  return receiver.receive({ headers: event.multiValueHeaders ?? event.headers ?? {}, body, method, url: urlOf(event) });
}

/** Form 2.0 alone tells the URL as it was sent; elsewhere the receiver's `publicUrl` does. */
function urlOf({ rawPath, rawQueryString, requestContext }: LambdaEvent): string | undefined {
  if (rawPath === undefined || requestContext?.domainName === undefined) return undefined;
  const query = rawQueryString === undefined || rawQueryString === '' ? '' : `?${rawQueryString}`;
  return `https://${requestContext.domainName}${rawPath}${query}`;
}

function resultOf(answer: Answer, listed: boolean): LambdaResult {
  const { status: statusCode, headers, body } = answer;
  if (!listed) return { statusCode, headers: { ...headers }, body, isBase64Encoded: false };
  const multiValueHeaders = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]));
  return { statusCode, multiValueHeaders, body, isBase64Encoded: false };
}
