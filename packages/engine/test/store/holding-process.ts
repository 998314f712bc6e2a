// A process that opens the store in the folder it is given, commits one pending delivery, says so, and holds the folder
// until it is told to close or is killed. Says the error's code instead when it cannot.

import { WaxwingError } from '@waxwing/protocol';
import { sqlite } from '../../src/store/sqlite/sqlite.ts';
import { batchOf, deliveryRow, eventRow, publish } from './sample-rows.ts';

const store = sqlite(process.argv[2] ?? '');
try {
  await store.open();
  await store.commit(batchOf([publish(eventRow(1), [deliveryRow(1)])]));
  process.once('message', () => void store.close().then(leave));
  process.send?.('committed');
} catch (error) {
  process.send?.(error instanceof WaxwingError ? error.code : String(error));
  leave();
}

function leave(): void {
  process.disconnect?.();
}
