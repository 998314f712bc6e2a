// Ports: everything the engine takes from outside, handed in. Policy code never reads an ambient clock or randomness.

/** A clock. Wall time for what people see, monotonic time for measuring, timers for waiting. */
export interface Clock {
  /** Epoch milliseconds, whole. */
  nowMs(): number;
  /** Milliseconds since some fixed point; never steps back. */
  monotonicMs(): number;
  /** Calls back once, after at least `delayMs`. Returns what cancels it. */
  after(delayMs: number, callback: () => void): () => void;
}

export interface Randomness {
  /** A number from 0 (included) to 1 (not). */
  unit(): number;
  bytes(size: number): Uint8Array;
}

/** One wide line a fact. Fields never hold secrets, custom header values or bodies. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

export type LogFields = { readonly [name: string]: string | number | boolean | null | undefined };

export const SILENT_LOG: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** An email to one address. */
export interface Mail {
  /** The same each time it is tried, so that mail programs can tell a second copy. */
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

/** What the mail server said. `refused` is about this address or this email, `permanent` when trying again should not help; `unavailable` about the server. */
export type MailResult =
  | { readonly kind: 'sent' }
  | { readonly kind: 'refused'; readonly error: string; readonly permanent: boolean }
  | { readonly kind: 'unavailable'; readonly error: string };

/** Sends emails: over SMTP in send/smtp-mailer.ts. Never rejects, and answers within a minute or two. */
export interface Mailer {
  send(mail: Mail): Promise<MailResult>;
  close(): Promise<void>;
}
