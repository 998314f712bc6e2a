import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { AgentServer, defineAgent } from '@waxwing/agents';
import type { Agent, AgentContext, AgentNotice, AgentServerOptions } from '@waxwing/agents';
import type { ReceiverNotice } from '@waxwing/receiver';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { Adder } from '../../../examples/adder/adder.ts';
import { sdk } from '../src/sdk.ts';
import { dial, LoopbackRoom } from './loopback-room.ts';
import { callHeaders, post, SECRET } from './webhook.ts';

const TOOL = 'run_samples.adder_task';

/** A server with its room, both gone when the test is over. */
class Stage {
  readonly notices: (ReceiverNotice | AgentNotice)[] = [];
  readonly #waiting = new Set<() => void>();
  readonly room: LoopbackRoom;
  readonly server: AgentServer;

  constructor(room: LoopbackRoom, options: Partial<AgentServerOptions> = {}) {
    this.room = room;
    this.server = new AgentServer({
      agent: Adder,
      webhookSecret: SECRET,
      host: '127.0.0.1',
      port: 0,
      rejoinDelaysMs: [1, 1],
      drainTimeoutMs: 2000,
      log: (notice) => {
        this.notices.push(notice);
        for (const wake of this.#waiting) wake();
        this.#waiting.clear();
      },
      ...options,
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.server.address?.port}/webhook`;
  }

  get callData(): { room_name: string; room_url: string; token: string; arguments: Record<string, unknown> } {
    return { room_name: this.room.name, room_url: this.room.url, token: 'token of the call', arguments: { mode: 'fast' } };
  }

  call(): Promise<number> {
    return post(this.url, 'room.call', this.callData);
  }

  /** What happened to rooms, in few words. */
  get story(): string[] {
    return this.notices.map((notice) => ('reason' in notice ? `${notice.kind}: ${notice.reason}` : notice.kind));
  }

  /** Resolves once the story has a line `count` times. */
  async told(line: string, count = 1): Promise<void> {
    while (this.story.filter((told) => told === line).length < count) await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }
}

let stages: Stage[] = [];

async function stage(options: Partial<AgentServerOptions> = {}, prepare: (room: LoopbackRoom) => void = () => {}): Promise<Stage> {
  const room = await new LoopbackRoom().open();
  prepare(room);
  const opened = new Stage(room, { apiUrl: room.origin, ...options });
  stages.push(opened);
  await opened.server.start();
  return opened;
}

beforeEach(() => {
  stages = [];
});
afterEach(async () => {
  await Promise.all(stages.map(({ server }) => server.stop()));
  await Promise.all(stages.map(({ room }) => room.close()));
});

const registered = 'register samples.adder';

describe('an agent that is called by POST', { timeout: 20_000 }, () => {
  test('joins, registers, is listed, answers, and leaves when it is dismissed', async () => {
    const opened = await called();
    const { room, server } = opened;
    await opened.told('room_joined');
    const [knock] = room.knocks;
    assert.equal(knock?.token, 'token of the call');
    assert.ok(knock.by === 'query' || knock.by === 'authorization');
    assert.equal(room.toolkits[0]?.description['public'], true);

    const visitor = await room.visitor();
    const [toolkit] = await visitor.listToolkits();
    assert.equal(toolkit?.name, 'samples.adder');
    assert.equal(toolkit.title, 'sample adder');
    assert.equal(toolkit.description, 'an agent that adds two numbers');
    assert.deepEqual(
      toolkit.tools.map(({ name, inputSchema, outputSchema }) => ({ name, inputSchema, outputSchema })),
      [{ name: TOOL, inputSchema: Adder.inputSchema, outputSchema: Adder.outputSchema }],
    );
    const answer = await visitor.invoke({ toolkit: 'samples.adder', tool: TOOL, arguments: { a: 2, b: 3 } });
    assert.deepEqual(answer instanceof sdk.JsonContent && answer.json, { result: 5 });
    assert.deepEqual(server.rooms, ['my-room']);

    await room.say('dismiss');
    await room.untilNoted('p1 gone 1000');
    assert.equal(room.noted('unregister samples.adder'), 1);
    visitor.dispose();
    await opened.told('room_left: dismissed');
    assert.deepEqual(opened.story, ['room_joined', 'room_left: dismissed']);
    assert.deepEqual(server.rooms, []);
  });

  test('answers the webhook before the room lets it in', async () => {
    const opened = await stage({}, (room) => {
      room.ready = false;
    });
    assert.equal(await opened.call(), 200);
    await opened.room.untilNoted('knock 101');
    assert.deepEqual(opened.room.toolkits, []);
  });

  test('names what is wrong with its input in a tool error', async () => {
    const { room } = await called();
    await room.untilNoted(registered);
    const visitor = await room.visitor();
    const ask = (input: Record<string, unknown>): Promise<unknown> =>
      visitor.invoke({ toolkit: 'samples.adder', tool: TOOL, arguments: input });
    await assert.rejects(ask({ a: 'two', b: 3 }), { message: /^invalid_input: a: / });
    await assert.rejects(ask({ a: 2, b: 3, c: 4 }), { message: /^invalid_input: .*"c"/ });
    await assert.rejects(ask({}), { message: /^invalid_input: a: .*; b: / });
    await assert.rejects(
      visitor.invoke({ toolkit: 'samples.adder', tool: TOOL, input: new sdk.TextContent({ text: 'x' }) }),
      /requires JSON/,
    );
    await assert.rejects(visitor.invoke({ toolkit: 'samples.adder', tool: 'other', arguments: {} }), /not found/);
    visitor.dispose();
  });

  test('does not let out what its output model refuses, nor why it failed', async () => {
    const agent = asker(async (_context, { say }) => {
      if (say === 'throw') throw new Error('the password is 1234');
      return { said: say, ...(say === 'extra' && { secret: 1 }) };
    });
    const { room, notices } = await called({ agent });
    await room.untilNoted('register asker');
    const visitor = await room.visitor();
    const ask = (say: string): Promise<unknown> => visitor.invoke({ toolkit: 'asker', tool: 'run_asker_task', arguments: { say } });
    await assert.rejects(ask('extra'), { message: /^invalid_output: .*"secret"/ });
    await assert.rejects(ask('throw'), { message: 'failed: asker could not answer' });
    visitor.dispose();
    const [, output, failed] = notices;
    assert.ok(output?.kind === 'ask_failed' && output.outcome.kind === 'invalid_output');
    assert.ok(failed?.kind === 'ask_failed' && failed.outcome.kind === 'failed');
    assert.match(String(failed.outcome.error), /password/);
  });

  test('is told the room, who asks, and the call’s arguments', async () => {
    const contexts: AgentContext[] = [];
    const agent = asker(async (context, { say }) => {
      contexts.push(context);
      return { said: say };
    });
    const { room } = await called({ agent });
    await room.untilNoted('register asker');
    const visitor = await room.visitor();
    await Promise.all(['a', 'b'].map((say) => visitor.invoke({ toolkit: 'asker', tool: 'run_asker_task', arguments: { say } })));
    const [context] = contexts;
    assert.equal(context?.callerId, visitor.localParticipant?.id);
    assert.equal(context?.roomName, 'my-room');
    assert.equal(context?.room.roomUrl, room.url);
    assert.deepEqual(context?.callArguments, { mode: 'fast' });
    assert.equal(context?.signal.aborted, false);
    visitor.dispose();
  });

  test('registers once however often the call comes, while it joins and afterwards', async () => {
    const opened = await stage();
    const { room, server } = opened;
    assert.deepEqual(await Promise.all([opened.call(), opened.call(), opened.call()]), [200, 200, 200]);
    await room.untilNoted(registered);
    assert.equal(await opened.call(), 200);
    const socket = await dial(opened.url, callHeaders(opened.callData));
    assert.ok(socket instanceof WebSocket);
    await new Promise((resolve) => socket.once('close', resolve));
    assert.equal(await post(opened.url, 'room.started', { room_name: room.name, room_url: room.url }), 200);
    await server.stop();
    assert.equal(room.knocks.length, 1);
    assert.equal(room.noted(registered), 1);
  });

  test('leaves when the room closes, and joins again when it is called again', async () => {
    const opened = await called();
    await opened.told('room_joined');
    opened.room.hangUp(1000);
    await opened.told('room_left: room_closed');
    assert.equal(await opened.call(), 200);
    await opened.room.untilNoted(registered, 2);
  });

  test('comes back after a connection that broke, registered once, and gives up after its last try', async () => {
    const opened = await called();
    const { room } = opened;
    await opened.told('room_joined');
    room.hangUp(1011);
    await opened.told('room_joined', 2);
    assert.equal(room.toolkits.length, 1);
    room.admits = () => 503;
    room.hangUp(1001);
    await opened.told('room_left: unreachable');
    assert.equal(room.noted('knock 503'), 2);
    assert.deepEqual(opened.story, [
      'room_joined',
      'connection_lost',
      'room_joined',
      'connection_lost',
      'connection_lost',
      'room_left: unreachable',
    ]);
  });

  for (const status of [401, 403, 404]) {
    test(`does not insist when the room answers its token with ${status}`, async () => {
      const opened = await called({}, (closed) => {
        closed.admits = () => status;
      });
      await opened.told('room_left: unreachable');
      assert.deepEqual(opened.story, ['room_left: unreachable']);
      assert.equal(opened.room.knocks.length, 1);
    });
  }

  test('gives a room up that does not let it in in time', async () => {
    const opened = await called({ joinTimeoutMs: 20, rejoinDelaysMs: [] }, (mute) => {
      mute.ready = false;
    });
    await opened.told('room_left: unreachable');
    assert.equal(opened.room.knocks.length, 1);
  });

  test('survives a packet that cannot be read: it joins anew', async () => {
    const { room } = await called();
    await room.untilNoted(registered);
    room.participants[0]?.socket.send(Buffer.from([1, 2, 3]));
    await room.untilNoted(registered, 2);
  });

  test('gives its place to a newer call while its connection is lost, and leaves a room that ended meanwhile', async () => {
    const opened = await called({ rejoinDelaysMs: [60_000] });
    const { room } = opened;
    await opened.told('room_joined');
    assert.equal(await post(opened.url, 'room.ended', { room_name: room.name }), 200);
    room.hangUp(1011);
    await opened.told('connection_lost');
    assert.equal(await opened.call(), 200);
    await opened.told('room_joined', 2);
    room.hangUp(1011);
    await opened.told('connection_lost', 2);
    assert.equal(await post(opened.url, 'room.ended', { room_name: room.name }), 200);
    await opened.told('room_left: room_ended');
    assert.deepEqual(opened.story, [
      'room_joined',
      'connection_lost',
      'room_left: replaced',
      'room_joined',
      'connection_lost',
      'room_left: room_ended',
    ]);
  });

  test('says so when the room’s address is no WebSocket URL', async () => {
    const opened = await stage();
    assert.equal(await post(opened.url, 'room.call', { ...opened.callData, room_url: 'file:///etc/passwd' }), 200);
    assert.deepEqual(opened.story, ['room_not_joined']);
  });
});

describe('an agent that is called by WebSocket upgrade', { timeout: 20_000 }, () => {
  test('serves the room over the socket that the room opened, and leaves when it is dismissed', async () => {
    const opened = await stage();
    const { room } = opened;
    const socket = await dial(opened.url, callHeaders(opened.callData));
    assert.ok(socket instanceof WebSocket);
    room.welcome(socket);
    await room.untilNoted(registered);
    const visitor = await room.visitor();
    const answer = await visitor.invoke({ toolkit: 'samples.adder', tool: TOOL, arguments: { a: 2, b: 3 } });
    assert.deepEqual(answer instanceof sdk.JsonContent && answer.json, { result: 5 });
    await room.say('dismiss');
    await opened.told('room_left: dismissed');
    assert.equal(room.knocks.length, 1); // the visitor's: the agent did not dial
    visitor.dispose();
    assert.deepEqual(opened.story, ['room_joined', 'room_left: dismissed']);
  });

  test('is not called by an upgrade that is signed with another secret', async () => {
    const opened = await stage();
    const headers = { ...callHeaders(opened.callData), 'meshagent-webhook': JSON.stringify({ event: 'room.call', data: {} }) };
    assert.equal(await dial(opened.url, headers), 401);
  });

  test('is called again by a new socket when the first one broke', async () => {
    const opened = await stage();
    const { room } = opened;
    for (const count of [1, 2]) {
      const socket = await dial(opened.url, callHeaders(opened.callData));
      assert.ok(socket instanceof WebSocket);
      room.welcome(socket);
      await room.untilNoted(registered, count);
      room.hangUp(1011);
      await opened.told('room_left: unreachable', count);
    }
  });

  test('closes the sockets of its rooms when the server stops', async () => {
    const opened = await stage();
    const socket = await dial(opened.url, callHeaders(opened.callData));
    assert.ok(socket instanceof WebSocket);
    opened.room.welcome(socket);
    await opened.told('room_joined');
    await opened.server.stop();
    assert.deepEqual(opened.story, ['room_joined', 'room_left: stopped']);
    await opened.room.untilNoted('p1 gone 1000');
  });
});

describe('an agent in a room that started', { timeout: 20_000 }, () => {
  const key = { id: '0b0e6a5c-4b1f-4b8e-9d3a-2f1c5e7a9b01', projectId: '7c9e6679-7425-40de-944b-e07fc1f90ae7', secret: 'key-secret' };
  const apiKey = sdk.encodeApiKey(key);

  test('joins with a token made from the API key, at the address of the event or of the API', async () => {
    for (const named of [true, false]) {
      const { room, url } = await stage({ apiKey });
      assert.equal(await post(url, 'room.started', { room_name: room.name, ...(named && { room_url: room.url }) }), 200);
      await room.untilNoted(registered);
      const [knock] = room.knocks;
      assert.equal(knock?.path, '/rooms/my-room');
      const token = await sdk.ParticipantToken.fromJwt(knock.token ?? '', { token: key.secret });
      assert.deepEqual([token.name, token.role, token.grantScope('room')], ['samples.adder', 'agent', 'my-room']);
      assert.deepEqual([token.projectId, token.apiKeyId], [key.projectId, key.id]);
    }
  });

  test('makes a fresh token for each connection', async () => {
    let now = Date.now();
    const { room, url } = await stage({ apiKey, now: () => (now += 1000) });
    assert.equal(await post(url, 'room.started', { room_name: room.name }), 200);
    await room.untilNoted(registered);
    room.hangUp(1011);
    await room.untilNoted(registered, 2);
    assert.notEqual(room.knocks[0]?.token, room.knocks[1]?.token);
  });

  test('sends its token only to the API’s address when nothing is signed', async () => {
    const elsewhere = await new LoopbackRoom().open();
    const { room, url } = await stage({ apiKey, validateWebhookSecret: false });
    assert.equal(await post(url, 'room.started', { room_name: room.name, room_url: elsewhere.url }), 200);
    await room.untilNoted(registered);
    assert.equal(elsewhere.knocks.length, 0);
    await elsewhere.close();
  });

  test('does not join without an API key, and says so', async () => {
    const { room, url, notices } = await stage();
    assert.equal(await post(url, 'room.started', { room_name: room.name, room_url: room.url }), 200);
    const [notice] = notices;
    assert.match(notice?.kind === 'room_not_joined' ? notice.explanation : '', /MESHAGENT_API_KEY/);
    assert.equal(room.knocks.length, 0);
  });
});

describe('an agent server that stops', { timeout: 20_000 }, () => {
  test('answers the calls that run, then leaves, and takes no new rooms', async () => {
    const gate = Promise.withResolvers<void>();
    const agent = asker(async (_context, { say }) => {
      await gate.promise;
      return { said: say };
    });
    const opened = await called({ agent });
    const { room, server } = opened;
    await opened.told('room_joined');
    const visitor = await room.visitor();
    const answer = visitor.invoke({ toolkit: 'asker', tool: 'run_asker_task', arguments: { say: 'hello' } });
    await room.untilNoted('call asker');
    const stopped = server.stop();
    await room.untilNoted('unregister asker');
    await assert.rejects(server.onCall({ roomName: 'other', roomUrl: room.url, token: 't', arguments: {} }), { code: 'shutting_down' });
    await room.echo();
    gate.resolve();
    const content = await answer;
    assert.deepEqual(content instanceof sdk.JsonContent && content.json, { said: 'hello' });
    await stopped;
    assert.deepEqual(opened.story, ['room_joined', 'room_left: stopped']);
    visitor.dispose();
  });

  test('answers 503 to calls that its application still lets through', async () => {
    const app = createServer();
    const { server, callData } = await stage({ app });
    app.listen(0, '127.0.0.1');
    await once(app, 'listening');
    const address = app.address();
    const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/webhook`;
    await server.stop();
    assert.equal(await post(url, 'room.call', callData), 503);
    assert.deepEqual(server.rooms, []);
    app.close();
    app.closeAllConnections();
  });

  test('waits for them only so long, and tells them', async () => {
    const seen = Promise.withResolvers<AbortSignal>();
    const agent = asker((context) => {
      seen.resolve(context.signal);
      return new Promise(() => {});
    });
    const { room, server } = await called({ agent, drainTimeoutMs: 50 });
    await room.untilNoted('register asker');
    const visitor = await room.visitor();
    const answer = visitor.invoke({ toolkit: 'asker', tool: 'run_asker_task', arguments: { say: 'hello' } });
    const signal = await seen.promise;
    assert.equal(signal.aborted, false);
    await Promise.all([server.stop(), assert.rejects(answer, { message: 'asker is gone' })]);
    assert.equal(signal.aborted, true);
    visitor.dispose();
  });

  test('gives up joining: while it connects, while it waits for the room, and between two tries', async () => {
    const mute = await called({}, (room) => {
      room.ready = false;
    });
    await mute.room.untilNoted('knock 101');
    const between = await called({ rejoinDelaysMs: [60_000] }, (room) => {
      room.admits = () => 503;
    });
    await between.told('connection_lost');
    const connecting = await stage();
    await connecting.server.onCall({ roomName: 'r', roomUrl: connecting.room.url, token: 't', arguments: {} });
    await Promise.all([mute.server.stop(), between.server.stop(), connecting.server.stop()]);
    assert.deepEqual(mute.story, ['room_left: stopped']);
    assert.deepEqual(between.story, ['connection_lost', 'room_left: stopped']);
    assert.deepEqual(connecting.story, ['room_left: stopped']);
  });
});

/** A stage whose agent was called. */
async function called(options: Partial<AgentServerOptions> = {}, prepare?: (room: LoopbackRoom) => void): Promise<Stage> {
  const opened = await stage(options, prepare);
  assert.equal(await opened.call(), 200);
  return opened;
}

function asker(ask: (context: AgentContext, input: { say: string }) => Promise<{ said: string }>): Agent {
  return defineAgent({ name: 'asker', input: z.object({ say: z.string() }), output: z.object({ said: z.string() }), ask });
}
