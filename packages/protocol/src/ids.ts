// Ids: what they look like, how one is made, how a given one is judged.
//
// An id is `prefix_` + 26 characters of lower-case Crockford base32: 48 bits of epoch milliseconds, then 80 bits of
// randomness, so that ids sort by the time they were made. Within one process they are strictly rising: when the clock
// stands still or steps back, the random part counts up. Clock and randomness are handed in; nothing here is ambient.

export type EndpointId = `ep_${string}`;
export type DeliveryId = `dlv_${string}`;
export type AttemptId = `att_${string}`;
export type ReplayId = `rpl_${string}`;
export type KeyId = `key_${string}`;
export type NoticeId = `ntc_${string}`;

export type IdPrefix = 'evt' | 'ep' | 'dlv' | 'rpl' | 'key' | 'ntc';

/** Mints ids. One per process; ids from one mint rise strictly. */
export interface IdMint {
  mint<P extends IdPrefix>(prefix: P): `${P}_${string}`;
}

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const EVENT_ID = /^[A-Za-z0-9_-]{1,64}$/;
const MINTED_ID = /^(?:ep|dlv|rpl|key|ntc)_[0-9a-hjkmnp-tv-z]{26}$/;

/**
 * Makes a mint.
 * @param nowMs the clock, epoch milliseconds
 * @param randomBytes fills the random part; asked for ten bytes each time the millisecond changes
 */
export function createIdMint(nowMs: () => number, randomBytes: (size: number) => Uint8Array): IdMint {
  let lastMs = -1;
  let timePart = '';
  const tail = new Uint8Array(16); // base32 digits of the random part
  return {
    mint(prefix) {
      const now = Math.max(Math.floor(nowMs()), lastMs);
      if (now === lastMs) {
        increment(tail);
      } else {
        lastMs = now;
        timePart = base32Time(now);
        const random = randomBytes(10);
        for (let i = 0; i < 16; i++) {
          const bit = i * 5;
          const byte = bit >> 3;
          const pair = ((random[byte] ?? 0) << 8) | (random[byte + 1] ?? 0);
          tail[i] = (pair >> (11 - (bit & 7))) & 31;
        }
        tail[0] = (tail[0] ?? 0) & 15; // headroom, so that counting up within a millisecond cannot run over
      }
      let id = timePart;
      for (let i = 0; i < 16; i++) id += ALPHABET[tail[i] ?? 0];
      return `${prefix}_${id}`;
    },
  };
}

function base32Time(ms: number): string {
  let rest = ms;
  let text = '';
  for (let i = 0; i < 10; i++) {
    text = (ALPHABET[rest % 32] ?? '0') + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}

function increment(digits: Uint8Array): void {
  for (let i = digits.length - 1; i >= 0; i--) {
    const digit = (digits[i] ?? 0) + 1;
    digits[i] = digit & 31;
    if (digit < 32) return;
  }
}

/** A caller may choose an event's id: 1 to 64 of `A-Z a-z 0-9 _ -`. No dots: the id is part of signed content. */
export function isEventId(text: string): boolean {
  return EVENT_ID.test(text);
}

/** Tenants are named by the caller under the same rule as events. */
export function isTenantId(text: string): boolean {
  return EVENT_ID.test(text);
}

/** Whether a text has the form of an id that this system mints with the given prefix. */
export function isMintedId<P extends Exclude<IdPrefix, 'evt'>>(text: string, prefix: P): text is `${P}_${string}` {
  return text.startsWith(`${prefix}_`) && MINTED_ID.test(text);
}

/** An attempt is named by its delivery and its number, so that it needs no index of its own: `att_<delivery>_<number>`. */
export function attemptId(delivery: DeliveryId, attempt: number): AttemptId {
  return `att_${delivery.slice(4)}_${attempt}`;
}

/** The delivery and number that an attempt's id names, or null when it is not one. */
export function parseAttemptId(text: string): { delivery: DeliveryId; attempt: number } | null {
  const match = /^att_([0-9a-hjkmnp-tv-z]{26})_([1-9][0-9]{0,5})$/.exec(text);
  return match ? { delivery: `dlv_${match[1]}`, attempt: Number(match[2]) } : null;
}
