// What stands in for `docker` while a page is typed: build, run, exec, inspect, stop, compose up and down.
//
// Options that are not known here are refused.

import { parseArgs } from 'node:util';
import { composeDown, composeUp } from './compose.ts';
import { build, execute, start, untilHealthy } from './container.ts';
import { stopService } from './service.ts';

async function docker([verb = '', ...args]: readonly string[]): Promise<number> {
  switch (verb) {
    case 'build': {
      const { values } = parseArgs({ args, options: { tag: { type: 'string', short: 't', default: '' } }, allowPositionals: true });
      build(values.tag);
      return 0;
    }
    case 'run': {
      const { values, positionals } = parseArgs({
        args,
        options: {
          detach: { type: 'boolean', short: 'd' },
          name: { type: 'string', default: 'nameless' },
          publish: { type: 'string', multiple: true, short: 'p' },
          volume: { type: 'string', multiple: true, short: 'v' },
          env: { type: 'string', multiple: true, short: 'e' },
        },
        allowPositionals: true,
      });
      const [image = ''] = positionals;
      start({ name: values.name, image, publish: values.publish?.[0] ?? '', volumes: values.volume ?? [], env: values.env ?? [] });
      return 0;
    }
    case 'inspect':
      await untilHealthy(args.at(-1) ?? '');
      console.log('healthy');
      return 0;
    case 'exec':
      return execute(args[0] ?? '', args.slice(1));
    case 'stop':
      await stopService(args.at(-1) ?? '');
      return 0;
    case 'compose':
      await (args[0] === 'up' ? composeUp() : composeDown());
      return 0;
    default:
      throw new Error(`docker ${verb} is not known here`);
  }
}

process.exitCode = await docker(process.argv.slice(2));
