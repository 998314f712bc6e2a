// MeshAgent's own client, unchanged, against the real server: it manages webhooks as on its platform; then an event becomes
// a call, and an agent joins the room that the call is for.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { AgentServer } from '@waxwing/agents';
import { Adder } from '../../../examples/adder/adder.ts';
import { sdk } from '../src/sdk.ts';
import { LoopbackRoom } from './loopback-room.ts';

const BIN = join(import.meta.dirname, '../../cli/bin/waxwing.js');
const PROJECT = 'my-project';

interface Running {
  readonly url: string;
  /** A POST of JSON with a key: the admin's, unless another is given. */
  post(path: string, body: object, key?: string): Promise<{ readonly [member: string]: unknown }>;
}

/** `waxwing serve --management meshagent`, until the test is over. */
async function serve(t: TestContext): Promise<Running> {
  const folder = await mkdtemp(join(tmpdir(), 'waxwing-drop-in-'));
  const permissions = ['--allow-http', '--allow-private-networks'];
  const args = [BIN, 'serve', '--management', 'meshagent', '--port', '0', '--data', folder, ...permissions];
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'] },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(async () => {
    child.kill('SIGKILL');
    await once(child, 'close');
    await rm(folder, { recursive: true, force: true });
  });
  let url = '';
  let admin = '';
  for await (const line of createInterface({ input: child.stdout })) {
    url ||= /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0] ?? '';
    admin ||= /^Admin key: (wxw_\S+)$/.exec(line)?.[1] ?? '';
    if (url !== '' && admin !== '') break;
  }
  return {
    url,
    async post(path, body, key = admin) {
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${key}` };
      const answer = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
      const text = await answer.text();
      assert.ok(answer.ok, `${path} → ${answer.status} ${text}`);
      const parsed: { readonly [member: string]: unknown } = JSON.parse(text);
      return parsed;
    },
  };
}

function idsOf(listed: Record<string, unknown>): readonly unknown[] {
  const { webhooks } = listed;
  assert.ok(Array.isArray(webhooks));
  return webhooks.map((webhook: { readonly id?: unknown }) => webhook.id);
}

test('the npm client manages webhooks, and an event of one calls an agent into a room', { timeout: 60_000 }, async (t) => {
  const server = await serve(t);
  const room = await new LoopbackRoom().open();
  t.after(() => room.close());
  const { key } = await server.post('/v1/keys', { scope: 'tenant', tenant: PROJECT });
  const client = new sdk.Meshagent({ baseUrl: server.url, token: String(key) });

  const settings = { name: 'Adder', url: 'http://127.0.0.1:8098/webhook', events: ['room.started'] };
  const { id, secret, ...made } = await client.createWebhook(PROJECT, settings);
  assert.deepEqual([made['name'], made['events'], made['action'], made['payload']], ['Adder', ['room.started'], '', {}]);
  assert.deepEqual(idsOf(await client.listWebhooks(PROJECT)), [id]);
  const strange = client.listWebhooks('another-project');
  await assert.rejects(strange, /Failed to list webhooks\. Status code: 404, body: \{"error":"There is no project/);

  const agent = new AgentServer({ agent: Adder, webhookSecret: String(secret), host: '127.0.0.1', port: 0, log: () => {} });
  await agent.start();
  t.after(() => agent.stop());
  const payload = { token: 'token of the call', room_url: room.url, arguments: { mode: 'fast' } };
  const url = `http://127.0.0.1:${agent.address?.port}${agent.path}`;
  const updated = await client.updateWebhook(PROJECT, String(id), { ...settings, url, action: 'call', payload });
  assert.deepEqual([updated['id'], updated['url'], updated['action'], updated['payload']], [id, url, 'call', payload]);

  const published = await server.post(`/v1/tenants/${PROJECT}/events`, { type: 'room.started', data: { room_name: room.name } });
  assert.equal(published['deliveries'], 1);
  await room.untilNoted('register samples.adder');
  assert.deepEqual(
    room.knocks.map(({ token }) => token),
    ['token of the call'],
  );
  const visitor = await room.visitor();
  const answer = await visitor.invoke({ toolkit: 'samples.adder', tool: 'run_samples.adder_task', arguments: { a: 2, b: 3 } });
  assert.deepEqual(answer instanceof sdk.JsonContent && answer.json, { result: 5 });
  visitor.dispose();

  await client.deleteWebhook(PROJECT, String(id));
  assert.deepEqual(idsOf(await client.listWebhooks(PROJECT)), []);
  await assert.rejects(client.deleteWebhook(PROJECT, String(id)), /Failed to delete webhook\. Status code: 404/);
});
