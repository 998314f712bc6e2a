// `waxwing listen`: a tenant's events on a local URL. No tunnel: one outgoing connection to the server.

import { existsSync } from 'node:fs';

import { Command, Option } from 'commander';

import { connect, DEFAULT_URL, withConnection } from '../connection.ts';
import type { TenantOptions } from '../connection.ts';
import { UsageError } from '../failure.ts';
import { collect, collectList, readSecret } from '../input.ts';
import { listenToAll } from '../listen/listening.ts';
import { createdListener } from '../listen/own-endpoint.ts';
import { LISTEN_FILE, planOfFlags, plansOfFile } from '../listen/plan.ts';
import type { ListenerPlan } from '../listen/plan.ts';
import { defaultStatePath, StateFile } from '../listen/session-state.ts';
import { OUTPUTS } from '../listen/voice.ts';
import type { Output } from '../listen/voice.ts';
import { print } from '../terminal.ts';

interface ListenFlags extends TenantOptions {
  readonly forwardTo?: string;
  readonly config?: string;
  readonly endpoint?: string;
  readonly events?: readonly string[];
  readonly header?: readonly string[];
  readonly secret?: string;
  readonly printSecret?: boolean;
  readonly keep?: boolean;
  readonly state?: string;
  readonly insecure?: boolean;
  readonly output?: Output;
  readonly json?: boolean;
}

export function listenCommand(): Command {
  return withConnection(new Command('listen'))
    .description('receive a tenant’s events on a local URL, without a tunnel')
    .option('--forward-to <url>', 'where your app listens: http://localhost:3000/webhook, localhost:3000, or a port')
    .option('--config <file>', `several listeners and routes from a file (default: ${LISTEN_FILE}, where there is one and no --forward-to)`)
    .option('--tenant <id>', 'the tenant (WAXWING_TENANT)')
    .option(
      '--events <types>',
      'which event types: names, prefix.* or *, with commas (default: all, or the copied endpoint’s)',
      collectList,
    )
    .option('--endpoint <id>', 'copy this endpoint’s profile and subscription; its own deliveries are not touched')
    .option('--header <name: value>', 'a header to add to each local request (may be given several times)', collect)
    .option('--secret <secret>', 'a secret of your own for the session (WAXWING_SECRET, or WAXWING_SECRET_FILE; default: one is made)')
    .option('--print-secret', 'print the secret that the session has, and leave')
    .option('--keep', 'keep the session’s endpoint at the end, asleep: what comes meanwhile waits for the next time')
    .option('--state <file>', 'where the session keeps its place (default: a file in your own state folder)')
    .option('--insecure', 'do not check the certificate of a local https:// URL')
    .addOption(new Option('--output <form>', 'how it speaks (default: interactive on a terminal, else compact)').choices(OUTPUTS))
    .addHelpText(
      'after',
      `
The session has an endpoint and a secret of its own. Your app’s answers are its outcomes: what fails comes again on its
schedule, and a retry from the console arrives here. Whatever goes away, the network, the server, this command or your app,
nothing is lost: events wait, and come in order.

Exit status: 0 ended as asked; 1 it failed, or another listener took over; 2 asked for wrongly; 3 something was missed.

${LISTEN_FILE} for several:
  { "routes": { "meeting.*": "http://localhost:3000/meetings", "*": "http://localhost:3000/rest" } }
  { "listeners": [{ "name": "a", "tenant": "acme", "endpoint": "ep_01jd…", "headers": {}, "routes": { … } }] }

Examples:
  waxwing listen --forward-to http://localhost:3000/webhook --tenant acme
  waxwing listen --forward-to 3000/webhook --tenant acme --events 'meeting.*,payment.paid' --keep
  waxwing listen --forward-to 3000/webhook --tenant acme --endpoint ep_01jd… --output json
  WEBHOOK_SECRET=$(waxwing listen --forward-to 3000/webhook --tenant acme --print-secret) node server.js`,
    )
    .action(async (flags: ListenFlags) => {
      const plans = plansOf(flags);
      const client = connect(flags);
      const serverUrl = flags.url ?? process.env['WAXWING_URL'] ?? DEFAULT_URL;
      const identity = [serverUrl, ...plans.map(({ key }) => key)];
      const state = new StateFile(flags.state ?? defaultStatePath(identity, process.env));
      if (flags.printSecret === true) {
        for (const plan of plans) print(await secretOf(client.tenant(plan.tenant), plan, state));
        return;
      }
      const output = flags.output ?? (flags.json === true ? 'json' : process.stdout.isTTY ? 'interactive' : 'compact');
      const verifyTls = flags.insecure !== true;
      const status = await listenToAll({ client, serverUrl, plans, state, keep: flags.keep === true, verifyTls, output });
      if (status !== 0) process.exitCode = status;
    });
}

function plansOf(flags: ListenFlags): readonly ListenerPlan[] {
  const secret = readSecret(flags.secret, 'WAXWING_SECRET', process.env);
  const { forwardTo, config } = flags;
  if (forwardTo !== undefined && config !== undefined) throw new UsageError('--forward-to and --config are both given: give one');
  if (forwardTo !== undefined) return [planOfFlags({ ...flags, forwardTo, secret })];
  if (config === undefined && !existsSync(LISTEN_FILE)) {
    throw new UsageError(`nowhere to forward to: give --forward-to http://localhost:3000/webhook, or routes in ${LISTEN_FILE}`);
  }
  return plansOfFile(config ?? LISTEN_FILE, { ...flags, secret });
}

/** The secret is made by making an endpoint, which is then removed: only the next session is to have events wait for it. */
async function secretOf(acme: ReturnType<ReturnType<typeof connect>['tenant']>, plan: ListenerPlan, state: StateFile): Promise<string> {
  const saved = state.get(plan.key);
  if (saved !== null && (plan.secret === null || plan.secret === saved.secret)) return saved.secret;
  const { id } = await createdListener(acme, plan, state, 'waxwing listen --print-secret');
  await acme.endpoints.delete(id);
  state.update(plan.key, { listener: null });
  return state.get(plan.key)?.secret ?? '';
}
