// The live stream: one connection for the whole page, which keeps what is shown true and tells pages what happens.
//
//  1. It asks only for what somebody on the page wants to hear of (`endpoint` always; `event`, `attempt` while a page listens).
//  2. Messages are handed over in groups, a few times a second, so that a busy deployment does not stall the page.
//  3. It goes on after its last cursor, so nothing is lost when it is cut, when the kinds change, or after sleep; where the
//     place is gone (`reset`), everything shown is asked for anew.

import { useQueryClient } from '@tanstack/react-query';
import type { QueryClient } from '@tanstack/react-query';
import type { StreamKind, StreamMessage } from '@waxwing/protocol';
import { createContext, useContext, useEffect, useMemo, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import { bringUpToDate } from './patches.ts';
import { useConsole } from './surroundings.tsx';

export type LiveState = 'connecting' | 'live' | 'cut';

type Handler = (messages: readonly StreamMessage[]) => void;

interface Live {
  readonly state: LiveState;
  /** Adds a listener; gives back how to take it away. */
  readonly listen: (kinds: readonly StreamKind[], handler: Handler) => () => void;
}

const GROUP_MS = 250;
const AGAIN_MS = 2_000;
/** No tick for this long: the machine slept, and the connection is likely dead without knowing it. */
const SLEPT_MS = 20_000;
const TICK_MS = 5_000;

const Context = createContext<Live | null>(null);

export function LiveProvider({ children }: { readonly children: ReactNode }): ReactNode {
  const { api, tenant } = useConsole();
  const queries = useQueryClient();
  const [state, setState] = useState<LiveState>('connecting');
  const [wanted, setWanted] = useState('endpoint');
  const listeners = useRef(new Map<symbol, { readonly kinds: readonly StreamKind[]; readonly handler: Handler }>());
  const cursor = useRef<{ readonly tenant: string | null; readonly at: string } | null>(null);

  useEffect(() => {
    const kinds = wanted.split(',').filter(isKind);
    let connection = new AbortController();
    let stopped = false;
    let group: StreamMessage[] = [];

    const flush = (): void => {
      if (group.length === 0) return;
      const messages = group;
      group = [];
      handOver(messages, queries, [...listeners.current.values()]);
    };
    const flushing = setInterval(flush, GROUP_MS);

    async function run(): Promise<void> {
      while (!stopped) {
        connection = new AbortController();
        const { signal } = connection;
        const from = cursor.current?.tenant === tenant ? { cursor: cursor.current.at } : {};
        try {
          const source = tenant === null ? api : api.tenant(tenant);
          for await (const message of source.stream({ kinds, signal, onLost: () => setState('cut'), ...from })) {
            cursor.current = { tenant, at: message.cursor };
            setState('live');
            group.push(message);
          }
        } catch {
          // cut by us, refused, or broken: it is tried again below
        }
        if (stopped) return;
        if (!signal.aborted) setState('cut');
        await new Promise((resolve) => setTimeout(resolve, signal.aborted ? 0 : AGAIN_MS));
      }
    }
    void run();

    const reconnect = (): void => {
      setState('connecting');
      connection.abort();
    };
    let tickedMs = Date.now();
    const ticking = setInterval(() => {
      const now = Date.now();
      if (now - tickedMs > SLEPT_MS) reconnect();
      tickedMs = now;
    }, TICK_MS);
    window.addEventListener('online', reconnect);
    return () => {
      stopped = true;
      flush();
      connection.abort();
      clearInterval(flushing);
      clearInterval(ticking);
      window.removeEventListener('online', reconnect);
    };
  }, [api, tenant, wanted, queries]);

  const live = useMemo<Live>(
    () => ({
      state,
      listen: (kinds, handler) => {
        const name = Symbol('listener');
        const update = (): void => setWanted(wantedKinds([...listeners.current.values()].flatMap((listener) => listener.kinds)));
        listeners.current.set(name, { kinds, handler });
        update();
        return () => {
          listeners.current.delete(name);
          update();
        };
      },
    }),
    [state],
  );
  return <Context value={live}>{children}</Context>;
}

/** Whether the stream stands. */
export function useLiveState(): LiveState {
  return useLive().state;
}

/**
 * Hears of what happens while the component stands; in groups, in order. What the page shows by queries is brought up to
 * date already, whether or not anybody handles it: pass no handler to have the kinds kept true only.
 * @example useLiveMessages(['event'], (messages) => …);
 */
export function useLiveMessages(kinds: readonly StreamKind[], handler?: Handler): void {
  const { listen } = useLive();
  const latest = useRef(handler);
  useEffect(() => {
    latest.current = handler;
  });
  const joined = kinds.join(',');
  const listening = useRef(listen);
  useEffect(() => {
    listening.current = listen;
  });
  useEffect(() => listening.current(joined.split(',').filter(isKind), (messages) => latest.current?.(messages)), [joined]);
}

function useLive(): Live {
  const live = useContext(Context);
  if (live === null) throw new Error('The live stream is for what stands inside the shell');
  return live;
}

function handOver(messages: readonly StreamMessage[], queries: QueryClient, listeners: Iterable<{ readonly handler: Handler }>): void {
  if (messages.some(({ kind }) => kind === 'reset')) void queries.invalidateQueries();
  else bringUpToDate(queries, messages);
  for (const { handler } of listeners) handler(messages);
}

const KINDS: readonly StreamKind[] = ['event', 'attempt', 'endpoint'];

function isKind(text: string): text is StreamKind {
  return KINDS.some((kind) => kind === text);
}

function wantedKinds(kinds: readonly StreamKind[]): string {
  return KINDS.filter((kind) => kind === 'endpoint' || kinds.includes(kind)).join(',');
}
