// What stands in for `docker compose` while a page is typed: our compose.yaml, read strictly, its server started as an image is,
// its database as a PostgreSQL that the house carries.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { build, isBuilt, start, untilHealthy } from './container.ts';
import { HOUSE, KEPT } from './places.ts';
import { startService, stopService, untilService } from './service.ts';

interface Service {
  readonly build?: string;
  readonly image?: string;
  readonly ports?: readonly string[];
  readonly environment?: { readonly [name: string]: string };
  readonly secrets?: readonly string[];
  readonly volumes?: readonly string[];
  readonly depends_on?: { readonly [service: string]: { readonly condition: string } };
  readonly healthcheck?: { readonly test: readonly string[] };
}

interface Composition {
  readonly services: { readonly [name: string]: Service };
  readonly secrets: { readonly [name: string]: { readonly file: string } };
  readonly volumes: { readonly [name: string]: null };
}

const SERVICE_KEYS = new Set(
  'build image restart ports environment secrets depends_on stop_grace_period read_only tmpfs cap_drop security_opt volumes healthcheck'.split(
    ' ',
  ),
);

/** @throws when a service names what is not there, or has a key that Compose does not know */
function readComposition(): Composition {
  const file: Composition = parse(readFileSync('compose.yaml', 'utf8'));
  for (const [name, service] of Object.entries(file.services)) {
    for (const key of Object.keys(service)) if (!SERVICE_KEYS.has(key)) throw new Error(`${name}: ${key} is no key of a service`);
    for (const secret of service.secrets ?? []) readFileSync(file.secrets[secret]?.file ?? `no secret ${secret}`);
    for (const volume of service.volumes ?? [])
      if (!(volume.split(':')[0] ?? '' in file.volumes)) throw new Error(`${name}: there is no volume ${volume}`);
    for (const [other, { condition }] of Object.entries(service.depends_on ?? {}))
      if (condition === 'service_healthy' && file.services[other]?.healthcheck === undefined)
        throw new Error(`${other} has no health check`);
    for (const value of Object.values(service.environment ?? {})) {
      const secret = /^\/run\/secrets\/(.+)$/.exec(value)?.[1];
      if (secret !== undefined && service.secrets?.includes(secret) !== true) throw new Error(`${name} is not given the secret ${secret}`);
    }
  }
  return file;
}

export async function composeUp(): Promise<void> {
  const { services, secrets } = readComposition();
  const { waxwing, postgres, ...others } = services;
  if (waxwing === undefined || postgres?.environment === undefined) throw new Error('it has a server and a database');
  if (Object.keys(others).length > 0) throw new Error(`${Object.keys(others).join()} is not known here`);

  mkdirSync(KEPT, { recursive: true });
  const announced = join(KEPT, 'postgres.url');
  const { POSTGRES_USER: user = '', POSTGRES_DB: database = '' } = postgres.environment;
  startService('postgres', {
    argv: [process.execPath, join(HOUSE, 'test/docs/machine/postgres-process.ts'), announced, user, database],
    env: {},
    cwd: HOUSE,
  });
  let address = '';
  await untilService('postgres', () => {
    address = readAnnounced(announced);
    return Promise.resolve(address !== '');
  });

  const mounted = join(KEPT, 'secrets');
  mkdirSync(mounted, { recursive: true });
  for (const name of waxwing.secrets ?? [])
    writeFileSync(join(mounted, name), readFileSync(secrets[name]?.file ?? '', 'utf8').replace('@postgres:5432', `@${address}`));
  const image = waxwing.image ?? 'composed';
  if (!isBuilt(image)) build(image);
  const env = Object.entries(waxwing.environment ?? {}).map(([name, value]) => `${name}=${value}`);
  const published = process.env['WAXWING_PORT'] ?? '';
  if (waxwing.ports?.some((port) => /(^|:)8400:8400$/.test(port)) !== true) throw new Error('its port is not published');
  start({ name: 'composed', image, publish: `127.0.0.1:${published}:${published}`, volumes: [`${mounted}:/run/secrets:ro`], env });
  await untilHealthy('composed');
}

export async function composeDown(): Promise<void> {
  await stopService('composed');
  await stopService('postgres');
}

function readAnnounced(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
