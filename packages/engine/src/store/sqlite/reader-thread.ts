// The reader thread: lists and details, on a connection that can only read. It takes no lock that the writer waits for.

import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { workerData } from 'node:worker_threads';
import { DATABASE_FILE } from './database.ts';
import { FeedReader } from './feed-reader.ts';
import { History } from './history.ts';
import { NoticeReader } from './notice-reader.ts';
import { RecoveryReader } from './recovery-reader.ts';
import { serveCalls } from './serve-calls.ts';
import { StatReader } from './stat-reader.ts';
import type { ReaderCall, ThreadSettings } from './thread-messages.ts';

const settings: ThreadSettings = workerData;
const path = join(settings.folder, DATABASE_FILE);
const db = new DatabaseSync(path, { readOnly: true, timeout: 1_000 });
db.exec(`PRAGMA query_only = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = ${-Math.ceil(settings.cacheBytes / 1024)}`);
const history = new History(db, path);
const recovery = new RecoveryReader(db);
const notices = new NoticeReader(db);
const stats = new StatReader(db);
const feed = new FeedReader(db);

serveCalls<ReaderCall>(answer, () => {});

function answer(call: ReaderCall): unknown {
  switch (call.verb) {
    case 'events':
      return history.events(call.query);
    case 'event':
      return history.event(call.tenant, call.id);
    case 'deliveries':
      return history.deliveries(call.query);
    case 'delivery':
      return history.delivery(call.id);
    case 'attempts':
      return history.attempts(call.deliverySeq);
    case 'endpoint':
      return history.endpoint(call.seq);
    case 'endpointEver':
    case 'replay':
    case 'replays':
    case 'replayCounts':
    case 'replayPending':
    case 'selection':
    case 'selectionCounts':
    case 'oldDeliveries':
    case 'oldEvents':
      return recovery.answer(call);
    case 'notices':
      return notices.notices(call.query);
    case 'mailsDue':
      return notices.mailsDue(call.limit);
    case 'counts':
      return history.counts();
    case 'stats':
    case 'endpointStats':
    case 'oldestPending':
      return stats.answer(call);
    case 'feed':
      return feed.page(call.query);
    case 'feedHead':
      return feed.head();
    case 'close':
      db.close();
      return null;
    default:
      return call satisfies never;
  }
}
