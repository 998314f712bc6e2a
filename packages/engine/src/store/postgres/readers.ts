// What people read, joined: each verb of the reader and the room that answers it.

import type { StoreReader } from '../store.ts';
import { FeedReader } from './feed-reader.ts';
import { History } from './history.ts';
import type { Ask } from './list-scan.ts';
import { NoticeReader } from './notice-reader.ts';
import { RecoveryReader } from './recovery-reader.ts';
import { StatReader, type Together } from './stat-reader.ts';

export function storeReader(ask: Ask, together: Together): StoreReader {
  const history = new History(ask);
  const recovery = new RecoveryReader(ask);
  const notices = new NoticeReader(ask);
  const stats = new StatReader(together);
  const feed = new FeedReader(together);
  return {
    events: (query) => history.events(query),
    event: (tenant, id) => history.event(tenant, id),
    deliveries: (query) => history.deliveries(query),
    delivery: (id) => history.delivery(id),
    attempts: (deliverySeq) => history.attempts(deliverySeq),
    endpoint: (seq) => history.endpoint(seq),
    endpointEver: (id) => recovery.endpointEver(id),
    replay: (id) => recovery.replay(id),
    replays: (query) => recovery.replays(query),
    replayCounts: (replaySeq) => recovery.replayCounts(replaySeq),
    replayPending: (replaySeq, limit) => recovery.replayPending(replaySeq, limit),
    selection: (query) => recovery.selection(query),
    selectionCounts: (query) => recovery.selectionCounts(query),
    oldDeliveries: (query) => recovery.oldDeliveries(query),
    oldEvents: (query) => recovery.oldEvents(query),
    notices: (query) => notices.notices(query),
    mailsDue: (limit) => notices.mailsDue(limit),
    counts: () => history.counts(),
    stats: (query) => stats.stats(query),
    endpointStats: (query) => stats.endpointStats(query),
    oldestPending: (endpointSeqs) => stats.oldestPending(endpointSeqs),
    feed: (query) => feed.feed(query),
    feedHead: () => feed.feedHead(),
  };
}
