// The postman: sends the emails of notices, and keeps what became of each in the store.
//
// Invariants:
//  1. An email waits in the store until the mail server has taken it: one that is down, or a restart, delays it. It may go
//     out twice when the process dies between the server's answer and its commit.
//  2. While the server cannot be reached everything rests, longer each time; one refused address holds up no other.
//  3. An address is given up only when the server has refused it for good over a whole day, and an email when no server was
//     set for a week after its notice. Both are kept as unsent, with the reason.

import { commitChanges } from '../commit/change.ts';
import type { Committer } from '../commit/committer.ts';
import type { Clock, Log, Mailer, MailResult } from '../ports.ts';
import type { Registry } from '../registry.ts';
import type { MailRecipient, NoticeRow } from '../store/rows.ts';
import type { Store } from '../store/store.ts';
import { mailText } from './mail-text.ts';

export interface PostmanOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly store: Store;
  readonly registry: Registry;
  readonly committer: Committer;
  /** Null: emails wait. */
  readonly mailer: Mailer | null;
  readonly publicUrl: string | null;
}

const ROUND = 20;
const LOOK_MS = 2_000;
const REST_MS_FIRST = 5_000;
const REST_MS_MAX = 10 * 60_000;
const REFUSED_MS_FIRST = 60_000;
const REFUSED_MS_MAX = 3_600_000;
const READ_AGAIN_MS = 5_000;
/** How long an address is tried that the server refuses for good: the refusal may be of our own making. */
const GIVE_UP_MS = 24 * 3_600_000;
/** Older ones that were never tried say nothing of today. */
const STALE_MS = 7 * 24 * 3_600_000;

export class Postman {
  readonly #options: PostmanOptions;
  #cancelTimer: (() => void) | null = null;
  /** Until it looks for other nodes' emails. */
  #cancelLook: (() => void) | null = null;
  #underWay: Promise<void> | null = null;
  #again = false;
  #failuresInARow = 0;
  #restUntilMs = 0;
  #stopped = false;
  /** What became of an email, where it could not be written down yet: nothing is sent before it is. */
  #unkept: NoticeRow | null = null;
  #waiting = 0;
  sent = 0;
  failed = 0;

  constructor(options: PostmanOptions) {
    this.#options = options;
  }

  /** Whether a mail server is set. */
  get isSet(): boolean {
    return this.#options.mailer !== null;
  }

  /** Notices whose email waits. */
  get waiting(): number {
    return Math.max(0, this.#waiting);
  }

  /** Takes over what the store holds. */
  resume(waiting: number): void {
    this.#waiting = waiting;
    if (waiting > 0) this.#look();
  }

  /** A notice with an email is durable. */
  mailWaits(): void {
    this.#waiting += 1;
    this.#look();
  }

  /** Another node may have written a notice with an email. */
  mayWait(): void {
    if (this.#cancelLook !== null || this.#stopped || this.#options.mailer === null) return;
    this.#cancelLook = this.#options.clock.after(LOOK_MS, () => {
      this.#cancelLook = null;
      this.#look();
    });
  }

  /** Sends nothing more; resolves when what is on its way has arrived or failed. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelTimer?.();
    this.#cancelLook?.();
    await this.#underWay;
    await this.#options.mailer?.close();
  }

  #look(): void {
    const { mailer, clock } = this.#options;
    if (mailer === null || this.#stopped) return;
    this.#again = true;
    if (this.#underWay !== null) return;
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    const restMs = this.#restUntilMs - clock.nowMs();
    if (restMs > 0) this.#lookIn(restMs);
    else this.#underWay = this.#rounds(mailer).finally(() => (this.#underWay = null));
  }

  #lookIn(ms: number): void {
    if (this.#stopped) return;
    this.#cancelTimer?.();
    this.#cancelTimer = this.#options.clock.after(ms, () => {
      this.#cancelTimer = null;
      this.#look();
    });
  }

  async #rounds(mailer: Mailer): Promise<void> {
    const { clock, log, store } = this.#options;
    try {
      while (!this.#stopped) {
        this.#again = false;
        if (this.#unkept !== null) await this.#write(this.#unkept);
        const due = await store.read.mailsDue(ROUND);
        const [next] = due;
        if (next === undefined) {
          if (this.#again) continue; // one came while we looked
          this.#waiting = 0;
          return;
        }
        const nowMs = clock.nowMs();
        if ((next.mail?.dueMs ?? 0) > nowMs) return this.#lookIn((next.mail?.dueMs ?? 0) - nowMs);
        for (const notice of due) {
          if (this.#stopped || (notice.mail?.dueMs ?? Infinity) > nowMs) break;
          await this.#deliver(mailer, notice);
          if (this.#restUntilMs > clock.nowMs()) return this.#lookIn(this.#restUntilMs - clock.nowMs());
        }
      }
    } catch (error) {
      log.warn('the emails that wait could not be read or written; trying again', { error: String(error) });
      this.#lookIn(READ_AGAIN_MS);
    }
  }

  /** Sends one notice's email to each recipient that waits, and writes down what became of it. */
  async #deliver(mailer: Mailer, notice: NoticeRow): Promise<void> {
    const { clock, store, publicUrl } = this.#options;
    const mail = notice.mail;
    if (mail === null) return;
    if (mail.attempts === 0 && clock.nowMs() - notice.createdMs > STALE_MS) {
      const error = 'no mail server was set within a week';
      return this.#keep(
        notice,
        mail.recipients.map((to) => (to.state === 'waiting' ? { ...to, state: 'refused', error } : to)),
      );
    }
    const attempts = notice.deliverySeq === null ? [] : await store.read.attempts(notice.deliverySeq);
    const { subject, text } = mailText(notice, attempts, publicUrl);
    const recipients: MailRecipient[] = [];
    for (const [index, recipient] of mail.recipients.entries()) {
      if (recipient.state !== 'waiting' || this.#restUntilMs > clock.nowMs()) recipients.push(recipient);
      else {
        const result = await mailer.send({ id: `${notice.id}.${index}`, to: recipient.address, subject, text });
        this.#note(notice, result);
        recipients.push(after(recipient, result, clock.nowMs() - notice.createdMs));
      }
    }
    await this.#keep(notice, recipients);
  }

  #note(notice: NoticeRow, result: MailResult): void {
    const { clock, log } = this.#options;
    if (result.kind === 'sent') {
      this.sent += 1;
      this.#failuresInARow = 0;
      return;
    }
    this.failed += 1;
    log.warn('an email could not be sent; it is tried again', {
      notice: notice.id,
      tenant: notice.tenant,
      why: result.kind,
      error: result.error,
    });
    if (result.kind === 'refused') return;
    this.#restUntilMs = clock.nowMs() + Math.min(REST_MS_MAX, REST_MS_FIRST * 2 ** Math.min(this.#failuresInARow, 20));
    this.#failuresInARow += 1;
  }

  async #keep(notice: NoticeRow, recipients: readonly MailRecipient[]): Promise<void> {
    const { clock } = this.#options;
    const tries = (notice.mail?.attempts ?? 0) + 1;
    const waits = recipients.some(({ state }) => state === 'waiting');
    const retryMs = Math.min(REFUSED_MS_MAX, REFUSED_MS_FIRST * 2 ** Math.min(tries - 1, 20));
    const nowMs = clock.nowMs();
    // While the server rests everything is due when it is asked again; else it was this address that was refused.
    const dueMs = !waits ? null : this.#restUntilMs > nowMs ? this.#restUntilMs : nowMs + retryMs;
    await this.#write({ ...notice, mail: { recipients, attempts: tries, dueMs } });
  }

  async #write(notice: NoticeRow): Promise<void> {
    const { committer, registry } = this.#options;
    this.#unkept = notice;
    await commitChanges(committer, registry, `notice:${notice.id}`, () => [{ kind: 'putNotice', notice }]);
    this.#unkept = null;
    if (notice.mail?.dueMs === null) this.#waiting = Math.max(0, this.#waiting - 1);
  }
}

function after(recipient: MailRecipient, result: MailResult, ageMs: number): MailRecipient {
  switch (result.kind) {
    case 'sent':
      return { ...recipient, state: 'sent', error: null };
    case 'refused':
      return { ...recipient, state: result.permanent && ageMs >= GIVE_UP_MS ? 'refused' : 'waiting', error: result.error };
    case 'unavailable':
      return { ...recipient, error: result.error };
    default:
      return result satisfies never;
  }
}
