// What stands in for `systemctl` while a page is typed: `enable --now waxwing` runs the installed unit's program with the unit's
// environment and credentials; `is-active waxwing` says whether it takes events.

import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HOME, KEPT } from './places.ts';
import { startService, untilService } from './service.ts';

const KNOWN = new Set(
  (
    'Type User Group StateDirectory StateDirectoryMode UMask Environment EnvironmentFile LoadCredential ExecStart KillSignal ' +
    'TimeoutStopSec Restart RestartSec LimitNOFILE NoNewPrivileges CapabilityBoundingSet PrivateTmp PrivateDevices ProtectSystem ' +
    'ProtectHome ProtectControlGroups ProtectKernelModules ProtectKernelTunables RestrictAddressFamilies RestrictSUIDSGID ' +
    'LockPersonality SystemCallArchitectures Description Wants After WantedBy'
  ).split(' '),
);

/** The unit's settings, each with all of its values. @throws for a line or a setting that is not known */
function readUnit(file: string): ReadonlyMap<string, readonly string[]> {
  const settings = new Map<string, string[]>();
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    if (line === '' || line.startsWith('#') || /^\[(Unit|Service|Install)\]$/.test(line)) continue;
    const [, name = '', value = ''] = /^(\w+)=(.*)$/.exec(line) ?? [];
    if (!KNOWN.has(name)) throw new Error(`${file}: ${line}`);
    settings.set(name, [...(settings.get(name) ?? []), value]);
  }
  return settings;
}

const placed = (text: string): string =>
  text
    .replace(/^\/usr\/bin\/node\b/, process.execPath)
    .replaceAll(/(?<![\w.])\/(?:opt\/waxwing|var\/lib\/waxwing|etc\/waxwing)\b/g, (path) => HOME + path);

function enable(): void {
  const unit = readUnit(join(HOME, 'etc/systemd/system/waxwing.service'));
  if (unit.get('User')?.[0] !== 'waxwing') throw new Error('it would run as root');
  const credentials = join(KEPT, 'credentials');
  mkdirSync(credentials, { recursive: true });
  for (const [name = '', path = ''] of (unit.get('LoadCredential') ?? []).map((one) => one.split(':')))
    cpSync(placed(path), join(credentials, name));
  const file = placed((unit.get('EnvironmentFile')?.[0] ?? '').replace(/^-/, ''));
  const lines = [...(unit.get('Environment') ?? []), ...(existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [])];
  const env = Object.fromEntries(
    lines.map((line) => line.split('=')).map(([name = '', ...value]) => [name, placed(value.join('=').replaceAll('%d', credentials))]),
  );
  startService('unit', {
    argv: (unit.get('ExecStart')?.[0] ?? '').split(' ').map(placed),
    env: { ...env, WAXWING_PORT: process.env['WAXWING_PORT'] ?? '' },
    cwd: '/',
  });
}

const asked = process.argv.slice(2).join(' ');
if (asked === 'enable --now waxwing') enable();
else if (asked === 'is-active waxwing') {
  await untilService('unit', async () => (await fetch(`${process.env['WAXWING_URL']}/readyz`).catch(() => null))?.ok ?? false);
  console.log('active');
} else throw new Error(`systemctl ${asked} is not known here`);
