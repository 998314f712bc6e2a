// An examination: the probes, one after the other, each judged by its answer and by whether the valid message was taken.

import { CommandFailure } from '../failure.ts';
import type { Message } from '../message-text.ts';
import type { Answer, Pace } from './exchange.ts';
import { findingOf, isTaken, leftOutFinding } from './finding.ts';
import type { Finding } from './finding.ts';
import type { Probe } from './probe.ts';

/** Sends a message to the receiver. */
export type Exchange = (message: Message, pace: Pace) => Promise<Answer>;

/**
 * @param probes `valid` first
 * @throws CommandFailure when nothing answers at all
 */
export async function examine(probes: readonly Probe[], exchange: Exchange): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  let validTaken: boolean | null = null;
  for (const probe of probes) {
    if (probe.kind === 'left_out') {
      findings.push(leftOutFinding(probe));
      continue;
    }
    const answer = await exchange(probe.message(), probe.pace);
    if (validTaken === null && answer.kind === 'unreachable') throw new CommandFailure(`The receiver cannot be reached: ${answer.reason}.`);
    findings.push(findingOf(probe, answer, validTaken));
    validTaken ??= isTaken(answer);
  }
  return findings;
}
