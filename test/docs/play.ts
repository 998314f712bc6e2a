// Whole pages: each with what its plan says, in a session of its own; and the compiler's word on all their programs.

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { ROOT } from '../../scripts/house.ts';
import { blocksOf, type Block } from './blocks.ts';
import { PLANS, type PagePlan } from './pages.ts';
import { Session } from './session.ts';
import { givenModule, withGiven } from './snippet.ts';

export const ADMIN_KEY = 'wxw_an-admin-key-for-the-pages';

/** A server as the quickstart leaves it, which pages share: each has a tenant of its own. */
export interface SharedServer {
  readonly port: string;
  stop(): Promise<void>;
}

export async function startSharedServer(): Promise<SharedServer> {
  const session = await Session.open({ env: { WAXWING_ADMIN_KEY: ADMIN_KEY } });
  await session.prepare(
    'the shared server',
    'waxwing serve --allow-http --allow-private-networks --management joai,humanconnection,meshagent,meetloyd',
  );
  return { port: session.port('8400'), stop: () => session.close() };
}

/** Plays a page to its end. @throws BlockError, or what else went wrong */
export async function playPage(page: string, blocks: readonly Block[], plan: PagePlan, server: SharedServer | null): Promise<Session> {
  const session = await Session.open({
    ...plan,
    ...(plan.inRepository === true ? { folder: ROOT } : {}),
    ...(server === null ? {} : { ports: { 8400: server.port, ...plan.ports }, env: { WAXWING_KEY: ADMIN_KEY, ...plan.env } }),
  });
  try {
    if (plan.before !== undefined) await session.prepare(page, plan.before);
    let heading: string | null = null;
    for (const block of blocks) {
      if (isElsewhere(block, plan)) continue;
      if (block.heading !== heading) {
        const stopped = plan.stopped?.[block.heading];
        if (stopped !== undefined) await session.stop(stopped);
        const script = plan.under?.[block.heading];
        if (script !== undefined) await session.prepare(page, script);
        if (plan.curl === block.heading) await session.prepare(page, await session.saw(/^curl .*$/m));
      }
      heading = block.heading;
      await session.play(block);
    }
  } catch (error) {
    await session.abandon();
    throw error;
  }
  return session;
}

export function planOf(page: string): PagePlan {
  return PLANS[page] ?? {};
}

export function isElsewhere(block: Block, plan: PagePlan): boolean {
  return plan.elsewhere?.languages.includes(block.language) ?? false;
}

/** What the compiler says of every program and snippet of the pages; the empty text where they are of the types that they say. */
export function typeErrors(pages: readonly string[]): string {
  const project = mkdtempSync(join(tmpdir(), 'waxwing-docs-types-'));
  try {
    symlinkSync(join(ROOT, 'node_modules'), join(project, 'node_modules'));
    writeFileSync(join(project, 'package.json'), '{"type":"module"}');
    for (const page of pages) {
      const plan = planOf(page);
      const folder = join(project, page.replaceAll('/', '-'));
      mkdirSync(folder);
      writeFileSync(join(folder, 'given.ts'), givenModule(plan.given ?? {}));
      for (const block of blocksOf(page).filter((one) => one.language === 'ts' && !isElsewhere(one, plan))) {
        const code = block.file === null ? withGiven(block.text, Object.keys(plan.given ?? {})) : block.text;
        writeFileSync(join(folder, block.file ?? `line-${block.line}.ts`), `${code}\nexport {};\n`);
      }
    }
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions: COMPILER_OPTIONS, include: ['*/*.ts'] }));
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', project], { encoding: 'utf8' });
    // What the house's own sources have to answer for is `npm run types`.
    const own = stdout.split('\n').filter((line) => line.includes(basename(project)));
    return status === 0 ? '' : own.join('\n');
  } finally {
    rmSync(project, { recursive: true });
  }
}

/** A strict project of a reader's own. */
const COMPILER_OPTIONS = {
  strict: true,
  noEmit: true,
  allowImportingTsExtensions: true,
  module: 'nodenext',
  target: 'es2024',
  lib: ['es2024', 'esnext.disposable', 'esnext.iterator'],
  types: ['node'],
  typeRoots: [join(ROOT, 'node_modules/@types')],
  skipLibCheck: true,
};
