// Away: what people and programs hear while the store takes no writes, and which of its troubles it is.

import { WaxwingError } from '@waxwing/protocol';
import { StoreError } from '../store/store.ts';

/** Why the store takes no writes: an error code of its own where it is the disk's fault. */
export type Away = 'store_unavailable' | 'disk_full' | 'disk_failing';

const SENTENCES: { readonly [A in Away]: string } = {
  store_unavailable: 'The store cannot be written just now',
  disk_full: 'The disk that the store is on is full',
  disk_failing: 'The disk that the store is on fails: it does not take what is written, or cannot say that it has it',
};

/** What an error of the store, of a commit or of an opening, says of the trouble. */
export function awayBecause(error: unknown): Away {
  if (error instanceof StoreError) {
    if (error.disk === 'full') return 'disk_full';
    return error.disk === 'failing' ? 'disk_failing' : 'store_unavailable';
  }
  const code = error instanceof WaxwingError ? error.code : null;
  return code === 'disk_full' || code === 'disk_failing' ? code : 'store_unavailable';
}

/** For `/readyz` and whoever asks for the status. */
export function awayText(away: Away): string {
  return away === 'store_unavailable' ? 'the store cannot be written' : away === 'disk_full' ? 'the disk is full' : 'the disk fails';
}

/** For publishers and changers, of whom nothing was accepted. */
export function awayError(away: Away, cause?: unknown): WaxwingError {
  return new WaxwingError(away, `${SENTENCES[away]}; nothing was accepted. Publish again after the time in Retry-After.`, {
    cause,
    retryAfterSeconds: 1,
  });
}

/** For those whose commit failed in a way that leaves open whether it is on disk. */
export function unknownError(away: Away, cause: unknown): WaxwingError {
  const why = away === 'store_unavailable' ? '' : ` ${SENTENCES[away]}.`;
  return new WaxwingError(
    'commit_unknown',
    `Whether the events were stored is not known.${why} Publish them again with the same id: those that were are answered as duplicates.`,
    { cause, retryAfterSeconds: 1 },
  );
}
