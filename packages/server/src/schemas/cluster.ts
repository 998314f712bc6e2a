// The deployment as operators see it.

import Type from 'typebox';
import type { Cluster, Setting } from '@waxwing/protocol';
import { exactly, named, nullable, open, string, time, word } from './schema.ts';
import type { NamedSchema, Schema } from './schema.ts';

const KINDS = ['sqlite', 'postgres', 'model'] as const satisfies readonly Cluster['store']['kind'][];
const STATES = ['running', 'stalled', 'draining'] as const satisfies readonly Cluster['nodes'][number]['state'][];

export const cluster: NamedSchema<Cluster> = named(
  'Cluster',
  exactly<Cluster>()(
    open({
      nodes: Type.Array(
        open({
          id: string(),
          version: string(),
          startedAt: time(),
          state: word(STATES),
          shards: Type.Integer({ description: 'How many shards it owns.' }),
        }),
      ),
      shards: Type.Integer({ description: 'Slices of the endpoints; each is owned by one node at a time.' }),
      store: open({
        kind: word(KINDS),
        bytes: Type.Integer({ description: 'What it takes on disk.' }),
        events: Type.Integer(),
        deliveries: open({
          pending: Type.Integer(),
          delivered: Type.Integer(),
          failed: Type.Integer(),
          cancelled: Type.Integer(),
          skipped: Type.Integer(),
        }),
      }),
    }),
  ),
);

const value: Schema<Setting['value']> = Type.Unsafe<Setting['value']>({
  type: ['string', 'number', 'boolean', 'null'],
  description: 'Of a secret, only `set` or `not set`; null for none.',
});

export interface SettingsAnswer {
  readonly data: readonly Setting[];
}

export const settings: NamedSchema<SettingsAnswer> = named(
  'Settings',
  exactly<SettingsAnswer>()(
    open({
      data: Type.Array(
        open({
          name: string(),
          variable: nullable<string>(string('The environment variable that sets it.')),
          secret: Type.Boolean(),
          value,
        }),
      ),
    }),
  ),
);

export const clusterExample: Cluster = {
  nodes: [{ id: 'local', version: '0.1.0', startedAt: '2026-05-12T09:00:00.000Z', state: 'running', shards: 1 }],
  shards: 1,
  store: {
    kind: 'sqlite',
    bytes: 73_400_320,
    events: 18_240,
    deliveries: { pending: 3, delivered: 24_018, failed: 12, cancelled: 1, skipped: 40 },
  },
};

export const settingsExample: SettingsAnswer = {
  data: [
    { name: 'retentionDays', variable: 'WAXWING_RETENTION_DAYS', secret: false, value: 30 },
    { name: 'masterKey', variable: 'WAXWING_MASTER_KEY', secret: true, value: 'set' },
  ],
};
