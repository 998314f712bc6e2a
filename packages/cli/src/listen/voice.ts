// How a listening session speaks: lines for a person, one line a message for a log, or JSON lines for a program.

import { matchesEventType } from '@waxwing/protocol';

import { bold, cyan, dim, green, printable, red, yellow } from '../terminal.ts';
import type { Answered, ListenNews, Relayed } from './news.ts';

export const OUTPUTS = ['interactive', 'compact', 'json'] as const;
export type Output = (typeof OUTPUTS)[number];

type News<Kind extends ListenNews['kind']> = Extract<ListenNews, { readonly kind: Kind }>;

/** Which messages are shown; all are relayed. */
export type Shown = readonly string[];

/** The lines that tell it; none where there is nothing to see. */
export function linesOf(news: ListenNews, output: Output, shown: Shown, now: Date): readonly string[] {
  if ((news.kind === 'message' || news.kind === 'answer') && !matchesEventType(shown, news.eventType)) return [];
  switch (output) {
    case 'json':
      return [JSON.stringify({ at: now.toISOString(), ...news })];
    case 'compact':
      return compactLines(news).map((line) => `${dim(now.toISOString().slice(11, 19))} ${line}`);
    case 'interactive':
      return interactiveLines(news);
    default:
      return output satisfies never;
  }
}

function interactiveLines(news: ListenNews): readonly string[] {
  switch (news.kind) {
    case 'ready':
      return ['', ...readyLines(news), ...waitedLines(news.waiting, news.resumed), ''];
    case 'message':
      return [messageLine(news)];
    case 'answer':
      return [answerLine(news), ...whyLines(news)];
    default:
      return sentences(news);
  }
}

function compactLines(news: ListenNews): readonly string[] {
  switch (news.kind) {
    case 'ready':
      return [
        `listening ${news.listener} of ${news.tenant} (${news.profile}) for ${news.eventTypes.join(', ')} → ${news.routes.map(({ forwardTo }) => forwardTo).join(', ')}; secret ${news.secret}; ${news.console}`,
        ...waitedLines(news.waiting, news.resumed),
      ];
    case 'message':
      return []; // its answer has it all
    case 'answer': {
      const result = news.status === null ? (news.error?.code ?? 'no answer') : String(news.status);
      const mark = news.delivered ? green(result) : red(result);
      return [
        `${mark} ${news.eventType} ${news.event} ${took(news)} ${news.forwardTo}${attemptText(news)}${againText(news)}`,
        ...whyLines(news),
      ];
    }
    default:
      return sentences(news);
  }
}

function readyLines(news: News<'ready'>): readonly string[] {
  const single = news.routes.length === 1 && news.routes[0]?.events === '*';
  return [
    `${bold('Listening')} to ${news.eventTypes.join(', ')} of ${bold(news.tenant)} as ${news.listener} (${news.profile})`,
    ...(single
      ? [`Forward to  ${cyan(news.routes[0]?.forwardTo ?? '')}`]
      : news.routes.map(({ events, forwardTo }) => `${events.padEnd(10)}  → ${cyan(forwardTo)}`)),
    `Secret      ${bold(news.secret)}  ${dim('this session’s own: your app verifies with it')}`,
    `Console     ${cyan(news.console)}`,
  ];
}

function waitedLines(waiting: number, resumed: boolean): readonly string[] {
  if (waiting > 0) return [yellow(`${deliveries(waiting)} waited; they come now, in order.`)];
  return resumed ? [dim('Going on where the last session was; nothing waited.')] : [];
}

function messageLine(news: Relayed): string {
  return `${cyan('→')} ${bold(news.eventType)} ${news.event}${attemptText(news)}`;
}

/** Which attempt, and why, where it is not the first of a publish. */
function attemptText({ number, cause }: Relayed): string {
  const parts = [...(cause === 'publish' ? [] : [cause]), ...(number === 1 ? [] : [`attempt ${number}`])];
  return parts.length === 0 ? '' : dim(` (${parts.join(', ')})`);
}

function answerLine(news: Answered): string {
  const result = news.status === null ? (news.error?.code ?? 'no answer') : String(news.status);
  const styled = news.delivered ? green(result) : red(result);
  return `${news.delivered ? green('←') : red('←')} ${styled} POST ${news.forwardTo} ${took(news)}${againText(news)}`;
}

function took({ durationMs }: Answered): string {
  return `${durationMs < 10 ? durationMs : Math.round(durationMs)} ms`;
}

function againText({ delivered, againInSeconds }: Answered): string {
  if (delivered) return '';
  return dim(againInSeconds === null ? ', does not come again by itself' : `, again in ${againInSeconds} s`);
}

function whyLines({ error, why }: Answered): readonly string[] {
  const lines = [...(error === null ? [] : [error.message]), ...(why === null ? [] : [why])];
  return lines.map((line) => `  ${yellow(printable(line))}`);
}

function sentences(news: Exclude<ListenNews, { readonly kind: 'ready' | 'message' | 'answer' }>): readonly string[] {
  switch (news.kind) {
    case 'lost':
      return [
        yellow(
          `Connection lost (${printable(news.reason)}); trying again in ${seconds(news.retryInMs)}. Nothing is lost: what comes waits.`,
        ),
      ];
    case 'back':
      return [
        green(
          `Connected again.${news.waiting === 0 ? ' Nothing waited.' : ` ${deliveries(news.waiting)} waited; they come now, in order.`}`,
        ),
      ];
    case 'caught_up':
      return [green(`Caught up: ${deliveries(news.replayed)} replayed, in order.`)];
    case 'app_away':
      return [
        yellow(
          `Nobody takes connections at ${news.forwardTo} (${printable(news.reason)}). Start your app: what comes waits for it, in order.`,
        ),
      ];
    case 'app_back':
      return [green(`${news.forwardTo} takes connections again.`)];
    case 'gap':
      return [red(`Gap: ${printable(news.sentence)}`)];
    case 'note':
      return [yellow(printable(news.sentence))];
    case 'ended':
      return endedLines(news);
    default:
      return news satisfies never;
  }
}

function endedLines(news: News<'ended'>): readonly string[] {
  const counts = `${news.delivered} delivered, ${news.undelivered} ${news.undelivered === 1 ? 'attempt' : 'attempts'} failed`;
  switch (news.reason) {
    case 'asked':
      return [
        news.kept
          ? dim(`Ended: ${counts}. ${news.listener} is kept, asleep: events wait for it. Run the same command to go on.`)
          : dim(`Ended: ${counts}. ${news.listener} is removed.`),
        ...(news.gap ? [red('Something was missed: see “Gap” above. The exit status is 3.')] : []),
      ];
    case 'replaced':
      return [red(`Ended: another listener took over ${news.listener} (${counts}).`)];
    case 'deleted':
      return [red(`Ended: ${news.listener} was deleted (${counts}). Listen again to make another.`)];
    default:
      return news.reason satisfies never;
  }
}

function deliveries(count: number): string {
  return count === 1 ? '1 delivery' : `${count} deliveries`;
}

function seconds(ms: number): string {
  return ms < 950 ? `${ms} ms` : `${Math.round(ms / 1000)} s`;
}
