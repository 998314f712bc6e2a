// What stands in for `gcloud run services replace FILE`: the service read as Cloud Run reads it, and its container's variables
// judged by the server's own reading of its settings.

import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { parseSettings, unknownVariables } from '../../../packages/cli/src/settings.ts';

interface Named {
  readonly name: string;
}

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Named;
  readonly spec: {
    readonly template: {
      readonly metadata: { readonly annotations: { readonly [name: string]: unknown } };
      readonly spec: {
        readonly containers: readonly {
          readonly ports: readonly { readonly containerPort: number }[];
          readonly env: readonly (Named & { readonly value: string })[];
          readonly volumeMounts: readonly (Named & { readonly mountPath: string })[];
        }[];
        readonly volumes: readonly (Named & { readonly secret: { readonly items: readonly { readonly path: string }[] } })[];
      };
    };
  };
}

const [run, services, replace, file = ''] = process.argv.slice(2);
if ([run, services, replace].join(' ') !== 'run services replace')
  throw new Error('gcloud run services replace FILE is what is known here');
const { apiVersion, kind, metadata, spec }: Manifest = parse(readFileSync(file, 'utf8'));
if (apiVersion !== 'serving.knative.dev/v1' || kind !== 'Service') throw new Error('it is no service');
const { annotations } = spec.template.metadata;
for (const [name, value] of Object.entries(annotations)) if (typeof value !== 'string') throw new Error(`${name}: an annotation is a text`);
const { containers, volumes } = spec.template.spec;
const [container] = containers;
if (container === undefined || containers.length !== 1) throw new Error('it has one container');

/** The files that its mounts hold. */
const files = new Set(
  container.volumeMounts.flatMap(({ name, mountPath }) => {
    const volume = volumes.find((one) => one.name === name);
    if (volume === undefined) throw new Error(`there is no volume ${name}`);
    return volume.secret.items.map(({ path }) => `${mountPath}/${path}`);
  }),
);
const given = {
  PORT: String(container.ports[0]?.containerPort),
  ...Object.fromEntries(container.env.map(({ name, value }) => [name, value])),
};
const stray = unknownVariables(given);
if (stray.length > 0) throw new Error(`${stray.map(({ name }) => name).join()}: there is no such setting`);
parseSettings({}, given, (path) => {
  if (!files.has(path)) throw new Error(`${path} is not mounted`);
  return path.includes('database') ? 'postgres://waxwing:secret@10.0.0.3:5432/waxwing' : 'a-secret-of-more-than-24-characters';
});
console.log(`Service [${metadata.name}] can be replaced`);
