// Answering store: the store as the services ask it. What it cannot do is answered in the words of the API
// (`store_unavailable`), never by an error of the store's own.

import { WaxwingError } from '@waxwing/protocol';
import { StoreError, type Store } from '../store/store.ts';

/** The same store; what is read through it rejects with WaxwingError. */
export function answeringStore(store: Store): Store {
  return {
    kind: store.kind,
    folder: store.folder,
    read: answering(store.read),
    ...(store.sharing === undefined ? {} : { sharing: answering(store.sharing) }),
    ...(store.outbox === undefined ? {} : { outbox: answering(store.outbox) }),
    ...(store.history === undefined ? {} : { history: answering(store.history) }),
    open: (options) => store.open(options),
    commit: (batch) => store.commit(batch),
    refill: (query) => store.refill(query),
    load: (seqs) => answered(() => store.load(seqs)),
    close: () => store.close(),
  };
}

function answering<T extends object>(reader: T): T {
  return new Proxy(reader, {
    get(_, verb) {
      const answer: unknown = Reflect.get(reader, verb);
      if (typeof answer !== 'function') return answer;
      return (...query: readonly unknown[]): Promise<unknown> =>
        answered(async (): Promise<unknown> => Reflect.apply(answer, reader, query));
    },
  });
}

async function answered<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw error instanceof StoreError ? unreadable(error) : error;
  }
}

function unreadable(cause: StoreError): WaxwingError {
  return new WaxwingError('store_unavailable', 'The store cannot be read just now. Ask again after the time in Retry-After.', {
    cause,
    retryAfterSeconds: 1,
  });
}
