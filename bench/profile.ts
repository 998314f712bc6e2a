// Where the time goes: V8's CPU profiles of the server, read as self time by package and by function.
//
// Node writes one file a thread; the threads are told apart by the file that they were started with.

import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

const FUNCTIONS = 25;
const PACKAGES = 15;
/** Files that are read already: a run of several scenarios writes into one folder. */
const read = new Set<string>();

/** What the profiles in a folder say that were not read before. */
export function readProfiles(folder: string): string {
  const files = readdirSync(folder).filter((name) => name.endsWith('.cpuprofile') && !read.has(name));
  const texts = files.toSorted().map((name) => {
    read.add(name);
    const profile: CpuProfile = JSON.parse(readFileSync(join(folder, name), 'utf8'));
    return summarize(profile, join(folder, name));
  });
  return texts.join('\n');
}

export function summarize(profile: CpuProfile, path: string): string {
  const selfUs = new Map<number, number>();
  for (const [index, id] of profile.samples.entries()) selfUs.set(id, (selfUs.get(id) ?? 0) + (profile.timeDeltas[index] ?? 0));
  const byPackage = new Map<string, number>();
  const byFunction = new Map<string, number>();
  let busyUs = 0;
  let idleUs = 0;
  for (const { id, callFrame } of profile.nodes) {
    const us = selfUs.get(id) ?? 0;
    if (callFrame.functionName === '(idle)') {
      idleUs += us;
      continue;
    }
    busyUs += us;
    const owner = packageOf(callFrame.url, callFrame.functionName);
    byPackage.set(owner, (byPackage.get(owner) ?? 0) + us);
    const place = callFrame.url === '' ? '' : ` ${owner}/${basename(callFrame.url)}:${callFrame.lineNumber + 1}`;
    const name = `${callFrame.functionName || '(anonymous)'}${place}`;
    byFunction.set(name, (byFunction.get(name) ?? 0) + us);
  }
  const share = (us: number): string => `${((100 * us) / Math.max(1, busyUs)).toFixed(1).padStart(5)} %`;
  const top = (all: ReadonlyMap<string, number>, count: number): string[] =>
    [...all]
      .toSorted(([, a], [, b]) => b - a)
      .slice(0, count)
      .map(([name, us]) => `  ${share(us)}  ${name}`);
  return [
    `\n── ${threadOf(profile)}: busy ${(busyUs / 1e6).toFixed(1)} s, idle ${(idleUs / 1e6).toFixed(1)} s (${path})`,
    'self time by package',
    ...top(byPackage, PACKAGES),
    'self time by function',
    ...top(byFunction, FUNCTIONS),
  ].join('\n');
}

function packageOf(url: string, name: string): string {
  if (url === '') return name.startsWith('(') ? name : 'native';
  if (url.startsWith('node:')) return url.split('/').slice(0, 2).join('/');
  const dependency = /node_modules\/((?:@[^/]+\/)?[^/]+)(?!.*node_modules)/.exec(url);
  if (dependency !== null) return dependency[1] ?? url;
  const ours = /packages\/([^/]+)\/(?:src|dist)\/(?:([^/]+)\/)?/.exec(url);
  return ours === null ? 'bench' : `${ours[1]}${ours[2] === undefined ? '' : `/${ours[2]}`}`;
}

function threadOf({ nodes }: CpuProfile): string {
  const entry = nodes.map(({ callFrame }) => /([^/]+-thread)\.[jt]s$/.exec(callFrame.url)?.[1]).find((name) => name !== undefined);
  const isMain = nodes.some(({ callFrame }) => callFrame.url.endsWith('server-process.ts'));
  return isMain ? 'main thread' : (entry ?? 'a thread');
}
