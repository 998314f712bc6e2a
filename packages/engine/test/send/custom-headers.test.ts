import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BUILT_IN_PROFILES } from '@waxwing/protocol';
import type { ProfileDefinition } from '@waxwing/protocol';
import { customHeadersProblem } from '../../src/send/custom-headers.ts';

function definition(name: string): ProfileDefinition {
  const profile = BUILT_IN_PROFILES.get(name);
  assert.ok(profile !== undefined);
  return profile.definition;
}

describe('an endpoint’s own headers', () => {
  it('are taken as given where they are ordinary', () => {
    const headers = {
      Authorization: 'Bearer a.b-c',
      'X-Team': 'core',
      'x-empty': '',
      'X-Latin': 'café',
      cookie: 'a=b; c=d',
      accept: '*/*',
      'x-webhook-note': 'y',
    };
    for (const name of BUILT_IN_PROFILES.keys()) assert.deepEqual(customHeadersProblem(headers, definition(name)), [], name);
  });

  it('cannot replace what frames the message, what signs it or what belongs to the connection', () => {
    for (const name of [
      'Content-Type',
      'content-length',
      'Transfer-Encoding',
      'content-encoding',
      'Host',
      'User-Agent',
      'Date',
      'Connection',
      'Keep-Alive',
      'TE',
      'Trailer',
      'Upgrade',
      'HTTP2-Settings',
      'Expect',
      'Proxy-Authorization',
      'proxy-connection',
      'proxy-anything',
      'webhook-id',
      'Webhook-Signature',
      'webhook-timestamp',
      'webhook-anything',
      'content-range',
      'CONTENT_LENGTH',
      'Transfer_Encoding',
      'webhook_signature',
      'Webhook_Id',
      'proxy_authorization',
    ]) {
      const [problem] = customHeadersProblem({ [name]: 'x' }, definition('standard'));
      assert.equal(problem?.path, `/headers/${name}`, name);
    }
  });

  it('cannot replace the signature headers of their own profile, in any case of letters', () => {
    for (const [profile, name] of [
      ['meetloyd', 'x-meetloyd-signature'],
      ['meetloyd', 'X-MEETLOYD-TIMESTAMP'],
      ['joai', 'X-Webhook-Signature'],
      ['humanconnection', 'x-humanconnection-signature'],
      ['meshagent', 'MESHAGENT-SIGNATURE'],
      ['joai', 'X_Webhook_Signature'],
    ] as const) {
      assert.equal(customHeadersProblem({ [name]: 'x' }, definition(profile)).length, 1, name);
      assert.equal(customHeadersProblem({ [name]: 'x' }, definition('standard')).length, 0, name);
    }
    assert.equal(customHeadersProblem({ 'X-ACME': '2' }, { ...definition('joai'), headers: { 'x-acme': '1' } }).length, 1);
  });

  it('cannot carry what would not arrive unchanged', () => {
    for (const [name, value] of [
      ['x-split', 'a\r\nevil: b'],
      ['x-split', 'a\nb'],
      ['x-nul', 'a\0b'],
      ['x-control', 'a\u0001b'],
      ['x-delete', 'a\u007fb'],
      ['x-wide', '名'],
      ['x-blank', ' a'],
      ['x-blank', 'a '],
      ['', 'a'],
      ['x y', 'a'],
      ['x:y', 'a'],
      ['x\r\ny', 'a'],
      ['é', 'a'],
      ['x'.repeat(129), 'a'],
      ['x-long', 'a'.repeat(4_097)],
    ] as const) {
      assert.equal(customHeadersProblem({ [name]: value }, definition('standard')).length, 1, JSON.stringify([name, value.slice(0, 20)]));
    }
  });

  it('are bounded in number and size, and named once', () => {
    const many = Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`x-${i}`, 'a']));
    assert.deepEqual(
      customHeadersProblem(many, definition('standard')).map(({ path }) => path),
      ['/headers'],
    );
    assert.match(
      customHeadersProblem({ 'x-a': 'a'.repeat(4_000), 'x-b': 'b'.repeat(4_000) }, definition('standard'))[0]?.message ?? '',
      /in all/,
    );
    assert.match(customHeadersProblem({ 'x-a': '1', 'X-A': '2' }, definition('standard'))[0]?.message ?? '', /twice/);
    assert.equal(customHeadersProblem({ 'a/b~c': 'x' }, definition('standard'))[0]?.path, '/headers/a~1b~0c');
  });
});
