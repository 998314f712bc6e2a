// What a demo expects and what has happened of it: every sample is to be delivered, by the server's word, and verified,
// by its receiver's. Pure bookkeeping.

export interface Expected {
  readonly profile: string;
  readonly type: string;
  /** The id as the receiver sees it. */
  readonly id: string;
  readonly publishedMs: number;
  verifiedMs: number | null;
  delivered: boolean;
}

export interface ProfileScore {
  readonly profile: string;
  readonly total: number;
  readonly delivered: number;
  readonly verified: number;
  /** Half of the verified ones took at most this long from publish to verified; null before the first. */
  readonly medianMs: number | null;
}

export class Scoreboard {
  readonly #expected = new Map<string, Expected>();
  /** Reports of receivers that came before the publisher's answer did. */
  readonly #early = new Map<string, number>();

  /** An event was published. Gives it as settled already when its receiver was faster than the answer. */
  expect(profile: string, type: string, id: string, publishedMs: number): Expected {
    const key = keyOf(profile, type, id);
    const expected: Expected = { profile, type, id, publishedMs, verifiedMs: this.#early.get(key) ?? null, delivered: false };
    this.#expected.set(key, expected);
    return expected;
  }

  /** A receiver verified an event. Null when nothing (yet) expects it, or it was counted before. */
  verified(profile: string, type: string, id: string, atMs: number): Expected | null {
    const key = keyOf(profile, type, id);
    const expected = this.#expected.get(key);
    if (expected === undefined) {
      this.#early.set(key, atMs);
      return null;
    }
    if (expected.verifiedMs !== null) return null;
    expected.verifiedMs = atMs;
    return expected;
  }

  /** The server says that an event of this profile was delivered. */
  delivered(profile: string, type: string, id: string): void {
    const expected = this.#expected.get(keyOf(profile, type, id));
    if (expected !== undefined) expected.delivered = true;
  }

  missing(): readonly Expected[] {
    return [...this.#expected.values()].filter((expected) => expected.verifiedMs === null || !expected.delivered);
  }

  scores(profiles: readonly string[]): readonly ProfileScore[] {
    return profiles.map((profile) => {
      const own = [...this.#expected.values()].filter((expected) => expected.profile === profile);
      const took = own
        .flatMap((expected) => (expected.verifiedMs === null ? [] : [expected.verifiedMs - expected.publishedMs]))
        .toSorted((a, b) => a - b);
      return {
        profile,
        total: own.length,
        delivered: own.filter((expected) => expected.delivered).length,
        verified: took.length,
        medianMs: took[Math.floor((took.length - 1) / 2)] ?? null,
      };
    });
  }
}

function keyOf(profile: string, type: string, id: string): string {
  return `${profile} ${type} ${id}`;
}
