// `waxwing serve`: its flags. The work is in serving.ts.

import { readFileSync } from 'node:fs';

import { Command } from 'commander';

import { parseSettings } from '../settings.ts';
import type { SettingFlags } from '../settings.ts';

export function serveCommand(): Command {
  return new Command('serve')
    .description('run the server')
    .option('--port <port>', 'where it listens; 0 takes a free one (WAXWING_PORT or PORT; default 8400)')
    .option('--host <host>', 'the address it listens on (WAXWING_HOST; default 127.0.0.1)')
    .option('--data <folder>', 'the embedded store (WAXWING_DATA; default ./waxwing-data)')
    .option('--database-url <url>', 'a PostgreSQL database as the store; any number of nodes share one (WAXWING_DATABASE_URL)')
    .option(
      '--database-direct-url <url>',
      'the same database past a pooler, where --database-url goes through one in transaction mode (WAXWING_DATABASE_DIRECT_URL)',
    )
    .option('--allow-private-networks', 'deliver to private and loopback addresses too (WAXWING_ALLOW_PRIVATE_NETWORKS)')
    .option('--allow-http', 'deliver to plain http:// URLs too (WAXWING_ALLOW_HTTP)')
    .option('--default-profile <name>', 'the profile of tenants that name none (WAXWING_DEFAULT_PROFILE; default standard)')
    .option('--retention-days <days>', 'how long events, deliveries and attempts are kept (WAXWING_RETENTION_DAYS; default 30, or forever)')
    .option('--public-url <url>', 'where people reach it, behind a proxy (WAXWING_PUBLIC_URL)')
    .option(
      '--management <platforms>',
      'speak these platforms’ management APIs too: joai, humanconnection, meshagent, meetloyd (WAXWING_MANAGEMENT)',
    )
    .option('--log-level <level>', 'debug, info, warn, error or silent (WAXWING_LOG_LEVEL; default warn)')
    .option('--dev', 'development mode: both permissions above, and a small receiver of its own to try things on')
    .addHelpText(
      'after',
      `
Also from the environment: WAXWING_ADMIN_KEY (sets the admin key), WAXWING_MASTER_KEY (encrypts secrets at rest; needed
with --database-url, the same on every node);
WAXWING_SMTP_URL and WAXWING_EMAIL_FROM (mail notices to the tenants); each secret also as …_FILE, for secret managers. SIGTERM and SIGINT drain: what is in flight is finished and stored.

Examples:
  waxwing serve --dev
  waxwing serve --management joai,meshagent
  waxwing serve --data /var/lib/waxwing --host 0.0.0.0 --public-url https://hooks.example.com`,
    )
    .action(async (flags: SettingFlags) => {
      const settings = parseSettings(flags, process.env, (path) => readFileSync(path, 'utf8'));
      const { serve } = await import('../serving.ts'); // the engine and the server are loaded by who needs them
      await serve(settings);
    });
}
