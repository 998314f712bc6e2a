import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';

import * as fc from 'fast-check';

import {
  BUILT_IN_PROFILES,
  checkSecret,
  compileProfile,
  generateSecret,
  parseProfileDefinition,
  sign,
  WaxwingError,
} from '../src/index.ts';

const LEAST = { signature: { header: 'X-Acme-Signature' } };

function problemsOf(input: unknown, name = 'acme'): readonly string[] {
  try {
    parseProfileDefinition(name, input);
  } catch (error) {
    assert.ok(error instanceof WaxwingError, String(error));
    assert.equal(error.code, 'invalid_profile');
    assert.ok(error.fields.length > 0);
    return error.fields.map(({ path, message }) => `${path} ${message}`);
  }
  return [];
}

function assertProblem(input: unknown, expected: RegExp): void {
  const problems = problemsOf(input);
  assert.ok(
    problems.some((problem) => expected.test(problem)),
    `${JSON.stringify(input)} gave ${JSON.stringify(problems)}`,
  );
}

describe('parseProfileDefinition', () => {
  it('needs a signature’s header and nothing else, and says what the rest became', () => {
    const definition = parseProfileDefinition('acme', LEAST);
    assert.deepEqual(definition, {
      name: 'acme',
      title: 'acme',
      description: '',
      envelope: { id: '{id}', type: '{type}', timestamp: '{timestamp}', data: '{data}' },
      timestampForm: 'iso',
      print: 'raw',
      eventIdPrefix: null,
      headers: {},
      signature: {
        kind: 'hmac-template',
        header: 'X-Acme-Signature',
        algorithm: 'sha256',
        content: '{body}',
        encoding: 'hex',
        prefix: '',
        timestampHeader: null,
        secret: 'utf8',
      },
      secret: { prefix: '', form: 'utf8', minBytes: 8, maxBytes: 512, warnBelowBytes: 16 },
      schedule: BUILT_IN_PROFILES.get('standard')?.definition.schedule,
      timeoutSecondsDefault: 15,
      timeoutSecondsMax: 60,
      httpsRequired: false,
      reactions: BUILT_IN_PROFILES.get('standard')?.definition.reactions,
      failingWord: 'failing',
      catalogueClosed: false,
      eventTypes: [],
    });
  });

  it('parses every definition to itself, so that what is read can be written back', () => {
    for (const { definition } of BUILT_IN_PROFILES.values()) {
      const own = { ...definition, name: 'acme' };
      assert.deepEqual(parseProfileDefinition('acme', JSON.parse(JSON.stringify(own))), own, definition.name);
    }
    const least = parseProfileDefinition('acme', LEAST);
    assert.deepEqual(parseProfileDefinition('acme', JSON.parse(JSON.stringify(least))), least);
  });

  it('names every problem at once, with its path', () => {
    const problems = problemsOf({
      colour: 'red',
      title: 7,
      signature: { header: 'X Bad', content: '{body}.{timestamp}', algorithm: 'md5', speed: 1 },
      envelope: { 'a/b': { c: 'x{id}' } },
      schedule: { delaysSeconds: [1, -1, 'soon'], jitterRatio: 2 },
      eventTypes: [{ name: 'bad name' }, { schema: 1 }],
    });
    const paths = problems.map((problem) => problem.split(' ', 1)[0]);
    for (const path of [
      '/colour',
      '/title',
      '/signature/header',
      '/signature/content',
      '/signature/algorithm',
      '/signature/speed',
      '/signature/timestampHeader',
      '/envelope/a~1b/c',
      '/schedule/delaysSeconds/1',
      '/schedule/delaysSeconds/2',
      '/schedule/jitterRatio',
      '/eventTypes/0/name',
      '/eventTypes/1/name',
      '/eventTypes/1/schema',
    ]) {
      assert.ok(paths.includes(path), `${path} in ${paths.join(' ')}`);
    }
  });

  it('refuses what is no object, and a missing signature', () => {
    for (const input of [null, [], 'x', 7, undefined]) assertProblem(input, /must be an object/);
    assertProblem({}, /^\/signature is required/);
  });

  it('refuses names that are not a-z 0-9 -, and built-in ones', () => {
    for (const name of ['', 'Acme', 'a_b', 'a.b', 'x'.repeat(65), 'standard', 'joai']) {
      assert.match(problemsOf(LEAST, name)[0] ?? '', /^path\/name /, name);
    }
    assertProblem({ ...LEAST, name: 'other' }, /^\/name must be "acme"/);
  });

  it('refuses headers that belong to HTTP or to every message, in any case of letters', () => {
    for (const header of [
      'Content-Length',
      'transfer-encoding',
      'CONNECTION',
      'Host',
      'content-type',
      'Webhook-Id',
      'Webhook-Signature',
      'Trailer',
      'TE',
      'Upgrade',
    ]) {
      assertProblem({ signature: { header } }, /^\/signature\/header /);
      assertProblem({ ...LEAST, headers: { [header]: 'x' } }, /^\/headers\//);
    }
    assertProblem({ ...LEAST, headers: { 'x-acme-signature': 'x' } }, /carries the signature/);
    assertProblem({ ...LEAST, headers: { 'X-A': '1', 'x-a': '2' } }, /stands twice/);
    assertProblem({ ...LEAST, headers: { Authorization: 'Bearer x' } }, /credential/);
    for (const value of ['a\r\nx-evil: 1', 'é', ' a', 'a ', 'a\0', 7, null])
      assertProblem({ ...LEAST, headers: { 'X-A': value } }, /^\/headers\/X-A /);
    assert.deepEqual(problemsOf({ ...LEAST, headers: { 'X-A': 'a b', 'X-Empty': '' } }), []);
  });

  it('refuses header names that are no tokens', () => {
    for (const header of ['', 'a b', 'a:b', 'a\n', 'é', '(a)']) assertProblem({ signature: { header } }, /^\/signature\/header /);
  });

  it('wants {body} in the signed content once and last, and no other braces', () => {
    for (const content of ['', '{id}', '{body}.', '{body}{body}', '{timestamp}', '{body}.{timestamp}']) {
      assertProblem({ signature: { header: 'X-A', timestampHeader: 'X-T', content } }, /^\/signature\/content must end in \{body\}/);
    }
    assertProblem({ signature: { header: 'X-A', content: '{url}.{body}' } }, /holds \{url\}/);
  });

  it('wants a header for a signed timestamp, another than the signature’s, and none for an unsigned one', () => {
    const signature = { header: 'X-A', content: '{timestamp}.{body}' };
    assertProblem({ signature }, /^\/signature\/timestampHeader must name/);
    assertProblem({ signature: { ...signature, timestampHeader: null } }, /^\/signature\/timestampHeader must name/);
    assertProblem({ signature: { ...signature, timestampHeader: 'x-a' } }, /must differ/);
    assertProblem({ signature: { header: 'X-A', timestampHeader: 'X-T' } }, /not signed/);
    assert.deepEqual(problemsOf({ signature: { ...signature, timestampHeader: 'X-T' } }), []);
  });

  it('wants an envelope of whole placeholders that holds the data', () => {
    assertProblem({ ...LEAST, envelope: { id: '{id}' } }, /must hold \{data\}/);
    assertProblem({ ...LEAST, envelope: { data: '{data}', id: 'evt-{id}' } }, /^\/envelope\/id must be \{id\} alone/);
    assertProblem({ ...LEAST, envelope: { data: '{data}', who: '{tenant}' } }, /^\/envelope\/who holds \{tenant\}/);
    assertProblem({ ...LEAST, envelope: { data: '{data}', list: [] } }, /^\/envelope\/list must be an object, not a list/);
    assertProblem({ ...LEAST, envelope: [] }, /^\/envelope must be an object/);
    assert.deepEqual(problemsOf({ ...LEAST, envelope: { a: { b: '{data}', c: 1, d: null, e: true, f: 'text' } } }), []);
  });

  it('refuses an envelope that is too deep or too large', () => {
    let deep: object = { data: '{data}' };
    for (let i = 0; i < 5000; i++) deep = { deep };
    assertProblem({ ...LEAST, envelope: deep }, /levels deep/);
    assertProblem({ ...LEAST, envelope: { data: '{data}', text: 'x'.repeat(5000) } }, /at most 4096 bytes/);
  });

  it('makes a schedule of one’s own exact unless it says otherwise, with as many retries as delays', () => {
    const { schedule } = parseProfileDefinition('acme', { ...LEAST, schedule: { delaysSeconds: [1, 2.5, 3] } });
    assert.deepEqual(schedule, { delaysSeconds: [1, 2.5, 3], maxRetriesDefault: 3, maxRetriesLimit: 25, jitterRatio: 0 });
    assert.equal(parseProfileDefinition('acme', { ...LEAST, schedule: { delaysSeconds: [] } }).schedule.maxRetriesDefault, 0);
    assertProblem({ ...LEAST, schedule: {} }, /^\/schedule\/delaysSeconds is required/);
    assertProblem(
      { ...LEAST, schedule: { delaysSeconds: [1], maxRetriesLimit: 2, maxRetriesDefault: 3 } },
      /^\/schedule\/maxRetriesDefault /,
    );
    assertProblem({ ...LEAST, schedule: { delaysSeconds: [], maxRetriesLimit: 2 } }, /^\/schedule\/maxRetriesLimit /);
    assertProblem({ ...LEAST, schedule: { delaysSeconds: Array.from({ length: 101 }, () => 1) } }, /at most 100/);
  });

  it('wants the secret’s form to agree with the signature', () => {
    assertProblem({ ...LEAST, secret: { form: 'standard' } }, /^\/secret\/form must be utf8/);
    assertProblem({ signature: { kind: 'standard-webhooks' }, secret: { form: 'utf8' } }, /^\/secret\/form must be standard/);
    assertProblem({ signature: { header: 'X-A', secret: 'utf8' }, secret: { form: 'base64' } }, /^\/secret\/form must be utf8/);
    assertProblem({ ...LEAST, secret: { minBytes: 1 } }, /^\/secret\/minBytes /);
    assertProblem({ ...LEAST, secret: { form: 'base64', prefix: 'acme' } }, /^\/secret\/prefix /);
    assert.equal(parseProfileDefinition('acme', { ...LEAST, secret: { form: 'base64' } }).signature.kind, 'hmac-template');
    assert.equal(parseProfileDefinition('acme', { signature: { kind: 'standard-webhooks' } }).secret.form, 'standard');
  });

  it('takes sha1 only when it is written out', () => {
    assert.deepEqual(problemsOf({ signature: { header: 'X-Hub-Signature', algorithm: 'sha1', prefix: 'sha1=' } }), []);
    assertProblem({ signature: { header: 'X-A', algorithm: 'SHA256' } }, /^\/signature\/algorithm must be one of/);
  });

  it('refuses two event types of one name, and fills in what a type leaves out', () => {
    assertProblem({ ...LEAST, eventTypes: [{ name: 'a.b' }, { name: 'a.b' }] }, /^\/eventTypes\/1\/name .*already/);
    assert.deepEqual(parseProfileDefinition('acme', { ...LEAST, eventTypes: [{ name: 'a.b' }] }).eventTypes, [
      { name: 'a.b', description: '', group: 'a', schema: { type: 'object', properties: {}, required: [] }, sample: {} },
    ]);
  });

  it('never throws anything but invalid_profile, whatever it is given, and what it takes renders and signs', () => {
    const keys = Object.keys(parseProfileDefinition('acme', LEAST));
    const field = fc.constantFrom(...keys);
    let taken = 0;
    fc.assert(
      fc.property(fc.dictionary(field, fc.jsonValue()), fc.boolean(), (input, withSignature) => {
        const whole = withSignature ? { ...input, ...LEAST } : input;
        if (problemsOf(whole).length > 0) return;
        taken += 1;
        const definition = parseProfileDefinition('acme', whole);
        const profile = compileProfile(definition);
        const body = profile.body({ id: 'evt_1', type: 'a.b', timestampMs: 0, data: '{"a":1}', hasUnsafeInteger: false }, 'ep_1', 'name');
        JSON.parse(body);
        const secret = generateSecret(definition.secret, randomBytes);
        assert.deepEqual(checkSecret(definition.secret, secret), { warning: null });
        sign(definition.signature, { id: 'evt_1', timestampSeconds: 1, body: Buffer.from(body) }, [secret]);
      }),
      { numRuns: 500 },
    );
    assert.ok(taken > 0, 'every input was refused');
  });
});
