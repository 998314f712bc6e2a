// Codes: the small integers that stand for names on disk. A code, once given, keeps its meaning for ever.

import type { DeliveryCause, DeliveryState, OutcomeKind } from '@waxwing/protocol';
import { StoreError } from './store.ts';

/** Names of a closed union and their codes, both ways. */
export class Codes<N extends string> {
  readonly #codes: Readonly<Record<N, number>>;
  readonly #names = new Map<number, N>();

  constructor(codes: Readonly<Record<N, number>>) {
    this.#codes = codes;
    for (const name in codes) this.#names.set(codes[name], name);
  }

  code(name: N): number {
    const code: number | undefined = this.#codes[name];
    if (code === undefined) throw new StoreError('row', `${JSON.stringify(name)} has no code in the store`);
    return code;
  }

  codeOrNull(name: N | null): number | null {
    return name === null ? null : this.code(name);
  }

  name(code: number): N {
    const name = this.#names.get(code);
    if (name === undefined) throw new StoreError('unavailable', `the store holds an unknown code: ${code}`);
    return name;
  }

  nameOrNull(code: number | null): N | null {
    return code === null ? null : this.name(code);
  }
}

export const STATES: Codes<DeliveryState> = new Codes({ pending: 0, delivered: 1, failed: 2, cancelled: 3, skipped: 4 });
export const CAUSES: Codes<DeliveryCause> = new Codes({ publish: 0, retry: 1, replay: 2, test: 3 });
export const OUTCOMES: Codes<OutcomeKind> = new Codes({ delivered: 0, refused: 1, timed_out: 2, unreachable: 3, blocked: 4 });
