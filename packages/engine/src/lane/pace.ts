// Pace: how many attempts of one endpoint may run at once, and when the next may start.
//
// Concurrency shrinks by half on failure and grows by one a round of successes (additive increase, multiplicative decrease),
// between 1 and the endpoint's own limit. A rate limit spaces attempts evenly. A rest that a receiver asked for holds all.

export interface PaceSettings {
  /** Most attempts at once. */
  readonly concurrency: number;
  /** Most attempts a second, evenly spaced; null for no limit. */
  readonly rateLimitPerSecond: number | null;
}

const SUSPECT_AFTER_FAILURES = 3;
/** A turn that came so little late (timers count whole milliseconds) does not put off the ones after it: 300 a second are 300. */
const LATE_MS = 5;
/** Attempts at once of an endpoint that takes up a backlog or was held until now. */
const GENTLE = 2;

export class Pace {
  #settings: PaceSettings;
  #window: number;
  #failuresInARow = 0;
  #restUntilMs = 0;
  #nextTurnMs = 0;
  #lastStartMs = -Infinity;

  constructor(settings: PaceSettings, gently: boolean) {
    this.#settings = settings;
    this.#window = gently ? Math.min(GENTLE, settings.concurrency) : settings.concurrency;
  }

  /** Attempts allowed at once just now. */
  get slots(): number {
    return Math.max(1, Math.floor(this.#window));
  }

  /** Whether it has failed several times running. */
  get suspect(): boolean {
    return this.#failuresInARow >= SUSPECT_AFTER_FAILURES;
  }

  /** When the next attempt may start. */
  get nextStartMs(): number {
    return Math.max(this.#restUntilMs, this.#nextTurnMs);
  }

  /** Whether a new one would behave the same. */
  isFresh(nowMs: number): boolean {
    return this.#window >= this.#settings.concurrency && this.nextStartMs <= nowMs;
  }

  apply(settings: PaceSettings): void {
    if (settings.concurrency > this.#settings.concurrency && !this.suspect) this.#window = settings.concurrency;
    this.#window = Math.min(this.#window, settings.concurrency);
    if (settings.rateLimitPerSecond !== this.#settings.rateLimitPerSecond)
      this.#nextTurnMs = settings.rateLimitPerSecond === null ? 0 : Math.max(0, this.#lastStartMs + 1_000 / settings.rateLimitPerSecond);
    this.#settings = settings;
  }

  /** Starts again gently, with nothing held against it. */
  restart(): void {
    this.#window = Math.min(GENTLE, this.#settings.concurrency);
    this.#failuresInARow = 0;
    this.#restUntilMs = 0;
  }

  /** Someone else has started attempts until now. */
  goOnFrom(nowMs: number): void {
    const rate = this.#settings.rateLimitPerSecond;
    this.#lastStartMs = Math.max(this.#lastStartMs, nowMs);
    if (rate !== null) this.#nextTurnMs = Math.max(this.#nextTurnMs, nowMs + 1_000 / rate);
  }

  started(nowMs: number): void {
    const rate = this.#settings.rateLimitPerSecond;
    this.#lastStartMs = nowMs;
    if (rate !== null) this.#nextTurnMs = (nowMs - this.#nextTurnMs <= LATE_MS ? this.#nextTurnMs : nowMs) + 1_000 / rate;
  }

  ended(delivered: boolean, restUntilMs: number): void {
    if (delivered) {
      this.#failuresInARow = 0;
      this.#window = Math.min(this.#settings.concurrency, this.#window + 1 / this.#window);
    } else {
      this.#failuresInARow += 1;
      this.#window = Math.max(1, this.#window / 2);
    }
    this.#restUntilMs = Math.max(this.#restUntilMs, restUntilMs);
  }
}
