// Makes the pictures of docs/console.md: `node scripts/console-pictures.ts [folder]`.
//
// Starts a server on a fresh store, stages a scene of several customers, and photographs the main pages, light and dark, some
// narrow as well. Needs a Chromium as the browser tests do; nothing outside the machine.

import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { startBench } from '../packages/console/test/browser.ts';
import { stageScene } from './console-scene.ts';
import type { Scene } from './console-scene.ts';
import { ROOT } from './house.ts';

/** Long enough that plots have a shape. */
const TRAFFIC_SECONDS = 70;
const WIDE = { width: 1280, height: 840 };
const NARROW = { width: 360, height: 740 };
/** Plots are drawn, rows have come in. */
const SETTLE_MS = 900;

interface Picture {
  readonly name: string;
  readonly path: (scene: Scene) => string;
  /** A text that stands there once it is loaded. */
  readonly shows: string;
  readonly narrow?: true;
  readonly before?: (page: Page) => Promise<unknown>;
}

const PICTURES: readonly Picture[] = [
  { name: 'overview', path: () => '/?window=15m', shows: 'Old billing', narrow: true },
  { name: 'endpoints', path: () => '/endpoints', shows: 'Room recorder' },
  { name: 'endpoint', path: ({ paths }) => `${paths.endpoint}?window=15m`, shows: 'Failing since', narrow: true },
  {
    name: 'endpoint-form',
    path: () => '/endpoints/new?tenant=lumen-health',
    shows: 'Create endpoint',
    before: async (page) => {
      await page.getByLabel('URL').fill('https://hooks.example.com/waxwing');
      await page.getByText('Some of them').click();
      await page.getByRole('checkbox', { name: 'meeting.*' }).click({ force: true });
      await page.getByRole('heading', { level: 1 }).scrollIntoViewIfNeeded();
    },
  },
  { name: 'events', path: () => '/events', shows: 'invoice.paid' },
  { name: 'event', path: ({ paths }) => paths.event, shows: 'Published' },
  { name: 'deliveries', path: () => '/deliveries', shows: 'invoice.paid' },
  { name: 'delivery', path: ({ paths }) => paths.delivery, shows: 'Failed after 1 attempt', narrow: true },
  { name: 'signature', path: ({ paths }) => `${paths.signed}?view=signature`, shows: 'Secret' },
  { name: 'catalogue', path: () => '/catalogue', shows: 'HumanConnection' },
  { name: 'replay', path: ({ paths }) => paths.replay, shows: 'What was asked for' },
  {
    name: 'portal',
    path: ({ portal }) => new URL(portal).pathname + new URL(portal).hash,
    shows: 'Old billing',
    before: (page) => page.getByText('15 min', { exact: true }).click(),
  },
];

const folder = process.argv[2] ?? join(ROOT, 'docs', 'pictures');
if (process.argv[2] === undefined) rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const bench = await startBench();
try {
  const scene = await stageScene(bench.server.client, TRAFFIC_SECONDS);
  try {
    for (const theme of ['light', 'dark'] as const) {
      const { page } = await bench.open({ theme, allows: /./ });
      for (const { name, path, shows, narrow, before } of PICTURES) {
        await page.setViewportSize(WIDE);
        await page.goto(bench.server.url + path(scene));
        await page.getByText(shows).first().waitFor();
        await before?.(page);
        await page.waitForTimeout(SETTLE_MS);
        await page.screenshot({ path: join(folder, `${name}-${theme}.png`) });
        if (narrow === undefined || theme === 'dark') continue;
        await page.setViewportSize(NARROW);
        await page.waitForTimeout(SETTLE_MS);
        await page.screenshot({ path: join(folder, `${name}-narrow.png`) });
      }
    }
  } finally {
    await scene.stop();
  }
} finally {
  await bench.stop();
}
