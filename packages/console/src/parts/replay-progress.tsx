// How far a replay is, in a bar and in words.

import { useQuery } from '@tanstack/react-query';
import type { UseQueryResult } from '@tanstack/react-query';
import type { Replay } from '@waxwing/protocol';
import type { ReactNode } from 'react';
import { useConsole } from '../data/surroundings.tsx';
import { compact } from '../design/numbers.ts';
import { ProgressBar } from './progress-bar.tsx';

const EVERY_MS = 700;

export function isRunning({ state }: Replay): boolean {
  return state === 'counting' || state === 'running';
}

/** A replay, asked for anew while it runs. */
export function useReplay(tenant: string, id: string): UseQueryResult<Replay> {
  const { of } = useConsole();
  return useQuery({
    queryKey: ['replay', tenant, id],
    queryFn: ({ signal }) => of(tenant).replays.get(id, { signal }),
    refetchInterval: ({ state }) => (state.data === undefined || isRunning(state.data) ? EVERY_MS : false),
  });
}

export function ReplayProgress({ replay, wordy = true }: { readonly replay: Replay; readonly wordy?: boolean }): ReactNode {
  const { total, done, failed } = replay;
  const part = (count: number): number => (total === null || total === 0 ? 0 : Math.min(1, count / total));
  const ratio = replay.state === 'counting' || total === null ? null : total === 0 ? 1 : part(done);
  return (
    <ProgressBar label="Progress" ratio={replay.state === 'cancelled' ? part(done) : ratio} badRatio={part(failed)}>
      {wordy && progressWords(replay)}
    </ProgressBar>
  );
}

/** `310 of 400 done, 9 not delivered`. */
export function progressWords({ state, total, made, done, failed }: Replay): string {
  if (state === 'counting' || total === null) return 'Counting what the filter takes …';
  if (total === 0) return 'The filter takes nothing.';
  const bad = failed === 0 ? '' : `, ${compact(failed)} not delivered`;
  const waiting = state === 'running' && made > done ? `; ${compact(made - done)} on their way` : '';
  return `${compact(done)} of ${compact(total)} done${bad}${waiting}`;
}
