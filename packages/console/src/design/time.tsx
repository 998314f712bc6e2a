// Times: how long ago, or how far ahead, kept true by one ticking clock; the exact moment stands in the title.

import { useSyncExternalStore } from 'react';
import type { ReactNode } from 'react';

const TICK_MS = 1_000;
let nowMs = Date.now();
const watchers = new Set<() => void>();
let ticking: ReturnType<typeof setInterval> | undefined;

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  ticking ??= setInterval(() => {
    nowMs = Date.now();
    for (const each of watchers) each();
  }, TICK_MS);
  return () => {
    watchers.delete(watcher);
    if (watchers.size > 0) return;
    clearInterval(ticking);
    ticking = undefined;
  };
}

/** The current time in milliseconds, rounded down to `everyMs`; a component that uses it draws anew only when that changes. */
export function useNow(everyMs: number = TICK_MS): number {
  return useSyncExternalStore(watch, () => Math.floor(nowMs / everyMs) * everyMs);
}

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'short' });
const absolute = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const;
/** What has just happened may lie ahead of a page that looks at the clock once a second. */
const AHEAD_MS = 2_000;

/** `3 min. ago`, `in 5 sec.`; within a second, or two ahead, it is `now`. */
export function relativeTime(atMs: number, fromMs: number): string {
  const distanceMs = atMs - fromMs;
  if (distanceMs > 0 && distanceMs < AHEAD_MS) return 'now';
  for (const [unit, unitMs] of UNITS) {
    if (Math.abs(distanceMs) >= unitMs) return relative.format(Math.trunc(distanceMs / unitMs), unit);
  }
  return 'now';
}

/** The moment in full, in the reader's own time zone. */
export function absoluteTime(iso: string): string {
  return absolute.format(new Date(iso));
}

/** `14:03:27`, in the reader's own time zone. */
export function clockTime(iso: string): string {
  return clock.format(new Date(iso));
}

/** `1 h 5 min`, `4.2 s`, `12 ms`: a length of time, the two largest units at most. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${ms < 10 ? Math.round(ms * 10) / 10 : Math.round(ms)} ms`;
  if (ms < 60_000) return `${ms < 10_000 ? Math.round(ms / 100) / 10 : Math.round(ms / 1_000)} s`;
  const [days, hours, minutes, seconds] = [
    Math.floor(ms / 86_400_000),
    Math.floor(ms / 3_600_000) % 24,
    Math.floor(ms / 60_000) % 60,
    Math.floor(ms / 1_000) % 60,
  ];
  const parts = [
    days > 0 && `${days} d`,
    hours > 0 && `${hours} h`,
    minutes > 0 && `${minutes} min`,
    days === 0 && hours === 0 && seconds > 0 && `${seconds} s`,
  ];
  return parts
    .filter((part) => part !== false)
    .slice(0, 2)
    .join(' ');
}

export interface TimeProps {
  /** ISO 8601. */
  readonly at: string;
  /** `relative` (default, with the moment in the title), `absolute`, or `clock`. */
  readonly show?: 'relative' | 'absolute' | 'clock';
}

export function Time({ at, show = 'relative' }: TimeProps): ReactNode {
  return (
    <time dateTime={at} title={absoluteTime(at)}>
      {show === 'relative' ? <Relative at={at} /> : show === 'clock' ? clockTime(at) : absoluteTime(at)}
    </time>
  );
}

function Relative({ at }: { readonly at: string }): ReactNode {
  return relativeTime(Date.parse(at), useNow());
}
