import assert from 'node:assert/strict';
import { test } from 'node:test';

import { WaxwingError } from '@waxwing/protocol';

import { parseSettings, unknownVariables } from '../src/settings.ts';
import type { SettingFlags } from '../src/settings.ts';

const FILES: { readonly [path: string]: string } = { '/run/admin': 'an-admin-key-of-24-bytes!\n', '/run/empty': '\n' };

function readFile(path: string): string {
  const text = FILES[path];
  if (text === undefined) throw new Error('no such file');
  return text;
}

function faultsOf(flags: SettingFlags, env: { readonly [name: string]: string }): readonly string[] {
  try {
    parseSettings(flags, env, readFile);
  } catch (error) {
    assert.ok(error instanceof WaxwingError);
    assert.equal(error.code, 'invalid_setting');
    for (const { path } of error.fields) assert.ok(error.message.includes(path), 'the message names every setting');
    return error.fields.map(({ path, message }) => `${path} ${message}`);
  }
  return [];
}

test('with nothing given, the defaults stand, and nothing is permitted', () => {
  assert.deepEqual(parseSettings({}, {}, readFile), {
    port: 8400,
    host: '127.0.0.1',
    dataFolder: './waxwing-data',
    databaseUrl: null,
    databaseDirectUrl: null,
    adminKey: null,
    masterKey: null,
    allowPrivateNetworks: false,
    allowHttp: false,
    defaultProfile: 'standard',
    retentionDays: 30,
    smtpUrl: null,
    emailFrom: null,
    logLevel: 'warn',
    publicUrl: null,
    management: [],
    development: false,
  });
});

test('a flag wins over the environment, WAXWING_PORT over PORT, and each over the default', () => {
  assert.equal(parseSettings({ port: '1' }, { WAXWING_PORT: '2', PORT: '3' }, readFile).port, 1);
  assert.equal(parseSettings({}, { WAXWING_PORT: '2', PORT: '3' }, readFile).port, 2);
  assert.equal(parseSettings({}, { PORT: '3' }, readFile).port, 3);
});

test('a secret comes from its variable or from the file that …_FILE names, not from both', () => {
  assert.equal(parseSettings({}, { WAXWING_ADMIN_KEY: 'another-admin-key-24-bytes' }, readFile).adminKey, 'another-admin-key-24-bytes');
  assert.equal(parseSettings({}, { WAXWING_ADMIN_KEY_FILE: '/run/admin' }, readFile).adminKey, 'an-admin-key-of-24-bytes!');
  assert.match(
    faultsOf({}, { WAXWING_ADMIN_KEY: 'another-admin-key-24-bytes', WAXWING_ADMIN_KEY_FILE: '/run/admin' }).join(),
    /WAXWING_ADMIN_KEY_FILE is set beside/,
  );
  assert.match(faultsOf({}, { WAXWING_MASTER_KEY_FILE: '/run/nothing' }).join(), /WAXWING_MASTER_KEY_FILE cannot be read: no such file/);
  assert.match(faultsOf({}, { WAXWING_MASTER_KEY_FILE: '/run/empty' }).join(), /WAXWING_MASTER_KEY_FILE names an empty file/);
});

test('development mode permits what it needs, and refuses to be contradicted', () => {
  const settings = parseSettings({ dev: true }, {}, readFile);
  assert.deepEqual([settings.development, settings.allowHttp, settings.allowPrivateNetworks], [true, true, true]);
  assert.match(faultsOf({ dev: true }, { WAXWING_ALLOW_HTTP: 'false' }).join(), /WAXWING_ALLOW_HTTP is false, but --dev needs it/);
});

test('retention is a number of days, or forever', () => {
  assert.equal(parseSettings({}, { WAXWING_RETENTION_DAYS: '7' }, readFile).retentionDays, 7);
  assert.equal(parseSettings({ retentionDays: 'forever' }, { WAXWING_RETENTION_DAYS: '7' }, readFile).retentionDays, Infinity);
  for (const days of ['0', '-1', '1.5', 'never', ''])
    assert.match(faultsOf({}, { WAXWING_RETENTION_DAYS: days }).join(), /WAXWING_RETENTION_DAYS (must be a whole number|is set but empty)/);
});

test('management names platforms, each once, and says which it does not know', () => {
  assert.deepEqual(parseSettings({ management: 'joai, meshagent,joai' }, {}, readFile).management, ['joai', 'meshagent']);
  assert.deepEqual(parseSettings({}, { WAXWING_MANAGEMENT: 'humanconnection,meetloyd' }, readFile).management, [
    'humanconnection',
    'meetloyd',
  ]);
  assert.match(
    faultsOf({ management: 'joai,meshagnet' }, {}).join(),
    /--management must be platforms .* got "meshagnet"; did you mean meshagent\?/,
  );
  assert.match(faultsOf({}, { WAXWING_MANAGEMENT: 'joai,' }).join(), /WAXWING_MANAGEMENT must be platforms .* got ""/);
});

test('all that is wrong is said at once, each by its name', () => {
  const faults = faultsOf(
    { port: '70000', publicUrl: 'example.com' },
    {
      WAXWING_HOST: 'a b',
      WAXWING_ALLOW_HTTP: 'maybe',
      WAXWING_LOG_LEVEL: 'loud',
      WAXWING_ADMIN_KEY: 'short',
      WAXWING_DATA: '',
      WAXWING_DEFAULT_PROFILE: 'A B',
    },
  );
  const named = faults.map((fault) => fault.split(' ')[0]).toSorted();
  assert.deepEqual(named, [
    '--port',
    '--public-url',
    'WAXWING_ADMIN_KEY',
    'WAXWING_ALLOW_HTTP',
    'WAXWING_DATA',
    'WAXWING_DEFAULT_PROFILE',
    'WAXWING_HOST',
    'WAXWING_LOG_LEVEL',
  ]);
});

test('a mail server needs a sender, and a sender a mail server; neither’s fault repeats a password', () => {
  const smtp = { WAXWING_SMTP_URL: 'smtp://u:p4ssw0rd@mail.example:587', WAXWING_EMAIL_FROM: 'Waxwing <w@example.com>' };
  const settings = parseSettings({}, smtp, readFile);
  assert.deepEqual([settings.smtpUrl, settings.emailFrom], Object.values(smtp));
  assert.deepEqual(
    faultsOf({}, { WAXWING_SMTP_URL: smtp.WAXWING_SMTP_URL }).map((fault) => fault.split(' ')[0]),
    ['WAXWING_EMAIL_FROM'],
  );
  assert.match(faultsOf({}, { WAXWING_EMAIL_FROM: smtp.WAXWING_EMAIL_FROM }).join(), /WAXWING_EMAIL_FROM is set, but no mail server is/);
  const wrong = faultsOf({}, { WAXWING_SMTP_URL: 'http://u:p4ssw0rd@mail.example', WAXWING_EMAIL_FROM: 'not an address' });
  assert.deepEqual(
    wrong.map((fault) => fault.split(' ')[0]),
    ['WAXWING_SMTP_URL', 'WAXWING_EMAIL_FROM'],
  );
  assert.doesNotMatch(wrong.join(), /p4ssw0rd/);
});

test('a database is the store in place of the folder, from a flag, a variable or a file, and takes a master key', () => {
  const key = { WAXWING_MASTER_KEY: 'm'.repeat(40) };
  const url = 'postgres://app:p4ssw0rd@db.example:5432/platform';
  assert.equal(parseSettings({ databaseUrl: url }, key, readFile).databaseUrl, url);
  assert.equal(parseSettings({}, { ...key, WAXWING_DATABASE_URL: url }, readFile).databaseUrl, url);
  assert.equal(parseSettings({}, { ...key, WAXWING_DATABASE_URL_FILE: '/run/url' }, () => `${url}\n`).databaseUrl, url);
  assert.match(faultsOf({ databaseUrl: url }, {}).join(), /^WAXWING_MASTER_KEY is missing beside the database/);
  assert.match(faultsOf({ databaseUrl: url, data: 'x' }, key).join(), /^--data is given beside --database-url/);
  for (const wrong of ['mysql://app:p4ssw0rd@db/x', 'postgres://app:p4ssw0rd@db.example', 'db']) {
    const faults = faultsOf({}, { ...key, WAXWING_DATABASE_URL: wrong }).join();
    assert.match(faults, /^WAXWING_DATABASE_URL must be a database as postgres:/);
    assert.doesNotMatch(faults, /p4ssw0rd/);
  }
});

test('the way past a pooler is a database too, from a flag, a variable or a file, and is nothing without the pooled one', () => {
  const pooled = { WAXWING_MASTER_KEY: 'm'.repeat(40), WAXWING_DATABASE_URL: 'postgres://app@pooler.example:6432/platform' };
  const direct = 'postgres://app:p4ssw0rd@db.example/platform';
  assert.equal(parseSettings({ databaseDirectUrl: direct }, pooled, readFile).databaseDirectUrl, direct);
  assert.equal(parseSettings({}, { ...pooled, WAXWING_DATABASE_DIRECT_URL: direct }, readFile).databaseDirectUrl, direct);
  assert.equal(parseSettings({}, { ...pooled, WAXWING_DATABASE_DIRECT_URL_FILE: '/run/url' }, () => direct).databaseDirectUrl, direct);
  assert.match(faultsOf({ databaseDirectUrl: direct }, {}).join(), /^--database-direct-url is given without --database-url/);
  const wrong = faultsOf({}, { ...pooled, WAXWING_DATABASE_DIRECT_URL: 'mysql://app:p4ssw0rd@db/x' }).join();
  assert.match(wrong, /^WAXWING_DATABASE_DIRECT_URL must be a database as postgres:/);
  assert.doesNotMatch(wrong, /p4ssw0rd/);
});

test('a variable that no setting has is named, with the one that was meant', () => {
  assert.deepEqual(unknownVariables({ WAXWING_ALLOW_HTTPS: '1', WAXWING_PORT: '1', WAXWING_TENANT: 'a', PATH: '/' }), [
    { name: 'WAXWING_ALLOW_HTTPS', near: 'WAXWING_ALLOW_HTTP' },
  ]);
});
