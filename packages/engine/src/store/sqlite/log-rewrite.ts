// Log rewrite: what the last run left in the log is written again, byte for byte, and synced, before anything builds on it.
//
// After a failed fsync a kernel may keep pages in its cache and call them clean, though the disk never had them. Such a log
// reads whole, the next fsync says nothing, and what is then committed behind the hole is lost with the power. Only writing
// the same bytes again makes the kernel send them. A clean stop leaves no log, so this costs nothing then; else some
// milliseconds (the log has 8 MiB, save after a long read).

import { closeSync, existsSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs';

const CHUNK_BYTES = 1_048_576;

/**
 * Throws the system's error where the disk does not take it; the log is as it was then. Not for a file that SQLite holds
 * POSIX locks on: closing it would drop them. It holds none on the log.
 */
export function rewriteLog(path: string): void {
  if (!existsSync(path)) return;
  const handle = openSync(path, 'r+');
  try {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    let at = 0;
    for (let bytes = readSync(handle, chunk, 0, CHUNK_BYTES, at); bytes > 0; bytes = readSync(handle, chunk, 0, CHUNK_BYTES, at)) {
      for (let done = 0; done < bytes;) done += writeSync(handle, chunk, done, bytes - done, at + done);
      at += bytes;
    }
    if (at > 0) fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
