// The report: what was sent, what a sound receiver does, what came back, what to do. For a person, or as JSON.

import { bold, dim, green, pad, printable, red, yellow } from '../terminal.ts';
import type { Answer } from './exchange.ts';
import { isSound } from './finding.ts';
import type { Finding, Verdict } from './finding.ts';

export interface Report {
  readonly url: string;
  readonly profile: string;
  readonly findings: readonly Finding[];
}

const WORDS: Readonly<Record<Verdict, string>> = {
  good: 'good',
  unhelpful: 'unhelpful',
  unsafe: 'UNSAFE',
  broken: 'BROKEN',
  unproven: 'unproven',
  left_out: 'left out',
};

const VERDICTS: readonly Verdict[] = ['unsafe', 'broken', 'unhelpful', 'unproven', 'good', 'left_out'];

const EXCERPT_LENGTH = 120;

export function reportLines({ url, profile, findings }: Report): readonly string[] {
  const lines = [`${bold(url)}  as ${profile}`, ''];
  for (const finding of findings) lines.push(...findingLines(finding), '');
  const counts = VERDICTS.map((verdict) => [verdict, findings.filter((finding) => finding.verdict === verdict).length] as const);
  const counted = counts.filter(([, count]) => count > 0).map(([verdict, count]) => `${count} ${WORDS[verdict]}`);
  lines.push(`${conclusion(findings)}  ${counted.join(', ')}`);
  return lines;
}

function findingLines({ name, verdict, sent, expected, answer, advice }: Finding): readonly string[] {
  const lines = [`${coloured(verdict, pad(WORDS[verdict], 10))}${bold(name)}`];
  const say = (what: string, text: string | null): void => {
    if (text !== null) lines.push(`  ${dim(pad(what, 10))}${text}`);
  };
  say('sent', sent);
  say('expected', expected);
  say('came back', answer === null ? null : answerText(answer, verdict));
  say(verdict === 'left_out' ? 'why' : 'do', advice);
  return lines;
}

/** The answer in a line; its first words too, where they may help to find out why. */
function answerText(answer: Answer, verdict: Verdict): string {
  switch (answer.kind) {
    case 'answered': {
      const line = `${answer.status} in ${answer.tookMs} ms`;
      const excerpt = printable(answer.body).replaceAll(/\s+/g, ' ').trim().slice(0, EXCERPT_LENGTH);
      return verdict === 'good' || excerpt === '' ? line : `${line}: ${excerpt}`;
    }
    case 'timed_out':
      return `no answer in ${answer.afterMs / 1000} s`;
    case 'unreachable':
      return answer.reason;
    default:
      return answer satisfies never;
  }
}

function conclusion(findings: readonly Finding[]): string {
  const found = (verdict: Verdict): boolean => findings.some((finding) => finding.verdict === verdict);
  if (found('unsafe')) return red(bold('This receiver is unsafe.'));
  if (found('broken')) return red(bold('This receiver does not take what its sender sends; whether it is safe is not proven.'));
  if (found('unhelpful')) return yellow(bold('This receiver is safe, and could be better.'));
  return green(bold('This receiver is sound.'));
}

function coloured(verdict: Verdict, text: string): string {
  switch (verdict) {
    case 'good':
      return green(text);
    case 'unhelpful':
    case 'unproven':
      return yellow(text);
    case 'unsafe':
    case 'broken':
      return red(bold(text));
    case 'left_out':
      return dim(text);
    default:
      return verdict satisfies never;
  }
}

/** For programs: `sound`, and each probe with its verdict. */
export function reportJson({ url, profile, findings }: Report): unknown {
  return {
    url,
    profile,
    sound: isSound(findings),
    probes: findings.map(({ name, verdict, sent, expected, answer, advice }) => ({ name, verdict, sent, expected, answer, advice })),
  };
}
