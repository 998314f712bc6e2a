// The writer thread: everything that is asked in order — opening, commits, refills, loads, closing — on one connection.

import { workerData } from 'node:worker_threads';
import { StoreError } from '../store.ts';
import { BatchWriter } from './batch-writer.ts';
import { Checkpoints } from './checkpoints.ts';
import { openDatabase, type OpenDatabase } from './database.ts';
import { diskFault } from './failure.ts';
import { PendingReader } from './pending-reader.ts';
import { serveCalls } from './serve-calls.ts';
import { readSnapshot } from './snapshot.ts';
import type { ThreadSettings, WriterCall } from './thread-messages.ts';

interface Writing {
  readonly database: OpenDatabase;
  readonly batches: BatchWriter;
  readonly pending: PendingReader;
  readonly checkpoints: Checkpoints;
}

const settings: ThreadSettings = workerData;
let writing: Writing | null = null;

serveCalls<WriterCall>(answer, (call) => {
  if (call.verb === 'commit') checkpoint();
});

function answer(call: WriterCall): unknown {
  switch (call.verb) {
    case 'open': {
      const database = openDatabase(settings.folder, settings.cacheBytes);
      const { db, cleanStop } = database;
      try {
        const snapshot = readSnapshot(db, cleanStop);
        writing = { database, batches: new BatchWriter(db), pending: new PendingReader(db), checkpoints: new Checkpoints(db) };
        return snapshot;
      } catch (error) {
        database.close(cleanStop);
        throw error;
      }
    }
    case 'commit':
      return opened().batches.write(call.batch);
    case 'refill':
      return whole().pending.refill(call.query);
    case 'load':
      return whole().pending.load(call.seqs);
    case 'close':
      writing?.database.close(!writing.batches.broken);
      writing = null;
      return null;
    default:
      return call satisfies never;
  }
}

function opened(): Writing {
  if (writing === null) throw new StoreError('unavailable', 'the store is not open');
  return writing;
}

function whole(): Writing {
  const open = opened();
  if (open.batches.broken) throw new StoreError('unavailable', 'the store failed and must be opened anew');
  return open;
}

/**
 * After the answer has gone out, so that no publisher waits for it. A full disk leaves the log as it was: the next commit, or
 * the one after, says so itself, and reading goes on meanwhile.
 */
function checkpoint(): void {
  if (writing === null || writing.batches.broken) return;
  try {
    writing.checkpoints.afterCommit();
  } catch (error) {
    if (diskFault(error) !== 'full') writing.batches.break(error);
  }
}
