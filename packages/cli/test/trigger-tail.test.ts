import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { BUILT_IN_PROFILES } from '@waxwing/protocol';
import { schemeOfProfile, SCHEMES, verify } from '@waxwing/receiver';

import { applySettings, parseSetting } from '../src/sample.ts';
import { listen, localApp, serve, waitFor } from './listening-server.ts';
import { startWaxwing, temporaryFolder, waxwing } from './waxwing-process.ts';

const server = await serve({ after }, await temporaryFolder({ after }));
const { client, env } = server;

for (const [profile, { definition }] of BUILT_IN_PROFILES) {
  if (definition.eventTypes.length === 0) continue;
  test(`every type of ${profile}’s catalogue, triggered, is relayed and verified`, async (t) => {
    const app = await localApp(t);
    await client.tenants.put(profile, { profile });
    const listener = listen(t, env, '--forward-to', app.url, '--tenant', profile);
    const { secret } = await listener.heard('ready');
    const { status, stdout, stderr } = await waxwing(['trigger', '*', '--tenant', profile], { env });
    assert.equal(status, 0, stderr);
    assert.equal(stdout.match(/ 1 delivery$/gm)?.length, definition.eventTypes.length);
    await waitFor('all of them', () => app.taken.length === definition.eventTypes.length);
    const scheme = Object.entries(SCHEMES).find(([name]) => name === profile)?.[1] ?? schemeOfProfile(definition);
    const types = await Promise.all(
      app.taken.map(async (request) => {
        const result = await verify(scheme, request, [String(secret)]);
        assert.ok(result.ok, result.ok ? '' : result.explain());
        return result.event.type;
      }),
    );
    assert.deepEqual(types.toSorted(), definition.eventTypes.map(({ name }) => name).toSorted());
    await waitFor('every outcome', () => listener.news().filter(({ kind }) => kind === 'answer').length === types.length);
    assert.ok(listener.news().every((news) => news.kind !== 'answer' || news['delivered'] === true));
    assert.equal(await listener.end(), 0);
  });
}

test('a sample is changed by paths, as often and as fast as asked', async () => {
  await client.tenants.put('changed', { profile: 'humanconnection' });
  const changes = ['--set', 'data.meeting_id=mtg_{n}', '--set', 'data.extra.list.deep=[1,{"a":null}]', '--set', 'data.text=1,5 €'];
  const { status, stdout, stderr } = await waxwing(
    ['trigger', 'meeting.completed', '--tenant', 'changed', '--count', '5', '--rate', '20', '--json', ...changes],
    { env },
  );
  assert.equal(status, 0, stderr);
  const ids = stdout
    .trim()
    .split('\n')
    .map((line): string => JSON.parse(line).id);
  const { sample } = await client.eventTypes.get('meeting.completed');
  const acme = client.tenant('changed');
  const times: number[] = [];
  for (const [index, id] of ids.entries()) {
    const { data, receivedAt } = await acme.events.get(id);
    times.push(Date.parse(receivedAt));
    assert.deepEqual(data, { ...sample, meeting_id: `mtg_${index + 1}`, extra: { list: { deep: [1, { a: null }] } }, text: '1,5 €' });
  }
  const tookMs = Math.max(...times) - Math.min(...times);
  assert.ok(tookMs >= 150, `five at twenty a second took ${tookMs} ms`);
  const many = await waxwing(['trigger', 'meeting.completed', '--tenant', 'changed', '--count', '250'], { env });
  assert.match(many.stdout, /^250 events published\.$/m);
});

test('settings lead into lists, and never into what an object inherits', () => {
  const set = (...given: string[]): unknown => applySettings({ items: [{ a: 1 }], n: 1 }, given.map(parseSetting), 7);
  assert.deepEqual(set('data.items.0.a={n}', 'data.items.1=true', 'data.n={n}x'), { items: [{ a: 7 }, true], n: '7x' });
  assert.throws(() => set('data.items.x=1'), /leads into a list; "x" is not a place in it/);
  assert.throws(() => set('data.__proto__.a=1'), /__proto__ cannot be set/);
  for (const wrong of ['amount=1', 'data=1', 'data.=1', 'data.a', '=1'])
    assert.throws(() => set(wrong), /--set must be data\.<path>=<value>/);
});

test('what cannot be triggered is said with the nearest name', async () => {
  await client.tenants.put('wrong', { profile: 'humanconnection' });
  const wrong: readonly (readonly [args: readonly string[], says: RegExp])[] = [
    [['meeting.complete'], /no catalogue of this tenant has "meeting\.complete"; did you mean meeting\.completed\?/],
    [['task.created'], /task\.created is of the catalogue of meetloyd, and this tenant’s profile is humanconnection/],
    [['meeting.completed', '--count', '0'], /--count must be a whole number from 1/],
    [['meeting.completed', '--rate', '0'], /--rate must be above 0/],
    [['meeting.completed', '--set', 'x=1'], /--set must be data/],
  ];
  await Promise.all(
    wrong.map(async ([args, says]) => {
      const { status, stderr } = await waxwing(['trigger', ...args, '--tenant', 'wrong'], { env });
      assert.equal(status, 2, stderr);
      assert.match(stderr, says);
    }),
  );
});

test('tail shows events and attempts as they happen, for people and as JSON lines that can be gone on from', async (t) => {
  const app = await localApp(t);
  await client.tenants.put('tailed');
  const acme = client.tenant('tailed');
  const listener = listen(t, env, '--forward-to', app.url, '--tenant', 'tailed');
  await listener.heard('ready');
  const people = startWaxwing(t, ['tail', '--tenant', 'tailed', '--kinds', 'event,attempt', '--count', '4'], env);
  const refused = startWaxwing(t, ['tail', '--tenant', 'tailed', '--kinds', 'attempt', '--outcome', 'refused', '--count', '1'], env);
  const lines = startWaxwing(t, ['tail', '--kinds', 'event', '--events', 'meeting.*', '--count', '1', '--json'], env);
  await Promise.all([people.saw(/Following/), refused.saw(/Following/), lines.saw(/"ready"/)]);
  const first = await acme.publish({ type: 'other.thing', data: { n: 1 } });
  await listener.heard('answer');
  app.status = 500;
  const second = await acme.publish({ type: 'meeting.completed', data: { n: 2 } });
  const shown = await people.ended;
  assert.equal(shown.status, 0);
  assert.match(shown.stdout, new RegExp(`event    other\\.thing ${first.id} of tailed \\{"n":1\\}`));
  assert.match(shown.stdout, new RegExp(`attempt  delivered 200 other\\.thing ${first.id} dlv_\\w+ → ep_\\w+ [\\d.]+ ms`));
  assert.match(
    shown.stdout,
    new RegExp(`attempt  refused 500 HTTP 500 Internal Server Error meeting\\.completed ${second.id} .*, again at \\d\\d:`),
  );
  assert.match((await refused.ended).stdout, new RegExp(`^\\S+ attempt  refused 500 .* ${second.id} `, 'm'));
  const [ready, event] = (await lines.ended).stdout
    .trim()
    .split('\n')
    .map((line): { cursor: string; kind: string; data: { id: string } } => JSON.parse(line));
  assert.deepEqual([event?.kind, event?.data.id], ['event', second.id]);
  const again = await waxwing(['tail', '--kinds', 'event', '--cursor', ready?.cursor ?? '', '--count', '2', '--json'], { env });
  assert.deepEqual(
    again.stdout
      .trim()
      .split('\n')
      .slice(1)
      .map((line): string => JSON.parse(line).data.id),
    [first.id, second.id],
  );
  assert.equal(await listener.end(), 0);
});
