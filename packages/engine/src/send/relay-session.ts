// A relay session: one attached listener, and the messages on their way to it.

import type { AttemptId, ListenerMessage } from '@waxwing/protocol';
import type { Handed } from './relay-report.ts';

export type DetachReason = Extract<ListenerMessage, { kind: 'detached' }>['data']['reason'];

/** An order that the listener has, or is about to get again. */
export interface HandedOver extends Handed {
  cancelTimer: () => void;
}

export class RelaySession {
  readonly endpointId: string;
  readonly handed: Map<AttemptId, HandedOver> = new Map();
  readonly #messages: ListenerMessage[] = [];
  #wake: (() => void) | null = null;
  #isOver = false;

  constructor(endpointId: string) {
    this.endpointId = endpointId;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  push(message: ListenerMessage): void {
    this.#messages.push(message);
    this.#wake?.();
  }

  /** Nothing more comes. What was pushed and not taken is not told, save the reason. */
  end(reason: DetachReason | null): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#messages.length = 0;
    if (reason !== null) this.#messages.push({ kind: 'detached', data: { reason } });
    this.#wake?.();
  }

  async *messages(): AsyncGenerator<ListenerMessage, void, undefined> {
    for (;;) {
      const message = this.#messages.shift();
      if (message !== undefined) yield message;
      else if (this.#isOver) return;
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
    }
  }
}
