// Listening while everything is killed: the server, the listener, the local app. Nothing may be lost, nothing may come out of order.

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { listen, serve, waitFor } from './listening-server.ts';
import { startScript, temporaryFolder } from './waxwing-process.ts';
import type { Running } from './waxwing-process.ts';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const EVENTS = 160;
const APP = join(import.meta.dirname, 'local-app-process.ts');

test(
  'through kill -9 of the server, of the listener and of the local app, every event is verified by the app, in order',
  { timeout: 90_000 },
  async (t) => {
    const folder = await temporaryFolder(t);
    const log = join(folder, 'received');
    const received = (): string[] => (existsSync(log) ? readFileSync(log, 'utf8').split('\n').slice(0, -1) : []);
    const firstTimes = (): string[] => [...new Set(received())];

    const data = join(folder, 'data');
    let server = await serve(t, data);
    const { url } = server;
    const port = new URL(url).port;
    await server.client.tenants.put('acme');

    const startApp = async (appPort: string): Promise<{ readonly running: Running; readonly port: string }> => {
      const running = startScript(t, APP, { APP_LOG: log, APP_PORT: appPort, APP_SECRET: SECRET });
      const [, taken = ''] = await running.saw(/listening on http:\/\/127\.0\.0\.1:(\d+)/);
      return { running, port: taken };
    };
    let app = await startApp('0');
    const flags = [
      '--forward-to',
      `http://127.0.0.1:${app.port}/webhook`,
      '--tenant',
      'acme',
      '--secret',
      SECRET,
      '--state',
      join(folder, 'place'),
    ];
    let listener = listen(t, server.env, ...flags);
    const { listener: id } = await listener.heard('ready');

    // Publishes all the while; the client tries again while the server is away.
    const publishing = (async () => {
      for (let n = 0; n < EVENTS; n++) {
        await server.client.tenant('acme').publish({ type: 'meeting.completed', id: `e${n}`, data: { n } });
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    })();

    await waitFor('the first events', () => received().length >= 20);
    server.process.child.kill('SIGKILL');
    await server.process.ended;
    server = await serve(t, data, port);

    let before = firstTimes().length;
    await waitFor('events after the server’s death', () => firstTimes().length >= before + 20);
    listener.running.child.kill('SIGKILL');
    await listener.running.ended;
    listener = listen(t, server.env, ...flags);
    assert.deepEqual([(await listener.heard('ready'))['listener'], (await listener.heard('ready'))['resumed']], [id, true]);

    before = firstTimes().length;
    await waitFor('events after the listener’s death', () => firstTimes().length >= Math.min(EVENTS - 20, before + 20));
    app.running.child.kill('SIGKILL');
    await app.running.ended;
    await listener.heard('app_away');
    app = await startApp(app.port);

    await publishing;
    await waitFor('all events', () => firstTimes().length === EVENTS);
    assert.deepEqual(
      firstTimes(),
      Array.from({ length: EVENTS }, (_, n) => `e${n}`),
    );
    const acme = server.client.tenant('acme');
    await waitFor('every outcome', async () => {
      let delivered = 0;
      for await (const _ of acme.deliveries.list({ endpoint: String(id), state: 'delivered', limit: 250 })) delivered += 1;
      return delivered === EVENTS;
    });
    assert.ok(received().length <= EVENTS + 3, `${received().length - EVENTS} came twice; only what was under way may`);
    assert.equal(await listener.end(), 0);
    await assert.rejects(acme.endpoints.get(String(id)), { code: 'endpoint_not_found' });
  },
);
