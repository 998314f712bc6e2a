// Images and containers, as `docker` and `docker compose` have them: kept by name below a page's home.
//
// A container is the image's own program on this machine, with the image's variables and those that it is given and no others,
// its folders mounted by name.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { buildImage, imagePaths, placed, type Image } from './dockerfile.ts';
import { KEPT } from './places.ts';
import { keptService, runProgram, startService, untilService } from './service.ts';

export interface RunOptions {
  readonly name: string;
  readonly image: string;
  /** `host:container` or `address:host:container`. */
  readonly publish: string;
  /** `source:path[:ro]`. */
  readonly volumes: readonly string[];
  /** `NAME=value`. */
  readonly env: readonly string[];
}

const imageFile = (name: string): string => join(KEPT, `image-${name}.json`);

export const isBuilt = (name: string): boolean => existsSync(imageFile(name));

export function build(name: string): void {
  mkdirSync(KEPT, { recursive: true });
  const image = buildImage('Dockerfile', join(KEPT, `image-${name}`));
  if (!/^(?!root\b|0\b)\w+/.test(image.user)) throw new Error('it would run as root');
  if (image.healthcheck.length === 0) throw new Error('it has no health check');
  writeFileSync(imageFile(name), JSON.stringify(image));
}

export function start({ name, image: imageName, publish, volumes, env }: RunOptions): void {
  const image: Image = JSON.parse(readFileSync(imageFile(imageName), 'utf8'));
  const mounts: Record<string, string> = {};
  for (const [source = '', path = ''] of volumes.map((volume) => volume.split(':'))) {
    mounts[path] = isAbsolute(source) || source.startsWith('.') ? resolve(source) : join(KEPT, `volume-${source}`);
    mkdirSync(mounts[path], { recursive: true });
  }
  const paths = { ...imagePaths(image.root), ...mounts };
  const given = Object.fromEntries(env.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]));
  const all: { readonly [name: string]: string } = { PORT: publish.split(':').at(-1) ?? '', ...image.env, ...given };
  startService(name, {
    argv: [...image.entrypoint, ...image.command].map((part) => placed(part, paths)),
    env: Object.fromEntries(Object.entries(all).map(([key, value]) => [key, placed(value, paths)])),
    cwd: placed(image.workdir, paths),
  });
  writeFileSync(join(KEPT, `${name}.paths`), JSON.stringify({ paths, healthcheck: image.healthcheck }));
}

/** Resolves once its health check says so. */
export async function untilHealthy(name: string): Promise<void> {
  const { healthcheck }: { healthcheck: readonly string[] } = JSON.parse(readFileSync(join(KEPT, `${name}.paths`), 'utf8'));
  await untilService(name, () => Promise.resolve(runProgram({ ...keptService(name), argv: healthcheck }) === 0));
}

/** Runs a command beside what runs in it. */
export function execute(name: string, argv: readonly string[]): number {
  const { paths }: { paths: { readonly [path: string]: string } } = JSON.parse(readFileSync(join(KEPT, `${name}.paths`), 'utf8'));
  return runProgram({ ...keptService(name), argv: argv.map((part) => placed(part, paths)) });
}
