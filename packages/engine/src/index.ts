// The public surface of @waxwing/engine, by name.
export { createEngine } from './create-engine.ts';
export type { EngineOptions } from './engine-options.ts';
export type { EngineStatus } from './engine-status.ts';
export type {
  DeliveryFilter,
  Engine,
  EventFilter,
  EventStream,
  ListOptions,
  NoticeFilter,
  PublishInput,
  StatsOptions,
  StreamFilter,
} from './engine.ts';
export { changeDatabaseMasterKey } from './database-master-key.ts';
export type { DatabaseMasterKeyChange } from './database-master-key.ts';
export { changeMasterKey } from './master-key.ts';
export type { MasterKeyChange, MasterKeyChanged } from './master-key.ts';
export type { Clock, Log, LogFields, Mail, Mailer, MailResult, Randomness } from './ports.ts';
export { SILENT_LOG } from './ports.ts';
export type { EgressPolicy } from './send/order.ts';
export { smtpMailer } from './send/smtp-mailer.ts';
export type { SmtpOptions } from './send/smtp-mailer.ts';
export { backupStore } from './store/sqlite/backup.ts';
export type { BackupOptions, BackupReport } from './store/sqlite/backup.ts';
export { moveStore } from './store/moving/move-store.ts';
export type { MoveOptions, MoveProgress, MoveReport } from './store/moving/move-store.ts';
export { postgres } from './store/postgres/postgres.ts';
export type { PostgresOptions } from './store/postgres/postgres.ts';
export { sqlite } from './store/sqlite/sqlite.ts';
export type { Store } from './store/store.ts';
export { systemClock } from './system-ports.ts';
export { VERSION } from './version.ts';
