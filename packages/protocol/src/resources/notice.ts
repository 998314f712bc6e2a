// Notices: what Waxwing tells of itself, by operational event and by email.

import type { EndpointId, NoticeId } from '../ids.ts';
import type { NoticeKind } from '../operational.ts';

/**
 * What has become of a notice's email: `none` is meant for anybody; `pending` (waits for its turn, or for the mail server);
 * `sent`; `unsent` (no mail server is set, or nobody's address takes it).
 */
export type NoticeEmail = 'none' | 'pending' | 'sent' | 'unsent';

/** Something that a person should know: an operational event, and an email where the tenant named somebody. */
export interface Notice {
  readonly id: NoticeId;
  readonly kind: NoticeKind;
  /** The tenant that it is about. */
  readonly tenant: string;
  readonly endpoint: EndpointId | null;
  readonly createdAt: string;
  /** The operational event, of the tenant `waxwing`; null while failures are still being counted. */
  readonly event: string | null;
  /** What the operational event says. */
  readonly data: { readonly [member: string]: unknown };
  readonly email: NoticeEmail;
  readonly emailTo: readonly string[];
  /** What went wrong with the email last. */
  readonly emailError: string | null;
  /** When the email is tried next. */
  readonly emailNextAt: string | null;
}
