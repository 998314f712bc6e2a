// A receiver project: every file of one, for a framework, a language and a profile. It runs, and its own test passes.

import { BUILT_IN_PROFILES } from '@waxwing/protocol';

import { LISTEN_FILE } from '../listen/plan.ts';
import { VERSION } from '../version.ts';
import type { Framework } from './framework.ts';

export const LANGUAGES = ['ts', 'js'] as const;
export type Language = (typeof LANGUAGES)[number];

export interface ProjectInput {
  /** The package's name. */
  readonly name: string;
  readonly framework: Framework;
  readonly language: Language;
  /** A built-in profile. */
  readonly profile: string;
  /** Whose events are listened to; null where it is not said. */
  readonly tenant: string | null;
}

/** What a project handles where any type is taken. */
const ANY_TYPE = { name: 'meeting.completed', sample: { meeting_id: 'mtg_1' } };

/** Texts by path. */
export function projectFiles(input: ProjectInput): ReadonlyMap<string, string> {
  const { framework, language } = input;
  const files = new Map<string, string>();
  const put = (path: string, text: string): void => void files.set(written(path, input), written(text, input));
  put('package.json', manifestText(input));
  put('README.md', readmeText(input));
  put(
    '.env.example',
    '# The endpoint’s secret. While you develop: that of `waxwing listen`, which prints it.\nWEBHOOK_SECRET=\nPORT=3000\n',
  );
  put('.gitignore', 'node_modules/\n.env\n.next/\n');
  put(LISTEN_FILE, listenText(input));
  if (language === 'ts') put('tsconfig.json', tsconfigText());
  if (framework.form.kind === 'server') {
    put('src/receiver.EXT', framework.name === 'server' ? RECEIVER_OF_SERVER : RECEIVER);
    put('src/server.EXT', `// ${framework.title}: where webhooks come in.\n${framework.form.server}`);
    put('src/main.EXT', MAIN);
    put('test/receiver.test.EXT', TEST_OF_SERVER);
  } else {
    put(framework.form.path, framework.form.route);
    put('test/receiver.test.EXT', TEST_OF_ROUTE.replace('ROUTE', `../${framework.form.path}`));
  }
  return files;
}

const RECEIVER = `// What happens with each event. Its signature is verified before anything here is called.
import { createReceiver } from '@waxwing/receiver';

export function receiverFor(secret/*ts: string*/) {
  const receiver = createReceiver({ profile: 'PROFILE', secret });
  HANDLERS
  return receiver;
}
`;

const RECEIVER_OF_SERVER = `// What happens with each event. Its signature is verified before anything here is called.
/*tsimport type { WebhookServer } from '@waxwing/receiver';
*/
export const profile = 'PROFILE';

export function handleEvents(receiver/*ts: WebhookServer<typeof profile>*/) {
  HANDLERS
}
`;

const HANDLERS = `receiver.on('TYPE', async (event) => {
    console.log(\`\${event.type} \${event.id}\`, event.data);
  });
  receiver.onUnknown((event) => {
    console.log(\`\${event.type} \${event.id} has no handler yet\`);
  });`;

const MAIN = `// Starts the server, until it is told to stop.
import { start } from './server.EXT';

const secret = process.env.WEBHOOK_SECRET;
if (secret === undefined || secret === '') {
  console.error('WEBHOOK_SECRET is not set. While you develop: waxwing listen --print-secret');
  process.exit(1);
}
const { url, stop } = await start({ secret, port: Number(process.env.PORT ?? 3000) });
console.log(\`listening on \${url}\`);
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void stop());
`;

const CLAIMS = `const event = { type: 'TYPE', data: SAMPLE };

test('a signed event is taken', async () => {
  assert.equal(await send(sender.signed(event)), 200);
});

test('an event that was changed on the way is refused', async () => {
  assert.equal(await send(sender.tampered(event)), 401);
});

test('an event signed with another secret is refused', async () => {
  assert.equal(await send(sender.wrongSecret(event)), 401);
});

test('an event that nobody signed is refused', async () => {
  assert.equal(await send(sender.unsigned(event)), 401);
});
`;

const TEST_OF_SERVER = `import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { TestSender } from '@waxwing/receiver/testing';
/*tsimport type { TestRequest } from '@waxwing/receiver/testing';
*/import { start } from '../src/server.EXT';

const sender = new TestSender('PROFILE');
const server = await start({ secret: sender.secret, port: 0 });
after(() => server.stop());

async function send({ headers, body }/*ts: TestRequest*/) {
  const response = await fetch(server.url, { method: 'POST', headers: { ...headers, connection: 'close' }, body });
  await response.text();
  return response.status;
}

${CLAIMS}`;

const TEST_OF_ROUTE = `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestSender } from '@waxwing/receiver/testing';
/*tsimport type { TestRequest } from '@waxwing/receiver/testing';
*/import { POST } from 'ROUTE';

const sender = new TestSender('PROFILE');
process.env.WEBHOOK_SECRET = sender.secret;

async function send(request/*ts: TestRequest*/) {
  return (await POST(request.toRequest())).status;
}

${CLAIMS}`;

/** Takes a text from what is common to what this project is. */
function written(text: string, { language, profile }: ProjectInput): string {
  const definition = BUILT_IN_PROFILES.get(profile)?.definition;
  const type = (definition?.catalogueClosed === true ? definition.eventTypes[0] : undefined) ?? ANY_TYPE;
  return text
    .replaceAll('HANDLERS', HANDLERS)
    .replace(/\/\*ts(.*?)\*\//gs, language === 'ts' ? '$1' : '')
    .replaceAll('.EXT', `.${language}`)
    .replaceAll("'PROFILE'", `'${profile}'`)
    .replaceAll("'TYPE'", `'${type.name}'`)
    .replaceAll('SAMPLE', () => JSON.stringify(type.sample));
}

function manifestText({ name, framework, language }: ProjectInput): string {
  const { form } = framework;
  const node = 'node --env-file-if-exists=.env';
  const scripts =
    form.kind === 'server'
      ? { start: `${node} src/main.EXT`, dev: `${node} --watch src/main.EXT`, test: 'node --test' }
      : { start: form.start, dev: form.dev, build: 'next build', test: 'node --test' };
  const dependencies = { '@waxwing/receiver': `^${VERSION}`, ...framework.dependencies };
  const devDependencies = { '@types/node': '^26.6.6', ...framework.typeDependencies, typescript: '^7.0.2' };
  return json({
    name,
    version: '0.1.0',
    private: true,
    type: 'module',
    scripts: { ...scripts, ...(language === 'ts' ? { types: 'tsc' } : {}) },
    dependencies: Object.fromEntries(Object.entries(dependencies).toSorted(([a], [b]) => a.localeCompare(b))),
    ...(language === 'ts' ? { devDependencies } : {}),
    engines: { node: '>=24' },
  });
}

function listenText({ tenant }: ProjectInput): string {
  return json({ ...(tenant === null ? {} : { tenant }), routes: { '*': 'http://localhost:3000/webhook' } });
}

function tsconfigText(): string {
  return json({
    compilerOptions: {
      target: 'es2024',
      lib: ['es2024', 'dom', 'dom.iterable'],
      module: 'nodenext',
      types: ['node'],
      strict: true,
      noEmit: true,
      allowImportingTsExtensions: true,
      erasableSyntaxOnly: true,
      verbatimModuleSyntax: true,
      skipLibCheck: true,
    },
    include: ['src', 'app', 'test'],
  });
}

function readmeText({ name, framework, profile, tenant }: ProjectInput): string {
  const { form } = framework;
  const where = form.kind === 'server' ? 'src/receiver.EXT' : form.path;
  const whose = tenant === null ? ' --tenant <tenant>' : '';
  return `# ${name}

Receives webhooks of the profile ${profile} with ${framework.title}. What happens with each event stands in \`${where}\`.

\`\`\`sh
npm install
npm test                                        # signed and missigned events, without any server
WEBHOOK_SECRET=$(waxwing listen${whose} --print-secret) npm run dev
waxwing listen${whose}                   # in another terminal: a tenant's events, here
waxwing trigger 'TYPE'${whose}   # and in a third: a sample event
\`\`\`

\`${LISTEN_FILE}\` says which events go where on this machine. In production, give the endpoint's own secret as WEBHOOK_SECRET.
`;
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
