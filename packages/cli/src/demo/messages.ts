// What a demo's receiver process and the demo say to each other.

/** To a receiver: what it is. */
export interface ReceiverOrder {
  readonly profile: string;
  readonly secret: string;
}

/** From a receiver. */
export type ReceiverReport =
  | { readonly kind: 'listening'; readonly url: string }
  | { readonly kind: 'verified'; readonly id: string; readonly type: string }
  | { readonly kind: 'refused'; readonly explanation: string };

export function isReceiverOrder(message: unknown): message is ReceiverOrder {
  return typeof message === 'object' && message !== null && 'profile' in message && 'secret' in message;
}

export function isReceiverReport(message: unknown): message is ReceiverReport {
  return typeof message === 'object' && message !== null && 'kind' in message;
}
