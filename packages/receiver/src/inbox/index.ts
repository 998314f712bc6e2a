// @waxwing/receiver/inbox: events kept on the disk of this machine before they are answered. Needs node:sqlite.
export { Inbox, openInbox } from './inbox.ts';
export type { InboxOptions } from './inbox.ts';
export type { FailedMessage } from './inbox-file.ts';
export type { EventInbox, InboxMessage, InboxNotice, InboxOwner, KeptMessage } from './message.ts';
export type { InboxRetry } from './retry.ts';
