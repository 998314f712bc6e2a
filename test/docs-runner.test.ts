// The runner of the documentation can fail: each thing that a page may get wrong is seen to be found, by page and line.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { blocksOf } from './docs/blocks.ts';
import { wrongCommands } from './docs/inline.ts';
import { brokenLinks } from './docs/links.ts';
import { playPage } from './docs/play.ts';
import { isPrinted } from './docs/printed.ts';

const FENCE = '```';
const fenced = (info: string, ...lines: string[]): string => [`${FENCE}${info}`, ...lines, FENCE, ''].join('\n');

async function play(text: string): Promise<void> {
  const session = await playPage('page.md', blocksOf('page.md', `# A page\n\n${text}`), {}, null);
  await session.close();
}

describe('a page is refused', () => {
  const cases: readonly (readonly [what: string, text: string, says: RegExp])[] = [
    ['for a block that says no language', fenced('', 'x'), /^Error: page\.md:4: a block says how it runs/],
    ['for a language that is not run', fenced('python', 'print(1)'), /^Error: page\.md:4: a block says how it runs.*"python"/],
    ['for a word that says nothing', fenced('sh quietly', 'true'), /page\.md:4: nothing can be made of "sh quietly"/],
    ['for a block without an end', `${FENCE}sh\ntrue\n`, /page\.md:4: the fence has no end/],
    ['for a fence that only looks like none', `-\n  ${FENCE}sh\n  true\n`, /page\.md:4: a fence stands at the beginning/],
    ['for a command that fails', fenced('sh', 'true', 'false', 'true'), /page\.md:4: it left with 1/],
    ['for a command that should fail and does not', fenced('sh fails', 'true'), /page\.md:4: it left with 0/],
    ['for a server that does not come up', fenced('sh runs', 'exit 3'), /page\.md:4: it did not come up \(3\)/],
    ['for a program that throws', fenced('ts', `throw new Error('broken');`), /page\.md:4: it left with 1:[^]*broken/],
    ['for a file that no command uses', fenced('ts a.ts', 'console.log(1);'), /page\.md:4: no command of the page uses a\.ts/],
    ['for another output', `${fenced('sh', 'echo one; echo two')}\n${fenced('text', 'one')}`, /page\.md:8: this was printed:\none\ntwo/],
    ['for an output of nothing', fenced('text', 'one'), /page\.md:4: nothing was run before it/],
    ['for JSON that was not printed', `${fenced('sh', `echo '{"a":1}'`)}\n${fenced('json', '{ "a": 2 }')}`, /page\.md:8: this was printed/],
    ['for alerts that are none', fenced('yaml', 'groups: [{ name: a, rules: [{ alert: A }] }]'), /page\.md:4: no alert/],
    ['for a claim that a run does not make again', fenced('text', '$ echo ✓ 3 held', '✓ 3 broke'), /page\.md:4: ✓ 3 broke/],
  ];
  for (const [what, text, says] of cases) test(what, async () => assert.rejects(play(text), says));
});

describe('a deployment is refused', () => {
  const unit = '"$DOCS_ROOT/deploy/waxwing.service"';
  const cases: readonly (readonly [what: string, typed: string, says: RegExp])[] = [
    [
      'as an image that runs as root',
      `printf 'FROM node:26-slim\\nENTRYPOINT ["node"]\\n' > Dockerfile; docker build -t a .`,
      /it would run as root/,
    ],
    [
      'as an image without a health check',
      `printf 'FROM node:26-slim\\nUSER node\\n' > Dockerfile; docker build -t a .`,
      /it has no health check/,
    ],
    [
      'as an image of steps that fail',
      `printf 'FROM node:26-slim\\nRUN false\\n' > Dockerfile; docker build -t a .`,
      /RUN false: left with 1/,
    ],
    ['as services without their secrets', 'cp "$DOCS_ROOT/compose.yaml" .; docker compose up', /ENOENT.*secrets\/database-url/],
    [
      'as a unit with a setting that there is not',
      `sed s/^Restart=/Restrat=/ ${unit} > /etc/systemd/system/waxwing.service; systemctl enable --now waxwing`,
      /Restrat=always/,
    ],
    [
      'as a unit of root’s',
      `sed s/^User=.*/User=root/ ${unit} > /etc/systemd/system/waxwing.service; systemctl enable --now waxwing`,
      /it would run as root/,
    ],
    [
      'on Cloud Run with a variable that is no setting',
      'sed s/WAXWING_ADMIN_KEY_FILE/WAXWING_ADMIN_KYE_FILE/ "$DOCS_ROOT/deploy/cloud-run.yaml" > a.yaml; gcloud run services replace a.yaml',
      /WAXWING_ADMIN_KYE_FILE: there is no such setting/,
    ],
    [
      'on Cloud Run with a secret that is not mounted',
      'sed s:/secrets/admin-key/value:/secrets/admin/value: "$DOCS_ROOT/deploy/cloud-run.yaml" > a.yaml; gcloud run services replace a.yaml',
      /\/secrets\/admin\/value is not mounted/,
    ],
  ];
  for (const [what, typed, says] of cases) test(what, async () => assert.rejects(play(fenced('sh', typed)), says));
});

test('a page that does what it says passes: variables, folders, files, servers and their output', async () => {
  await play(
    [
      fenced('sh', 'export A=1', 'mkdir b && cd b'),
      fenced('ts serve.ts', `import { createServer } from 'node:http';`, `createServer((_, answer) => answer.end('here')).listen(3000);`),
      fenced('sh runs', 'node serve.ts'),
      fenced('sh', 'curl -s http://127.0.0.1:3000; echo " $A ${PWD##*/}"; echo ep_01m7yjt692ahcrn7xw57wpep7x'),
      fenced('text', 'here 1 b', 'ep_…'),
      fenced('sh', 'echo got ep_…'),
      fenced('text', 'got ep_01m7yjt692ahcrn7xw57wpep7x'),
      fenced('text', '$ echo ✓ 4 held', '✓ 3 held'),
    ].join('\n'),
  );
});

test('what was printed is held to every line, save what an ellipsis stands for', () => {
  assert.ok(isPrinted('a 12 ms\nb\nc\nd\n', 'a 3 ms\n…\nd\n', true));
  assert.ok(!isPrinted('a\nb\n', 'a\n', true));
  assert.ok(isPrinted('a\nb\n', 'b\n', false));
  assert.ok(!isPrinted('a\nxb\n', 'b\n', false));
  assert.ok(!isPrinted('one two\n', 'one\n', true));
});

test('a link is held to the files and headings that there are', () => {
  const text = '# Here\n[a](#here) [b](#there) [c](README.md) [d](REDME.md) [e](docs/errors.md#starting) [f](docs/errors.md#no-such)';
  assert.deepEqual(brokenLinks('page.md', text), ['page.md: (#there)', 'page.md: (REDME.md)', 'page.md: (docs/errors.md#no-such)']);
});

test('a command in a sentence is held to the commands and flags that there are', () => {
  const said =
    'Use `waxwing sevre`, `waxwing serve --prot 1`, `waxwing endpoints mend`, `waxwing endpoints get ep_…`, `waxwing replay --dry-run`.';
  assert.deepEqual(
    wrongCommands('page.md', said).map((line) => line.replace('page.md:1: ', '')),
    [
      'waxwing sevre: there is no command sevre',
      'waxwing serve --prot 1: it takes no --prot',
      'waxwing endpoints mend: there is no endpoints mend',
    ],
  );
});
