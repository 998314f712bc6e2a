// A demo's run: the sample of every event type of every profile, published, delivered and verified, before one's eyes.
//
// It ends well only when the server says of each that it was delivered and its receiver that it was verified.

import { setTimeout as sleep } from 'node:timers/promises';

import { CommandFailure } from '../failure.ts';
import { bold, dim, green, pad, print, printError, red } from '../terminal.ts';
import { Board } from './board.ts';
import type { ReceiverReport } from './messages.ts';
import { demoProfiles, startPlatform, tenantOf } from './platform.ts';
import type { Platform } from './platform.ts';
import { Scoreboard } from './scoreboard.ts';
import type { Expected } from './scoreboard.ts';

const POLL_MS = 50;

/**
 * @param signal ends it early, with its reason
 * @throws CommandFailure when anything is missing at the end
 */
export async function demo(signal: AbortSignal): Promise<void> {
  const startedMs = performance.now();
  const board = new Board(process.stdout.isTTY);
  const scoreboard = new Scoreboard();
  const profiles = demoProfiles().map((profile) => profile.definition.name);
  const refusals: string[] = [];
  const onReport = (profile: string, report: ReceiverReport): void => {
    if (signal.aborted || report.kind === 'listening') return;
    if (report.kind === 'refused') {
      refusals.push(`${profile}: ${report.explanation}`);
      return;
    }
    const expected = scoreboard.verified(profile, report.type, report.id, Date.now());
    if (expected !== null) board.line(arrivalLine(expected));
    board.show(scoreboard.scores(profiles));
  };

  print(`${bold('Waxwing demo')}  a server, a store, and ${profiles.length} receivers, each in a process of its own`);
  let finished = false;
  const platform = await startPlatform((profile, report) => {
    if (!finished) onReport(profile, report);
  });
  try {
    print(dim(`server ${platform.url}; ${platform.receivers.map((receiver) => `${receiver.profile} pid ${receiver.pid}`).join(', ')}`));
    await publishSamples(platform, scoreboard, board, signal);
    await settle(platform, scoreboard, signal, () => board.show(scoreboard.scores(profiles)));
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    finished = true;
    board.show(scoreboard.scores(profiles));
    board.end();
    await platform.stop();
  }
  print();
  judge(scoreboard, profiles, refusals, signal, performance.now() - startedMs);
}

async function publishSamples(platform: Platform, scoreboard: Scoreboard, board: Board, signal: AbortSignal): Promise<void> {
  for (const profile of demoProfiles()) {
    const { name, eventTypes } = profile.definition;
    const tenant = platform.waxwing.tenant(tenantOf(name));
    for (const { name: type, sample } of eventTypes) {
      const publishedMs = Date.now();
      const { id } = await tenant.publish({ type, data: sample }, { signal });
      const expected = scoreboard.expect(name, type, profile.eventId(id), publishedMs);
      if (expected.verifiedMs !== null) board.line(arrivalLine(expected)); // it was there before the answer was here
    }
  }
}

/** Asks the server until it has said of every event that it was delivered, and every receiver that it was verified. */
async function settle(platform: Platform, scoreboard: Scoreboard, signal: AbortSignal, progress: () => void): Promise<void> {
  const profileOf = new Map(demoProfiles().map((profile) => [tenantOf(profile.definition.name), profile]));
  for (;;) {
    for await (const delivery of platform.waxwing.everywhere.deliveries({ state: 'delivered', limit: 250 }, { signal })) {
      const profile = profileOf.get(delivery.tenant);
      if (profile !== undefined) scoreboard.delivered(profile.definition.name, delivery.eventType, profile.eventId(delivery.event));
    }
    progress();
    if (scoreboard.missing().length === 0) return;
    await sleep(POLL_MS, undefined, { signal });
  }
}

function arrivalLine({ profile, type, id, publishedMs, verifiedMs }: Expected): string {
  return `${green('✓')} ${pad(profile, 16)} ${pad(type, 24)} ${dim(id)}  verified after ${(verifiedMs ?? publishedMs) - publishedMs} ms`;
}

function judge(
  scoreboard: Scoreboard,
  profiles: readonly string[],
  refusals: readonly string[],
  signal: AbortSignal,
  tookMs: number,
): void {
  const missing = scoreboard.missing();
  const total = scoreboard.scores(profiles).reduce((sum, score) => sum + score.total, 0);
  if (missing.length === 0 && refusals.length === 0 && !signal.aborted) {
    print(
      `${green(bold('All'))} ${total} samples of ${profiles.length} profiles were delivered and verified, in ${(tookMs / 1000).toFixed(1)} s.`,
    );
    return;
  }
  for (const { profile, type, id, verifiedMs, delivered } of missing) {
    const what =
      verifiedMs === null ? (delivered ? 'delivered, but not verified' : 'not delivered') : 'verified, but not seen as delivered';
    printError(`${red('✗')} ${profile} ${type} ${id}: ${what}`);
  }
  for (const refusal of refusals) printError(`${red('✗')} ${refusal}`);
  if (signal.aborted) throw signal.reason;
  throw new CommandFailure(`${missing.length} of ${total} samples are missing`);
}
