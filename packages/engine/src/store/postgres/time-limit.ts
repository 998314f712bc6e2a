// A time limit on an answer of the database: what a connection that leads nowhere any more would keep waiting for ever.

import type { Clock } from '../../ports.ts';

/** Rejects when it takes longer; what was asked may still happen. */
export async function within<R>(clock: Clock, ms: number, work: Promise<R>): Promise<R> {
  let cancel: () => void = () => undefined;
  const late = new Promise<never>((_, reject) => {
    cancel = clock.after(ms, () => reject(new Error(`PostgreSQL did not answer within ${ms} ms`)));
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    cancel();
  }
}
