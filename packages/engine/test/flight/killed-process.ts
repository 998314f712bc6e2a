// A process whose sender is killed by one event's data, as by a defect of native code. Run by killed-process.test.ts.
// Arguments: the store's folder, and `publish` at the first start. Leaves with 0 when nothing is pending.

import { createEngine } from '../../src/create-engine.ts';
import type { AttemptReport, Sender } from '../../src/send/order.ts';
import { sqlite } from '../../src/store/sqlite/sqlite.ts';

const [folder = '', first] = process.argv.slice(2);

function deadlySender(): Sender {
  let report: (reports: readonly AttemptReport[]) => void = () => undefined;
  return {
    async start(onReports) {
      report = onReports;
    },
    learnProfile() {},
    send(orders) {
      for (const { delivery, event } of orders) {
        if (event.data.includes('deadly')) process.kill(process.pid, 'SIGKILL');
        const outcome = { kind: 'delivered', status: 200 } as const;
        setTimeout(
          () => report([{ delivery, startedMs: Date.now(), durationMs: 1, outcome, retryAfterMs: null, error: null, record: '{}' }]),
          5,
        );
      }
    },
    async close() {},
  };
}

const engine = await createEngine({ store: sqlite(folder), masterKey: 'm'.repeat(40), sender: deadlySender() });
if (first === 'publish') {
  const url = 'https://receiver.example/';
  await engine.endpoints.create('acme', { url, retryScheduleSeconds: [1], ordering: 'none' });
  await engine.publishBatch(
    'acme',
    ['harmless', 'deadly', 'harmless', 'harmless'].map((text) => ({ type: 'a.b', data: { text } })),
  );
}
while (engine.status().pending > 0) await new Promise((resolve) => setTimeout(resolve, 20));
await engine.close();
