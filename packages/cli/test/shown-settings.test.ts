// What operators see of the settings: every one, and of no secret anything but whether it is set.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseSettings } from '../src/settings.ts';
import { shownSettings } from '../src/shown-settings.ts';

const SECRETS = {
  WAXWING_DATABASE_URL: 'postgres://app:p4ssw0rd@db.example/platform',
  WAXWING_DATABASE_DIRECT_URL: 'postgres://app:p4ssw0rd@db.example:5433/platform',
  WAXWING_ADMIN_KEY: 'an-admin-key-of-some-length',
  WAXWING_MASTER_KEY: 'm'.repeat(40),
  WAXWING_SMTP_URL: 'smtp://user:password@mail.example:587',
};

test('no secret shows in the settings, only whether it is set', () => {
  const env = { ...SECRETS, WAXWING_EMAIL_FROM: 'a@b.example', WAXWING_RETENTION_DAYS: 'forever' };
  const shown = shownSettings(parseSettings({ port: '0' }, env, () => ''));
  const text = JSON.stringify(shown);
  for (const secret of [...Object.values(SECRETS), 'p4ssw0rd', 'password']) assert.ok(!text.includes(secret), secret);
  const valueOf = (name: string): unknown => shown.find((setting) => setting.name === name)?.value;
  for (const variable of Object.keys(SECRETS)) assert.equal(shown.find((setting) => setting.variable === variable)?.value, 'set', variable);
  assert.deepEqual(
    [valueOf('port'), valueOf('retentionDays'), valueOf('publicUrl'), valueOf('emailFrom')],
    [0, 'forever', null, 'a@b.example'],
  );
});

test('every setting shows, and a secret that is not set says so', () => {
  const settings = parseSettings({}, {}, () => '');
  const shown = shownSettings(settings);
  assert.deepEqual(shown.map(({ name }) => name).toSorted(), Object.keys(settings).toSorted());
  for (const { secret, value } of shown) if (secret) assert.equal(value, 'not set');
});
