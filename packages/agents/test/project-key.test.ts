import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { apiUrlFrom, mintToken, projectKeyFrom, webSocketUrl } from '../src/project-key.ts';
import { sdk } from '../src/sdk.ts';

const key = {
  id: '0b0e6a5c-4b1f-4b8e-9d3a-2f1c5e7a9b01',
  projectId: '7c9e6679-7425-40de-944b-e07fc1f90ae7',
  secret: 'key-secret-of-tests',
};
const variables = ['MESHAGENT_API_KEY', 'MESHAGENT_PROJECT_ID', 'MESHAGENT_KEY_ID', 'MESHAGENT_SECRET', 'MESHAGENT_API_URL'] as const;

describe('the project’s API key', () => {
  const before = new Map<string, string | undefined>();
  beforeEach(() => {
    for (const name of variables) {
      before.set(name, process.env[name]);
      delete process.env[name];
    }
  });
  afterEach(() => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });

  const expected = { projectId: key.projectId, keyId: key.id, secret: key.secret };

  test('comes whole or in parts, from what is given before the environment', () => {
    assert.equal(projectKeyFrom({}), null);
    assert.deepEqual(projectKeyFrom({ apiKey: sdk.encodeApiKey(key) }), expected);
    process.env['MESHAGENT_PROJECT_ID'] = key.projectId;
    assert.equal(projectKeyFrom({}), null);
    process.env['MESHAGENT_KEY_ID'] = key.id;
    process.env['MESHAGENT_SECRET'] = key.secret;
    assert.deepEqual(projectKeyFrom({}), expected);
    process.env['MESHAGENT_API_KEY'] = sdk.encodeApiKey({ ...key, secret: 'of the environment' });
    assert.equal(projectKeyFrom({})?.secret, 'of the environment');
    assert.deepEqual(projectKeyFrom({ secret: 'given' }), { ...expected, secret: 'given' });
    process.env['MESHAGENT_API_KEY'] = '';
    assert.deepEqual(projectKeyFrom({}), expected);
  });

  test('is refused loudly when it cannot be used, without being quoted', () => {
    for (const apiKey of ['', 'ma-x', 'sk-aaaa-bbbb-secret', sdk.encodeApiKey({ ...key, secret: '' })]) {
      assert.throws(() => projectKeyFrom({ apiKey }), { code: 'invalid_setting', message: /^MESHAGENT_API_KEY \(or `apiKey`\) is not/ });
    }
    process.env['MESHAGENT_SECRET'] = 's';
    assert.throws(() => projectKeyFrom({}), { code: 'invalid_setting', message: /MESHAGENT_PROJECT_ID/ });
    assert.throws(() => projectKeyFrom({ projectId: 'p' }), { code: 'invalid_setting', message: /MESHAGENT_KEY_ID/ });
    assert.throws(() => projectKeyFrom({ projectId: 'p', keyId: 'k', secret: '' }), {
      code: 'invalid_setting',
      message: /MESHAGENT_SECRET/,
    });
  });

  test('makes a token that the SDK verifies: an agent’s, for one room, for a day, whatever the environment says', async () => {
    process.env['MESHAGENT_API_KEY'] = sdk.encodeApiKey({ ...key, secret: 'another' });
    const nowMs = Date.now();
    const jwt = mintToken(expected, 'samples.adder', 'my-room', nowMs);
    const token = await sdk.ParticipantToken.fromJwt(jwt, { token: key.secret });
    assert.equal(token.name, 'samples.adder');
    assert.equal(token.role, 'agent');
    assert.equal(token.grantScope('room'), 'my-room');
    assert.equal(token.projectId, key.projectId);
    assert.equal(token.apiKeyId, key.id);
    assert.equal(token.getApiGrant()?.agents?.registerPublicToolkit, true);
    assert.equal(token.extra?.['exp'], Math.floor(nowMs / 1000) + 86_400);
    await assert.rejects(sdk.ParticipantToken.fromJwt(jwt, { token: 'another' }));
  });

  test('is for an API at an HTTP or WebSocket URL', () => {
    assert.equal(apiUrlFrom(undefined), 'wss://api.meshagent.com');
    process.env['MESHAGENT_API_URL'] = 'https://api.example.com/base/';
    assert.equal(apiUrlFrom(undefined), 'wss://api.example.com/base');
    assert.equal(apiUrlFrom('http://127.0.0.1:1'), 'ws://127.0.0.1:1');
    assert.throws(() => apiUrlFrom('ftp://a'), { code: 'invalid_setting', message: /MESHAGENT_API_URL/ });
    assert.equal(webSocketUrl('not a url'), null);
    assert.equal(webSocketUrl('wss://a/rooms/b?c=d'), 'wss://a/rooms/b?c=d');
  });
});
