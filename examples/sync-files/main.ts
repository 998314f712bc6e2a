// Keeps a folder like a MeshAgent room's storage: a file that is updated is fetched, one that is deleted or moved goes or moves.
//
//   MESHAGENT_WEBHOOK_SECRET=an-example-secret FILES_URL=http://localhost:9000/ npx node examples/sync-files/main.ts
//
// Events say which file, not what is in it: FILES_URL is where yours are read. Fetching what is there now, in place of what an
// event meant, makes order and repetition harmless.

import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';

import { reject, WebhookServer } from '@waxwing/receiver';

const { FILES_URL, MESHAGENT_WEBHOOK_SECRET, FOLDER = 'files', PORT = '8080' } = process.env;
if (FILES_URL === undefined) throw new Error('Set FILES_URL: where the files are read');
const filesUrl = FILES_URL;
const root = resolve(FOLDER);

/** Where a file lies here; null for a path that leads out of the folder. */
function placeOf(path: string): string | null {
  const place = resolve(join(root, path));
  return place.startsWith(root + sep) ? place : null;
}

async function fetchFile(path: string): Promise<'fetched' | 'gone' | 'refused'> {
  const place = placeOf(path);
  if (place === null) return 'refused';
  const response = await fetch(new URL(path.split('/').map(encodeURIComponent).join('/'), filesUrl));
  if (response.status === 404) {
    await rm(place, { force: true });
    return 'gone';
  }
  if (!response.ok) throw new Error(`${path}: the storage answered ${response.status}`); // 500: the sender tries again
  await mkdir(dirname(place), { recursive: true });
  await writeFile(`${place}.part`, new Uint8Array(await response.arrayBuffer()));
  await rename(`${place}.part`, place); // whole, or not at all
  return 'fetched';
}

const server = new WebhookServer({ profile: 'meshagent', secret: MESHAGENT_WEBHOOK_SECRET, host: '127.0.0.1', port: Number(PORT) });

async function synchronize(paths: readonly string[]): Promise<ReturnType<typeof reject> | undefined> {
  for (const path of paths) {
    const outcome = await fetchFile(path);
    console.log(`${path} ${outcome}`);
    if (outcome === 'refused') return reject(); // 422: no later try makes such a path good
  }
  return undefined;
}

server.on('storage.file.updated', ({ data }) => synchronize([data.path]));
server.on('storage.file.deleted', ({ data }) => synchronize([data.path]));
server.on('storage.file.moved', ({ data }) => synchronize([data.source_path, data.destination_path]));

await server.start();
console.log(`listening on ${server.url}`);
await server.run();
