// Makes the pictures of docs/console.md: `node scripts/console-pictures.ts [folder]`.
//
// Starts a server on a fresh store with receivers that behave well and badly, publishes for a while, and photographs the
// main pages, light and dark, wide and narrow. Needs a Chromium as the browser tests do; nothing outside the machine.

import { createServer } from 'node:http';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Waxwing } from '@waxwing/client';
import { startBench } from '../packages/console/test/browser.ts';
import { ROOT } from './house.ts';

const folder = process.argv[2] ?? join(ROOT, 'docs', 'pictures');
const PAGES = [
  { name: 'overview', path: '/?window=15m' },
  { name: 'endpoints', path: '/endpoints' },
  { name: 'events', path: '/events' },
  { name: 'event', path: '/events?type=meeting.completed', opens: 'meeting.completed' },
  { name: 'deliveries', path: '/deliveries' },
  { name: 'delivery', path: '/deliveries?state=failed', opens: 'meeting.completed' },
] as const;

/** A receiver that answers as its path says: /ok, /slow, /500. */
async function startReceiver(): Promise<{ readonly url: string; stop(): void }> {
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      const answer = (): void => void response.writeHead(request.url === '/500' ? 500 : 204).end();
      setTimeout(answer, request.url === '/slow' ? 120 : 2);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The receiver has no port');
  return { url: `http://127.0.0.1:${address.port}`, stop: () => server.close() };
}

async function fill(client: Waxwing, receiver: string): Promise<void> {
  const endpoints = [
    ['acme', 'Production', '/ok', ['meeting.*']],
    ['acme', 'Data warehouse', '/slow', ['*']],
    ['acme', 'Old billing', '/500', ['meeting.completed']],
    ['globex', 'Staging', '/ok', ['*']],
    ['globex', 'Alerts', '/ok', ['meeting.cancelled']],
    ['initech', 'CRM', '/ok', ['*']],
  ] as const;
  for (const [tenant, name, path, eventTypes] of endpoints) {
    await client.tenant(tenant).endpoints.create({ name, url: receiver + path, eventTypes, maxRetries: path === '/500' ? 0 : 3 });
  }
  for (let index = 0; index < 240; index++) {
    const tenant = ['acme', 'globex', 'initech'][index % 3] ?? 'acme';
    const type = index % 7 === 0 ? 'meeting.cancelled' : 'meeting.completed';
    await client.tenant(tenant).publish({ type, data: { meeting_id: `mtg_${index}`, outcome: 'met' } });
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

mkdirSync(folder, { recursive: true });
const [bench, receiver] = await Promise.all([startBench(), startReceiver()]);
try {
  await fill(bench.server.client, receiver.url);
  for (const theme of ['light', 'dark'] as const) {
    const signIn = await bench.open({ theme, signedIn: false, path: '/', allows: /./ });
    await signIn.page.getByRole('heading', { name: 'Sign in to Waxwing' }).waitFor();
    await signIn.page.screenshot({ path: join(folder, `sign-in-${theme}.png`) });
    const { page } = await bench.open({ theme, allows: /./ });
    for (const { name, path, ...more } of PAGES) {
      for (const [size, width, height] of [
        ['', 1360, 900],
        ['-narrow', 360, 780],
      ] as const) {
        await page.setViewportSize({ width, height });
        await page.goto(bench.server.url + path);
        await page.waitForLoadState('load');
        if ('opens' in more) await page.getByRole('link', { name: more.opens }).first().click();
        await page.waitForTimeout(1_200);
        await page.screenshot({ path: join(folder, `${name}-${theme}${size}.png`) });
      }
    }
  }
} finally {
  receiver.stop();
  await bench.stop();
}
