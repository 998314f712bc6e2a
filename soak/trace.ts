// Trace: what strace saw of a server, to the claim that no 202 left before the fsync of its batch had returned. Pure.
//
// The store's log is written by one thread: a frame's header (24 bytes, whose second word is not zero where the frame commits
// a transaction), then its page, and so on, then the sync. An event is durable from the return of the first sync that
// succeeded after the committing frame that followed the page with its id. Lines stand in the order in which strace saw them.

export interface TraceReport {
  /** Answers 202, and the events in them. */
  readonly answers: number;
  readonly events: number;
  /** Syncs of the log that returned success. */
  readonly syncs: number;
  /** Events that were answered before they were durable. */
  readonly early: readonly string[];
}

interface Call {
  readonly name: string;
  readonly path: string;
  /** The rest of its arguments. */
  readonly rest: string;
  readonly result: number;
}

const LINE = /^(\d+) +[\d.]+ (.*)$/;
const CALL = /^(\w+)\(\d+(?:<([^>]*)>)?,? ?(.*)$/s;
const RESUMED = /^<\.\.\. (\w+) resumed>(.*)$/s;
const RESULT = /\) += (-?\d+)[^"]*$/;
const FRAME_HEADER_BYTES = 24;

/** @param ids what the ids of events look like */
export function readTrace(text: string, ids: RegExp): TraceReport {
  const named = (rest: string): string[] => [...new Set(rest.match(ids) ?? [])];
  /** By thread: the call it is in. */
  const unfinished = new Map<string, string>();
  const durable = new Map<string, number>();
  const answered = new Map<string, number>();
  let written: string[] = [];
  let committed: string[] = [];
  let commits = false;
  let answers = 0;
  let syncs = 0;

  function ended({ name, path, rest, result }: Call, at: number): void {
    if (!path.endsWith('-wal') || result < 0) return;
    if (name === 'fsync' || name === 'fdatasync') {
      syncs += 1;
      for (const id of committed) if (!durable.has(id)) durable.set(id, at);
      committed = [];
    } else if (result === FRAME_HEADER_BYTES) {
      commits = secondWord(rest) !== 0;
    } else {
      written.push(...named(rest));
      if (!commits) return;
      committed.push(...written);
      written = [];
      commits = false;
    }
  }

  for (const [at, line] of text.split('\n').entries()) {
    const [, thread = '', said = ''] = LINE.exec(line) ?? [];
    const resumed = RESUMED.exec(said);
    if (resumed === null && said.includes('"HTTP/1.1 202')) {
      answers += 1;
      for (const id of named(said)) if (!answered.has(id)) answered.set(id, at);
    }
    if (said.endsWith('<unfinished ...>')) {
      unfinished.set(thread, said.slice(0, -'<unfinished ...>'.length));
      continue;
    }
    const call = parseCall(resumed === null ? said : `${unfinished.get(thread) ?? ''}${resumed[2] ?? ''}`);
    if (call !== null) ended(call, at);
  }
  const early = [...answered].filter(([id, at]) => (durable.get(id) ?? Infinity) >= at).map(([id]) => id);
  return { answers, events: answered.size, syncs, early };
}

function parseCall(text: string): Call | null {
  const [, name = '', path = '', rest = ''] = CALL.exec(text) ?? [];
  const result = RESULT.exec(text);
  return name === '' || result === null ? null : { name, path, rest, result: Number(result[1]) };
}

/** The second big-endian word of a buffer as strace prints it. */
function secondWord(rest: string): number {
  const printed = /^"((?:[^"\\]|\\.)*)"/s.exec(rest)?.[1] ?? '';
  const bytes = [...printed.matchAll(/\\([0-7]{1,3}|.)|([^\\])/gs)].map(([, escaped, plain]) => {
    if (plain !== undefined) return plain.charCodeAt(0);
    const code = escaped ?? '';
    return /^[0-7]/.test(code) ? Number.parseInt(code, 8) : (ESCAPES[code] ?? code.charCodeAt(0));
  });
  return Buffer.from(bytes.slice(4, 8)).readUInt32BE();
}

const ESCAPES: { readonly [letter: string]: number } = { n: 10, t: 9, r: 13, f: 12, v: 11 };
