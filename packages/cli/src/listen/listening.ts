// Listening as a command does it: every session of a process, its output, its keys, its signals, its exit status.

import { spawn } from 'node:child_process';

import type { Waxwing } from '@waxwing/client';

import { listenForEnd } from '../ending.ts';
import { print, printError, red, dim } from '../terminal.ts';
import { Keyboard, KEYS_LINE } from './keyboard.ts';
import type { Past } from './keyboard.ts';
import type { ListenerPlan } from './plan.ts';
import { Session } from './session.ts';
import type { SessionEnd, SessionOptions } from './session.ts';
import type { StateFile } from './session-state.ts';
import { linesOf } from './voice.ts';
import type { Output } from './voice.ts';

export interface Listening {
  readonly client: Waxwing;
  readonly serverUrl: string;
  readonly plans: readonly ListenerPlan[];
  readonly state: StateFile;
  readonly keep: boolean;
  readonly verifyTls: boolean;
  readonly output: Output;
}

/** What the exit status says when something was missed. */
export const GAP_STATUS = 3;
const PAST_MAX = 200;

/** Resolves with the exit status, once every session has ended. */
export async function listenToAll(listening: Listening): Promise<number> {
  const { client, serverUrl, plans, state, keep, verifyTls, output } = listening;
  const stop = new AbortController();
  const ending = listenForEnd((signal) => {
    printError(red(`${signal} again: leaving at once`));
    process.exit(1);
  });
  void ending.asked.then(() => stop.abort());
  const past: Past[] = [];
  let shown: readonly string[] = ['*'];
  const hasKeys = output === 'interactive' && process.stdin.isTTY && process.stdout.isTTY;
  const tell: SessionOptions['tell'] = (news, exchanged) => {
    for (const line of linesOf(news, output, shown, new Date())) print(line);
    if (news.kind === 'ready' && hasKeys) print(dim(KEYS_LINE));
    if (news.kind !== 'answer' || exchanged === undefined) return;
    past.push({ news, exchanged });
    if (past.length > PAST_MAX) past.shift();
  };
  const sessions = plans.map(
    (plan) =>
      new Session({ client, plan, state, keep, verifyTls, consoleUrl: (id) => consolePage(serverUrl, plan.tenant, 'endpoints', id), tell }),
  );
  let leaveKeys = (): void => {};
  try {
    for (const session of sessions) await session.open();
    const ends = sessions.map((session) => session.run(stop.signal));
    if (hasKeys) {
      leaveKeys = takeKeys({
        past,
        print,
        resend: async ({ news }) => {
          const { id } = await client.tenant(news.tenant).deliveries.retry(news.delivery);
          return `${id} is on its way.`;
        },
        open: (one) => openInBrowser(one === null ? serverUrl : consolePage(serverUrl, one.news.tenant, 'deliveries', one.news.delivery)),
        filter: (patterns) => (shown = patterns),
        end: () => stop.abort(),
      });
    }
    return statusOf(await allOrFirstFailure(ends, stop));
  } finally {
    leaveKeys();
    ending.dispose();
  }
}

/** One that fails ends the others, in order; its failure is thrown when they have. */
async function allOrFirstFailure(ends: readonly Promise<SessionEnd>[], stop: AbortController): Promise<readonly SessionEnd[]> {
  for (const end of ends) {
    end.then(
      ({ reason }) => {
        if (reason !== 'asked') stop.abort();
      },
      () => stop.abort(),
    );
  }
  const settled = await Promise.allSettled(ends);
  for (const result of settled) {
    if (result.status !== 'rejected') continue;
    const error: unknown = result.reason;
    throw error instanceof Error ? error : new Error(String(error));
  }
  return settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
}

function statusOf(ends: readonly SessionEnd[]): number {
  if (ends.some(({ gap }) => gap)) return GAP_STATUS;
  return ends.every(({ reason }) => reason === 'asked') ? 0 : 1;
}

/** Where the console shows it: as its own paths are. */
function consolePage(serverUrl: string, tenant: string, kind: 'endpoints' | 'deliveries', id: string): string {
  return `${serverUrl.replace(/\/+$/, '')}/t/${encodeURIComponent(tenant)}/${kind}/${encodeURIComponent(id)}`;
}

/** Gives back the terminal when it is called. */
function takeKeys(deeds: ConstructorParameters<typeof Keyboard>[0]): () => void {
  const { stdin } = process;
  const keyboard = new Keyboard(deeds);
  const onData = (bytes: Buffer): void => keyboard.press(bytes.toString());
  stdin.setRawMode(true);
  stdin.on('data', onData);
  return () => {
    stdin.off('data', onData);
    stdin.setRawMode(false);
    stdin.pause();
  };
}

function openInBrowser(url: string): void {
  const [command, args] =
    process.platform === 'darwin'
      ? ['open', [url]]
      : process.platform === 'win32'
        ? ['cmd', ['/c', 'start', '', url]]
        : ['xdg-open', [url]];
  print(dim(url));
  // Where there is no browser, the address is on the screen.
  spawn(command, args, { stdio: 'ignore', detached: true })
    .on('error', () => {})
    .unref();
}
