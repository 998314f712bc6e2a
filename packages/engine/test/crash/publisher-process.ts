// The process that is killed: an engine on SQLite that publishes as fast as it can and tells its parent of each answer.
// Usage: node publisher-process.ts <folder> <receiver url> <publish | drain>

import { createEngine, sqlite } from '../../src/index.ts';

const [folder = '', url = '', mode = 'publish'] = process.argv.slice(2);

const engine = await createEngine({ store: sqlite(folder), egress: { allowHttp: true, allowPrivateNetworks: true } });
const existing = await engine.tenants.get('acme').catch(() => null);
if (existing === null) await engine.endpoints.create('acme', { url, retryScheduleSeconds: [1, 1, 1, 1, 1] });

let stop = false;
process.on('message', (message) => {
  if (message === 'stop') stop = true;
});

async function publishUntilKilled(worker: number): Promise<void> {
  for (let n = 0; !stop; n++) {
    const { id } = await engine.publish('acme', { type: 'soak.event', data: { worker, n } });
    process.send?.({ kind: 'acknowledged', id });
  }
}

process.send?.({ kind: 'ready', pending: engine.status().pending });
if (mode === 'publish') {
  await Promise.all(Array.from({ length: 8 }, (_, worker) => publishUntilKilled(worker)));
} else {
  while (engine.status().pending > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  await engine.close();
  process.send?.({ kind: 'drained' });
  process.disconnect?.();
}
