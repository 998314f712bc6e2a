// The flight file: where the flight log lies, beside an embedded store. One small file, written in place.
//
// Never synced: what a killed process has written stands in the system's cache, and that is all it is for. A power failure
// may lose it, and then nobody is suspected. The store's lock guards it: it is opened after the store, and left before it.

import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** Where the flight log lies. What it throws ends the log, not the engine. */
export interface FlightFile {
  /** What the last run left; null where there is nothing. */
  read(): Uint8Array | null;
  /** Writes the bytes from `start` (included) to `end` (not) at their place. The first write of a run covers everything. */
  write(bytes: Uint8Array, start: number, end: number): void;
  /** Ends the run. `keep`: what was written is for the next one; otherwise it is removed. */
  close(keep: boolean): void;
}

/** Of a store without a folder: nothing is kept. */
export const NO_FLIGHT_FILE: FlightFile = { read: () => null, write() {}, close() {} };

const FLIGHT_FILE = 'in-flight.log';

/** In the folder of an embedded store. Opens nothing yet. */
export function flightFileIn(folder: string): FlightFile {
  return new FileInFolder(join(folder, FLIGHT_FILE));
}

class FileInFolder implements FlightFile {
  readonly #path: string;
  #handle: number | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  read(): Uint8Array | null {
    try {
      return readFileSync(this.#path);
    } catch {
      return null; // there is none
    }
  }

  write(bytes: Uint8Array, start: number, end: number): void {
    this.#handle ??= openSync(this.#path, 'w', 0o600);
    writeSync(this.#handle, bytes, start, end - start, start);
  }

  close(keep: boolean): void {
    if (this.#handle !== null) closeSync(this.#handle);
    this.#handle = null;
    if (!keep) rmSync(this.#path, { force: true });
  }
}
