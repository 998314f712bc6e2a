// Gaps: what the session was to get and can never get, as the live stream tells it.
//
// The stream goes on from the place that the state file keeps. A delivery that expired while it waited is one gap; a place
// that the server no longer keeps is a gap of unknown size. Both are told; neither stops the session.

import { setTimeout as sleep } from 'node:timers/promises';

import { WaxwingApiError } from '@waxwing/client';
import type { TenantClient } from '@waxwing/client';
import type { StreamMessage } from '@waxwing/protocol';

import type { ListenNews } from './news.ts';

export interface GapWatch {
  readonly acme: TenantClient;
  readonly endpoint: string;
  /** Where to go on; null for now. */
  readonly cursor: string | null;
  /** Keeps a place on disk. */
  readonly keep: (cursor: string) => void;
  readonly tell: (news: ListenNews) => void;
  readonly signal: AbortSignal;
}

const AGAIN_MS = 1_000;

/** Ends with its signal. */
export async function watchForGaps(watch: GapWatch): Promise<void> {
  const { acme, endpoint, keep, tell, signal } = watch;
  let cursor = watch.cursor;
  while (!signal.aborted) {
    try {
      for await (const message of acme.stream({ kinds: ['attempt'], endpoint, signal, ...(cursor === null ? {} : { cursor }) })) {
        const news = newsOf(message, endpoint);
        if (news !== null) tell(news); // before its place is kept: better twice than never
        if (message.cursor !== cursor) keep(message.cursor);
        cursor = message.cursor;
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof WaxwingApiError) {
        tell({ kind: 'note', sentence: `Gaps cannot be seen: the live stream refuses this key: ${error.message}` });
        return;
      }
      await sleep(AGAIN_MS, undefined, { signal }).catch(() => undefined); // it never stood: the server is away
    }
  }
}

function newsOf(message: StreamMessage, listener: string): ListenNews | null {
  switch (message.kind) {
    case 'reset':
      return {
        kind: 'gap',
        listener,
        count: null,
        sentence:
          message.data.reason === 'retention'
            ? 'The place where this session was is older than what the server keeps: what expired since then will not come, and cannot be counted.'
            : 'The server does not know the place where this session was: its store is another one, or was put back. What this session missed cannot be counted.',
      };
    case 'attempt': {
      const { delivery } = message.data;
      if (delivery.state === 'failed' && delivery.stateReason === 'expired') {
        const sentence = `${delivery.eventType} ${delivery.event} waited longer than the server keeps what is pending, and expired: it will not come by itself. \`waxwing deliveries retry ${delivery.id}\` sends it while it is kept.`;
        return { kind: 'gap', listener, count: 1, sentence };
      }
      if (delivery.state === 'skipped') {
        return {
          kind: 'note',
          sentence: `${delivery.eventType} ${delivery.event} was skipped (${delivery.stateReason ?? 'disabled'}); a replay can deliver it.`,
        };
      }
      return delivery.state === 'cancelled'
        ? { kind: 'note', sentence: `${delivery.eventType} ${delivery.event} was cancelled (${delivery.stateReason ?? 'by hand'}).` }
        : null;
    }
    case 'ready':
    case 'event':
    case 'endpoint':
      return null;
    default:
      return message satisfies never;
  }
}
