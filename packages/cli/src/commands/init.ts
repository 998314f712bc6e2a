// `waxwing init`: a receiver project that runs and passes its own test.

import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';

import { BUILT_IN_PROFILES } from '@waxwing/protocol';
import { Command, Option } from 'commander';

import { UsageError } from '../failure.ts';
import { FRAMEWORKS } from '../init/framework.ts';
import { LANGUAGES, projectFiles } from '../init/project.ts';
import type { Language } from '../init/project.ts';
import { bold, dim, green, print } from '../terminal.ts';

interface InitOptions {
  readonly framework: string;
  readonly language: Language;
  readonly profile: string;
  readonly tenant?: string;
  readonly force?: boolean;
}

export function initCommand(): Command {
  return new Command('init')
    .description('make a receiver project: verified webhooks, with a test, in your framework')
    .argument('[folder]', 'where; made when it is not there', '.')
    .addOption(new Option('--framework <name>', 'what takes the requests').choices(FRAMEWORKS.map(({ name }) => name)).default('server'))
    .addOption(new Option('--language <name>', 'TypeScript or JavaScript').choices(LANGUAGES).default('ts'))
    .addOption(new Option('--profile <name>', 'whose webhooks').choices([...BUILT_IN_PROFILES.keys()]).default('standard'))
    .option('--tenant <id>', 'whose events `waxwing listen` brings here')
    .option('--force', 'write over files that are there')
    .addHelpText(
      'after',
      `
Frameworks: ${FRAMEWORKS.map(({ name, title }) => `${name} (${title})`).join(', ')}.

Examples:
  waxwing init my-receiver --framework express --profile humanconnection
  waxwing init --framework next --language js --tenant acme`,
    )
    .action((folder: string, options: InitOptions) => {
      const framework = FRAMEWORKS.find(({ name }) => name === options.framework);
      if (framework === undefined) throw new UsageError(`--framework: there is no ${options.framework}`);
      const root = resolve(folder);
      const { language, profile, tenant = null } = options;
      const files = projectFiles({ name: packageName(root), framework, language, profile, tenant });
      const there = [...files.keys()].filter((path) => existsSync(join(root, path)));
      if (there.length > 0 && options.force !== true) {
        throw new UsageError(`${root} has ${there.join(', ')} already: name another folder, or write over with --force`);
      }
      for (const [path, text] of files) {
        mkdirSync(dirname(join(root, path)), { recursive: true });
        writeFileSync(join(root, path), text);
        print(`${green('+')} ${relative(process.cwd(), join(root, path))}`);
      }
      const whose = tenant === null ? ' --tenant <tenant>' : '';
      print();
      print(`A ${bold(framework.title)} receiver of ${bold(profile)}. Next:`);
      if (root !== process.cwd()) print(`  cd ${relative(process.cwd(), root)}`);
      print('  npm install && npm test');
      print(`  WEBHOOK_SECRET=$(waxwing listen${whose} --print-secret) npm run dev`);
      print(`  waxwing listen${whose}   ${dim('in another terminal: brings the tenant’s events here')}`);
    });
}

/** The folder's name, as npm allows it. */
function packageName(root: string): string {
  const name = basename(root)
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[._-]+|-+$/g, '');
  return name === '' ? 'receiver' : name;
}
