// The store's conformance suite: what every store must do, one claim a test. Run on each store by a test file of its own.

import { describe } from 'node:test';
import { changeSuite, settleSuite } from './suite-changing.ts';
import { feedSuite } from './suite-feed.ts';
import { idempotencySuite } from './suite-idempotency.ts';
import { noticeSuite } from './suite-notices.ts';
import { listSuite, refillSuite } from './suite-reading.ts';
import { replaySuite, retentionSuite } from './suite-recovery.ts';
import { batchSuite, expansionSuite, openingSuite } from './suite-writing.ts';
import { statSuite } from './suite-stats.ts';
import { suiteOn, type StorePlace } from './suite.ts';

/** @param part `core`: what is written and read on the way of a delivery; of a store that another test runs the whole suite on */
export function conformance(name: string, newPlace: () => Promise<StorePlace>, part: 'whole' | 'core' = 'whole'): void {
  describe(`the ${name} store`, () => {
    const suite = suiteOn(newPlace);
    batchSuite(suite);
    idempotencySuite(suite);
    settleSuite(suite);
    refillSuite(suite);
    if (part === 'core') return;
    openingSuite(suite);
    expansionSuite(suite);
    changeSuite(suite);
    listSuite(suite);
    replaySuite(suite);
    retentionSuite(suite);
    noticeSuite(suite);
    feedSuite(suite);
    statSuite(suite);
  });
}
