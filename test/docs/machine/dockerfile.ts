// A Dockerfile, followed: its instructions done in folders, one a stage, and what the image says about how it is run.
//
// Knows the instructions that ours has, refuses others. A path of the image is one below the stage's folder.

import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { copyHouse } from './copy-house.ts';

export interface Image {
  /** The folder that stands for `/`. */
  readonly root: string;
  readonly env: { readonly [name: string]: string };
  readonly workdir: string;
  readonly user: string;
  readonly volumes: readonly string[];
  readonly healthcheck: readonly string[];
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
}

const FRESH: Omit<Image, 'root'> = { env: {}, workdir: '/', user: 'root', volumes: [], healthcheck: [], entrypoint: [], command: [] };

/** Paths of an image in a text, as they lie on this machine. */
export function placed(text: string, mounts: { readonly [path: string]: string }): string {
  return Object.entries(mounts).reduce(
    (placing, [path, place]) => placing.replaceAll(new RegExp(`(?<![\\w./-])${path}(?=[/\\s"',:]|$)`, 'g'), place),
    text,
  );
}

export function imagePaths(root: string): { readonly [path: string]: string } {
  return Object.fromEntries(['/app', '/data'].map((path) => [path, root + path]));
}

/** Builds it; the context is the house. */
export function buildImage(file: string, folder: string): Image {
  const stages = new Map<string, Image>();
  let image: Image | null = null;
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const [, instruction = '', rest = ''] = /^([A-Z]+) (.+)$/.exec(line) ?? [];
    if (instruction === 'FROM') {
      const name = / AS (\w+)$/.exec(rest)?.[1] ?? 'last';
      if (!/^node:\d+-slim\b/.test(rest)) throw new Error(`what stands in ${rest} is not known here`);
      image = { ...FRESH, root: join(folder, name) };
      mkdirSync(image.root, { recursive: true });
    } else if (image === null) throw new Error(`${line}: before FROM`);
    else image = followed(image, instruction, rest, stages);
    stages.set(basename(image.root), image);
  }
  if (image === null) throw new Error('it has no FROM');
  return image;
}

function followed(image: Image, instruction: string, rest: string, stages: ReadonlyMap<string, Image>): Image {
  switch (instruction) {
    case 'ENV':
      return { ...image, env: { ...image.env, ...Object.fromEntries(rest.split(' ').map((pair) => pair.split('='))) } };
    case 'WORKDIR':
      mkdirSync(image.root + rest, { recursive: true });
      return { ...image, workdir: rest };
    case 'COPY':
      copy(image, rest, stages);
      return image;
    case 'RUN':
      run(image, rest);
      return image;
    case 'USER':
      return { ...image, user: rest };
    case 'VOLUME':
      if (!existsSync(image.root + rest)) throw new Error(`${rest} is made by root when it is mounted: make it before`);
      return { ...image, volumes: [...image.volumes, rest] };
    case 'EXPOSE':
      return image;
    case 'HEALTHCHECK':
      return { ...image, healthcheck: parts(/CMD (\[.*\])$/.exec(rest)?.[1] ?? '') };
    case 'ENTRYPOINT':
      return { ...image, entrypoint: parts(rest) };
    case 'CMD':
      return { ...image, command: parts(rest) };
    default:
      throw new Error(`${instruction} ${rest}: is not followed here`);
  }
}

function parts(text: string): readonly string[] {
  const list: unknown = JSON.parse(text);
  if (!Array.isArray(list)) throw new Error(`${text}: is not of the exec form`);
  return list.map(String);
}

function copy(image: Image, rest: string, stages: ReadonlyMap<string, Image>): void {
  const words = rest.split(' ');
  const from = /^--from=(\w+)$/.exec(words[0] ?? '')?.[1];
  const [source = '', to = ''] = from === undefined ? words : words.slice(1);
  if (from === undefined) {
    if (source !== '.') throw new Error(`COPY ${rest}: is not followed here`);
    return copyHouse(join(image.root, image.workdir, to));
  }
  const place = (stages.get(from)?.root ?? '') + source;
  const target = join(image.root, image.workdir, to);
  cpSync(place, to.endsWith('/') ? join(target, basename(source)) : target, { recursive: true, verbatimSymlinks: true });
}

/** Whose a folder is, is for root to say; that the image's user has it is for the reader of `user` and `volumes`. */
function run(image: Image, rest: string): void {
  const script = placed(rest, imagePaths(image.root)).replaceAll(/\bchown node:node (?=\S)/g, 'test -d ');
  const cwd = join(image.root, image.workdir);
  const { status } = spawnSync('bash', ['-ec', script], { cwd, stdio: 'inherit', env: { ...process.env, ...image.env } });
  if (status !== 0) throw new Error(`RUN ${rest}: left with ${status}`);
}
