// The demo's platform: a server on a temporary store, a receiver process for each profile, a tenant and an endpoint each.
// Everything it starts it stops, whatever happens.

import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Waxwing } from '@waxwing/client';
import { BUILT_IN_PROFILES, generateSecret } from '@waxwing/protocol';
import type { Profile } from '@waxwing/protocol';

import { startServer } from '../running-server.ts';
import type { RunningServer } from '../running-server.ts';
import type { ReceiverReport } from './messages.ts';
import { startReceiver } from './receiver-handle.ts';
import type { ReceiverProcess } from './receiver-handle.ts';

const STOP_GRACE_MS = 2000;

export interface Platform {
  readonly url: string;
  readonly waxwing: Waxwing;
  readonly receivers: readonly ReceiverProcess[];
  stop(): Promise<void>;
}

export function demoProfiles(): readonly Profile[] {
  return [...BUILT_IN_PROFILES.values()];
}

/** One tenant a profile. */
export function tenantOf(profile: string): string {
  return `demo-${profile}`;
}

export async function startPlatform(onReport: (profile: string, report: ReceiverReport) => void): Promise<Platform> {
  const folder = await mkdtemp(join(tmpdir(), 'waxwing-demo-'));
  const receivers: ReceiverProcess[] = [];
  let server: RunningServer | null = null;
  async function stop(): Promise<void> {
    await server?.close(STOP_GRACE_MS);
    for (const receiver of receivers) receiver.stop();
    await rm(folder, { recursive: true, force: true });
  }
  try {
    // All at once: a process takes longer to start than all the rest together.
    const starting = demoProfiles().map(async ({ definition }) => {
      const secret = generateSecret(definition.secret, randomBytes);
      const receiver = await startReceiver({ profile: definition.name, secret }, (report) => onReport(definition.name, report));
      receivers.push(receiver);
      return { profile: definition.name, secret, url: receiver.url };
    });
    server = await startServer({
      port: 0,
      host: '127.0.0.1',
      dataFolder: folder,
      databaseUrl: null,
      databaseDirectUrl: null,
      adminKey: null,
      masterKey: null,
      allowPrivateNetworks: true,
      allowHttp: true,
      retentionDays: 1,
      defaultProfile: 'standard',
      smtpUrl: null,
      emailFrom: null,
      logLevel: 'error',
      publicUrl: null,
      management: [],
      development: false,
    });
    const { key } = await server.engine.keys.create({ name: 'demo', scope: 'admin' });
    const waxwing = new Waxwing({ url: server.url, key });
    const settled = await Promise.allSettled(starting);
    for (const result of settled) if (result.status === 'rejected') throw result.reason;
    for (const result of settled) {
      if (result.status === 'rejected') continue;
      const { profile, secret, url } = result.value;
      await waxwing.tenants.put(tenantOf(profile), { name: `Demo of ${profile}`, profile });
      await waxwing.tenant(tenantOf(profile)).endpoints.create({ url, secret, name: `Receiver of ${profile}` });
    }
    const order = demoProfiles().map((profile) => profile.definition.name);
    receivers.sort((a, b) => order.indexOf(a.profile) - order.indexOf(b.profile));
    return { url: server.url, waxwing, receivers, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
