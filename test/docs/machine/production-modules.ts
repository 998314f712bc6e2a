// What `npm ci --omit=dev --workspace=waxwing` installs, as links to what the house has: exactly the packages that the lock says
// `waxwing` depends on. A package that a source forgot to declare is not found.
//
//   node production-modules.ts FOLDER

import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { HOUSE } from './places.ts';

interface Locked {
  readonly link?: boolean;
  readonly resolved?: string;
  readonly dependencies?: { readonly [name: string]: string };
}

const folder = process.argv[2] ?? '.';
if (realpathSync(folder) === realpathSync(HOUSE)) throw new Error('the house itself keeps its packages');
const { packages }: { packages: { readonly [path: string]: Locked } } = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8'));

/** As Node looks for it: beside the package, then in each folder above. */
function placeOf(name: string, from: string): string | null {
  for (let above = from; ; above = dirname(above)) {
    const place = above === '' || above === '.' ? `node_modules/${name}` : `${above}/node_modules/${name}`;
    if (packages[place] !== undefined) return place;
    if (above === '' || above === '.') return null;
  }
}

const wanted = new Set<string>(['node_modules/waxwing']);
for (const place of wanted) {
  const locked = packages[place];
  const source = locked?.link === true ? (locked.resolved ?? '') : place;
  for (const name of Object.keys(packages[source]?.dependencies ?? {})) {
    const found = placeOf(name, source);
    if (found === null) throw new Error(`${source} depends on ${name}, which is not in the lock`);
    wanted.add(found);
  }
}

/** Where the house has it: there, or further up where npm found no need for a copy. */
function installed(place: string): string {
  const name = place.slice(place.lastIndexOf('node_modules/'));
  const found = [join(HOUSE, place), join(HOUSE, name)].find((one) => existsSync(one));
  if (found === undefined) throw new Error(`${place} is not installed`);
  return found;
}

rmSync(join(folder, 'node_modules'), { recursive: true, force: true });
for (const place of wanted) {
  const { link, resolved = '' } = packages[place] ?? {};
  const here = join(folder, place);
  rmSync(here, { recursive: true, force: true });
  mkdirSync(dirname(here), { recursive: true });
  symlinkSync(link === true ? relative(dirname(here), join(folder, resolved)) : installed(place), here);
}
console.log(`added ${wanted.size} packages`);
