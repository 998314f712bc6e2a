// The pages, and what each takes for granted: the names that its snippets use, and what stands already where it begins.
//
// A page that nothing is said about begins in an empty folder.

import type { SessionOptions } from './session.ts';

export interface PagePlan extends Omit<SessionOptions, 'folder'> {
  /** It begins in the repository. */
  readonly inRepository?: boolean;
  /** It begins with the server of the quickstart, which runs, and its admin key as WAXWING_KEY. */
  readonly server?: boolean;
  /** Typed before it begins. */
  readonly before?: string;
  /** Typed before the blocks under a heading. */
  readonly under?: { readonly [heading: string]: string };
  /** Under this heading the line that the server has printed is typed. */
  readonly curl?: string;
  /** What is ended before the blocks under a heading, by what it was started with. */
  readonly stopped?: { readonly [heading: string]: string };
  /** Languages whose blocks another test runs, all of them. */
  readonly elsewhere?: { readonly languages: readonly string[]; readonly test: string };
}

/** Pages that begin where the quickstart ends. */
const WITH_SERVER = [
  ...['humanconnection', 'joai', 'meetloyd', 'meshagent'].map((name) => `platforms/${name}`),
  ...['find-why-a-receiver-fails', 'publish-safely', 'replay-a-day', 'rotate-a-secret'].map((name) => `tasks/${name}`),
  'troubleshooting',
];
const RECEIVER = 'node "$DOCS_ROOT/test/docs/unsteady-receiver.ts" 3000 &';
const SERVE = 'waxwing serve --data /var/lib/waxwing --allow-http --allow-private-networks';

export const PLANS: { readonly [page: string]: PagePlan } = {
  'README.md': {
    inRepository: true,
    env: { WAXWING_ADMIN_KEY: 'wxw_an-admin-key-for-this-page', WAXWING_KEY: 'wxw_an-admin-key-for-this-page' },
    given: {
      secret: `'whsec_an-example-secret'`,
      body: `'{"type":"a.b","timestamp":"2026-01-01T00:00:00Z","data":{}}'`,
      headers: `{ 'webhook-id': 'evt_1', 'webhook-timestamp': '1', 'webhook-signature': 'v1,AA==' }`,
    },
    curl: 'Your first webhook, in a minute',
  },
  'docs/console.md': {
    server: true,
    env: { K: 'wxw_an-admin-key-for-the-pages' },
    before: `curl -sf -X PUT "$WAXWING_URL/v1/tenants/northwind" -H "Authorization: Bearer $K" -H 'Content-Type: application/json' -d '{}'`,
  },
  'docs/deploy.md': {
    before: `rm node_modules package.json
node "$DOCS_ROOT/test/docs/machine/copy-house.ts" .
node "$DOCS_ROOT/test/docs/machine/copy-house.ts" /opt/waxwing`,
  },
  'docs/errors.md': {
    server: true,
    before: `curl -s "$WAXWING_URL/v1/tenants/acme/endpoints" -H "Authorization: Bearer $WAXWING_KEY" -H 'Content-Type: application/json' -d '{"url":"https://example.com","nmae":""}'`,
  },
  'docs/management.md': {
    env: {
      WAXWING_ADMIN_KEY: 'wxw_an-admin-key-for-this-page',
      WAXWING_KEY: 'wxw_an-admin-key-for-this-page',
      AGENT: '9d0c2f6e-0000-4000-8000-000000000001',
    },
    given: {
      apiKey: `process.env['HC_KEY'] ?? ''`,
      key: `process.env['WAXWING_KEY'] ?? ''`,
      url: `'https://receiver.example/webhooks'`,
      client: `new (process.getBuiltinModule('node:module').createRequire(import.meta.url)('@meshagent/meshagent').Meshagent)({ baseUrl: 'http://127.0.0.1:8400', token: key })`,
      id: `String((await client.createWebhook('my-project', { name: 'Rooms', url, events: ['room.started'] })).id)`,
    },
    under: {
      HumanConnection:
        "HC_KEY=$(waxwing keys create --tenant my-company --format hc --json | node -p 'JSON.parse(fs.readFileSync(0)).key')",
      MeetLoyd:
        "WAXWING_KEY=$(waxwing keys create --tenant my-team --format sk_live --json | node -p 'JSON.parse(fs.readFileSync(0)).key')",
    },
  },
  'docs/operations.md': {
    env: {
      WAXWING_ADMIN_KEY: 'wxw_an-admin-key-for-this-page',
      WAXWING_KEY: 'wxw_an-admin-key-for-this-page',
      K: 'wxw_an-admin-key-for-this-page',
    },
    before: `${SERVE}
${RECEIVER}`,
    under: {
      'A poison delivery':
        'waxwing endpoints pause ep_… --tenant acme; waxwing send meeting.completed --tenant acme; waxwing deliveries list --tenant acme',
      'A failing endpoint': `waxwing endpoints create http://127.0.0.1:3000/ --tenant acme --max-retries 0
waxwing send meeting.completed --tenant acme --data '{"what":"fail"}'
waxwing endpoints test ep_… meeting.completed --tenant acme`,
      'The master key': `node -p 'crypto.randomBytes(32).toString("base64")' > new.key`,
      'Deliver again what was missed': `${SERVE}
waxwing endpoints resume ep_… --tenant acme`,
    },
    beforeLine: {
      'waxwing replay cancel': `waxwing endpoints pause ep_… --tenant acme
waxwing replay --endpoint ep_… --tenant acme --states delivered`,
    },
    stopped: { 'A lost admin key': 'waxwing serve', 'The master key': 'waxwing serve' },
  },
  ...Object.fromEntries(WITH_SERVER.map((page) => [`docs/${page}.md`, { server: true }])),
  'docs/receiving.md': { elsewhere: { languages: ['ts', 'text'], test: 'packages/receiver/test/adapters/receiving-doc.test.ts' } },
  'packages/agents/README.md': { env: { MESHAGENT_WEBHOOK_SECRET: 'an-example-secret' } },
  'packages/client/README.md': {
    server: true,
    before: `curl -sf -X PUT "$WAXWING_URL/v1/tenants/acme" -H "Authorization: Bearer $WAXWING_KEY" -H 'Content-Type: application/json' -d '{}'
HC_KEY=$(waxwing keys create --tenant acme-hc --format hc --json | node -p 'JSON.parse(fs.readFileSync(0)).key')`,
    given: {
      key: `process.env['WAXWING_KEY'] ?? ''`,
      apiKey: `process.env['HC_KEY'] ?? ''`,
      url: `'https://receiver.example/webhooks'`,
      secret: `'whsec_an-example-secret'`,
    },
  },
  'packages/receiver/README.md': { elsewhere: { languages: ['ts'], test: 'packages/receiver/test/adapters/readme.test.ts' } },
};
