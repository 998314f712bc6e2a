// Engine options: what an engine is made with.

import type { WireSettings } from '@waxwing/protocol';
import type { MembershipLimits } from './cluster/membership.ts';
import type { WaitingLimits } from './commit/waiting.ts';
import type { FlightFile } from './flight/flight-file.ts';
import type { DispatcherLimits } from './lane/limits.ts';
import type { Clock, Log, Mailer, Randomness } from './ports.ts';
import type { PublishLimits } from './publish.ts';
import type { EgressPolicy, Sender } from './send/order.ts';
import type { ServiceLimits } from './services/context.ts';
import type { Store } from './store/store.ts';

export interface EngineOptions {
  /** Where everything is kept: `sqlite(folder)`, or `postgres(url)`. */
  readonly store: Store;
  /** Encrypts secrets at rest: 32 bytes as base64 or hex, or a passphrase of 32 characters. Generated beside an embedded store when absent; required with PostgreSQL. */
  readonly masterKey?: string;
  /** What deliveries may reach. By default HTTPS to public addresses only. */
  readonly egress?: Partial<EgressPolicy>;
  /** The profile of tenants made without one. Default `standard`. */
  readonly defaultProfile?: string;
  readonly wire?: Partial<WireSettings>;
  readonly limits?: Partial<
    PublishLimits & WaitingLimits & DispatcherLimits & MembershipLimits & Omit<ServiceLimits, 'defaultProfile' | 'retentionDays'>
  >;
  /** How many days events, deliveries and attempts are kept; at least 1. Default 30; Infinity keeps everything. */
  readonly retentionDays?: number;
  /** Mails notices to the tenants' `notifyEmails`: `smtpMailer({ url, from })`. Without one they are kept, and shown as unsent. */
  readonly mailer?: Mailer;
  /** Where people reach this deployment, for links in emails. */
  readonly publicUrl?: string;
  /** Told once when other nodes have ended this one's lease: nothing is sent or accepted any more, and the engine is to be closed. */
  readonly onSuperseded?: () => void;
  readonly log?: Log;
  /** Threads that sign and send: 0 does it in the engine's own thread. Default 1; what each number gives is in bench/README.md. */
  readonly senderThreads?: number;
  /** The ports: given by the simulation and by tests. */
  readonly clock?: Clock;
  readonly randomness?: Randomness;
  readonly sender?: Sender;
  /** Where what is in flight is noted for the next start. Beside an embedded store by default; nowhere without one. */
  readonly flightFile?: FlightFile;
}
