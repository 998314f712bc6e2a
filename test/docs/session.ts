// A page's terminal: its blocks typed one after the other into one folder, as a reader would.
//
// Variables and the folder that a command leaves behind hold for the next. What is replaced in what is typed, and nothing else:
// the ports of the pages by free ones, an id with an ellipsis (`ep_…`) by the one that was printed last, the folders of a
// machine by folders of the test. What a test cannot have (npm's registry, Docker, systemd, the journal) is stood in for by
// stand-ins/, which come first in the PATH.

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { ROOT } from '../../scripts/house.ts';
import { BlockError, type Block } from './blocks.ts';
import { checkYaml } from './configuration.ts';
import { ID, isPrinted, isSameJson } from './printed.ts';
import { givenModule, withGiven } from './snippet.ts';
import { Command, endGroup, freePort, isListening, within } from './terminal.ts';

const PORTS = ['8400', '3000', '8080', '8081'] as const;
const FOLDERS = /(?<![\w.])\/(?:var\/lib\/waxwing|opt\/waxwing|backup|etc\/waxwing|etc\/systemd\/system)\b/g;
const COMMAND_MS = 60_000;
/** What goes on until it is told to end, without a word of the page's that it does. */
const SERVES = /^(?:\w+=\S+ )*(?:npm ci && )?(?:npm start|(?:npx )?waxwing (?:serve|listen|tail))\b(?!.*--help)/;

export interface SessionOptions {
  readonly env?: { readonly [name: string]: string };
  /** Ports of the page that others listen on; the rest are free ones. */
  readonly ports?: { readonly [port: string]: string };
  /** Names that the page's snippets use and do not declare, each with TypeScript. */
  readonly given?: { readonly [name: string]: string };
  /** Typed before a line that begins so: what it takes for granted. */
  readonly beforeLine?: { readonly [beginning: string]: string };
  /** Where it begins; a folder of its own when not said. */
  readonly folder?: string;
}

export class Session {
  /** Programs by file, as the page shows them, for the compiler. */
  readonly programs: Map<string, string> = new Map();
  readonly #home: string;
  readonly #folder: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #ports: ReadonlyMap<string, string>;
  readonly #given: { readonly [name: string]: string };
  readonly #beforeLine: { readonly [beginning: string]: string };
  /** The latest printed id of each kind. */
  readonly #ids = new Map<string, string>();
  readonly #running: Command[] = [];
  /** Files that no command has used so far. */
  readonly #idle = new Map<string, Block>();
  /** What was typed, with what it printed. */
  readonly #typed: { readonly text: string; readonly commands: Command[] }[] = [];

  private constructor(home: string, ports: ReadonlyMap<string, string>, options: SessionOptions) {
    const project = join(home, 'project');
    this.#home = home;
    this.#folder = options.folder ?? project;
    this.#ports = ports;
    this.#given = options.given ?? {};
    this.#beforeLine = options.beforeLine ?? {};
    for (const folder of ['project', 'etc/systemd/system', 'var/lib', 'opt']) mkdirSync(join(home, folder), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(project, 'node_modules'));
    writeFileSync(join(project, 'package.json'), '{"type":"module"}\n');
    writeFileSync(join(home, 'given.ts'), '');
    const path = [
      join(import.meta.dirname, 'stand-ins'),
      join(ROOT, 'node_modules', '.bin'),
      dirname(process.execPath),
      process.env['PATH'],
    ];
    const port = ports.get('8400') ?? '';
    this.#env = {
      PATH: path.join(delimiter),
      HOME: home,
      TMPDIR: tmpdir(),
      NO_COLOR: '1',
      WAXWING_PORT: port,
      WAXWING_URL: `http://127.0.0.1:${port}`,
      WAXWING_DATA: join(home, 'waxwing-data'),
      WAXWING_LOG_LEVEL: 'error',
      MESHAGENT_PORT: ports.get('8080') ?? '',
      DOCS_ROOT: ROOT,
      DOCS_HOME: home,
      DOCS_RUN: String(process.pid),
      ...options.env,
    };
    writeFileSync(join(home, 'state.sh'), `cd '${this.#folder}'\n`);
    this.programs.set('given.ts', givenModule(this.#given));
    writeFileSync(join(project, 'given.ts'), this.#replaced(givenModule(this.#given)));
  }

  static async open(options: SessionOptions = {}): Promise<Session> {
    const ports = await Promise.all(PORTS.map(async (port) => [port, options.ports?.[port] ?? (await freePort())] as const));
    return new Session(mkdtempSync(join(tmpdir(), 'waxwing-docs-')), new Map(ports), options);
  }

  /** Types one block. @throws BlockError when it does not do what the page says */
  async play(block: Block): Promise<void> {
    switch (block.language) {
      case 'sh':
        for (const file of this.#idle.keys()) if (block.text.includes(file)) this.#idle.delete(file);
        return this.#type(block);
      case 'ts':
        return block.file === null ? this.#snippet(block) : this.#keep(block, block.file);
      case 'json':
        return block.file === null ? this.#compare(block) : this.#keep(block, block.file);
      case 'yaml':
        return checkYaml(block);
      case 'text':
        return block.text.startsWith('$ ') ? this.#repeat(block) : this.#compare(block);
      default:
        return block.language satisfies never;
    }
  }

  /** Types what the page takes for granted. Its ids count as printed. */
  prepare(page: string, text: string, runs = false): Promise<void> {
    return this.play({ page, line: 0, heading: '', language: 'sh', file: null, of: null, runs, fails: false, text });
  }

  /** What was printed of this form, as soon as it is. */
  async saw(pattern: RegExp): Promise<string> {
    const find = (): string | undefined => pattern.exec(this.#running.map(({ printed }) => printed).join(''))?.[0];
    if (!(await within(() => find() !== undefined))) throw new Error(`${String(pattern)} was not printed`);
    return find() ?? '';
  }

  /** Ends what was typed with these words and goes on. */
  async stop(typed: string): Promise<void> {
    for (const { text, commands } of this.#typed)
      if (text.includes(typed)) for (const command of commands) if (!command.hasEnded) await command.stop();
  }

  /** The port that stands in for one of the page's. */
  port(shown: string): string {
    return this.#ports.get(shown) ?? shown;
  }

  /** Ends what runs; all of it must leave with 0, and every file of the page must have been used. */
  async close(): Promise<void> {
    try {
      for (const command of this.#running.toReversed()) {
        const status = command.hasEnded ? command.status : await command.stop();
        if (status !== 0 && command.child.signalCode !== 'SIGTERM') throw new Error(`left with ${status} at SIGTERM:\n${command.printed}`);
      }
      for (const [file, block] of this.#idle) throw new BlockError(block, `no command of the page uses ${file}`);
    } finally {
      await this.abandon();
    }
  }

  /** Ends what runs, and leaves nothing behind. */
  async abandon(): Promise<void> {
    for (const command of this.#running) if (!command.hasEnded) await command.stop('SIGKILL');
    for (const group of readGroups(join(this.#home, 'groups'))) endGroup(group);
    rmSync(this.#home, { recursive: true, force: true });
  }

  /** A server among the commands goes on beside what follows, as in a terminal of its own. */
  async #type(block: Block): Promise<void> {
    const steps = block.runs ? [{ text: block.text, goesOn: true }] : stepsOf(block.text);
    const commands: Command[] = [];
    for (const { text, goesOn } of steps) {
      const script = Object.entries(this.#beforeLine).find(([beginning]) => text.startsWith(beginning));
      if (script !== undefined) await this.prepare(block.page, script[1]);
      if (goesOn) await this.#start(block, text);
      else {
        if (commands.length === 0)
          this.#typed.push({ text: steps.flatMap((step) => (step.goesOn ? [] : [step.text])).join('\n'), commands });
        commands.push(await this.#run(block, text));
      }
    }
  }

  /** Runs it to its end, in what the commands before have left behind. */
  async #run(block: Block, text: string): Promise<Command> {
    const state = join(this.#home, 'state.sh');
    const script = `. '${state}'\nset -aeo pipefail\n{ ${this.#replaced(text)}\n}\n{ export -p; echo "cd '$PWD'"; } > '${state}'\n`;
    const command = new Command(script, this.#env, this.#home);
    const status = await command.end(COMMAND_MS);
    this.#learn(command.printed);
    if (status === null) throw new BlockError(block, `it did not end; a command that goes on says \`runs\`:\n${command.printed}`);
    if ((status === 0) === block.fails) throw new BlockError(block, `it left with ${status}:\n${this.#shown(command.printed)}`);
    return command;
  }

  /** Starts what goes on; it is up when it listens on a port of the page, or, being no server of ours, has printed something. */
  async #start(block: Block, text: string): Promise<void> {
    const free = await this.#free();
    const command = new Command(`. '${join(this.#home, 'state.sh')}'\n${this.#replaced(text)}`, this.#env, this.#home);
    this.#running.push(command);
    this.#typed.push({ text, commands: [command] });
    const says = (): boolean => command.saysSomething && !/\b(?:npm start|waxwing serve)\b/.test(text);
    const up = await within(async () => command.hasEnded || says() || (await this.#free()).length < free.length);
    if (!up || (command.hasEnded && command.status !== 0))
      throw new BlockError(block, `it did not come up (${command.status}):\n${command.printed}`);
    this.#learn(command.printed);
  }

  async #free(): Promise<readonly string[]> {
    const free: string[] = [];
    for (const port of this.#ports.values()) if (!(await isListening(port))) free.push(port);
    return free;
  }

  /** A program without a name is run where it stands; one that serves goes on. */
  async #snippet(block: Block): Promise<void> {
    const file = `line-${block.line}.ts`;
    const code = withGiven(block.text, Object.keys(this.#given));
    this.programs.set(file, code);
    writeFileSync(join(this.#home, 'project', file), this.#replaced(code));
    const folder = join(this.#home, 'project'); // a program's own, also on the page that begins in the repository
    if (/\.run\(\)/.test(code)) await this.#start(block, `cd '${folder}' && exec node ${file}`);
    else this.#typed.push({ text: file, commands: [await this.#run(block, `(cd '${folder}' && node ${file})`)] });
  }

  async #keep(block: Block, file: string): Promise<void> {
    if (block.language === 'ts') this.programs.set(file, block.text);
    this.#idle.set(file, block);
    for (const [name, other] of this.#idle) if (name !== file && block.text.includes(`./${name}`)) this.#idle.delete(other.file ?? '');
    await this.#run({ ...block, fails: false }, `cat > '${file}' <<'END-OF-BLOCK'\n${block.text}END-OF-BLOCK`);
  }

  /** What the page shows as printed, was: all that a command printed, or a part of what one prints that goes on. */
  async #compare(block: Block): Promise<void> {
    const commands = this.#typed.findLast(({ text }) => block.of === null || text.includes(block.of))?.commands;
    if (commands === undefined) throw new BlockError(block, `nothing was run before it that could have printed it`);
    const goesOn = commands.some((command) => this.#running.includes(command));
    const printed = (): string => this.#shown(commands.map((command) => command.printed).join(''));
    const holds = (): boolean =>
      block.language === 'json' ? isSameJson(printed(), block.text) : isPrinted(printed(), block.text, !goesOn);
    if (!(goesOn ? await within(holds) : holds())) throw new BlockError(block, `this was printed:\n${printed()}`);
  }

  /** A run on record is made again: what it claims (`✓ …`) holds again, its figures are its own. */
  async #repeat(block: Block): Promise<void> {
    const [typed = '', ...record] = block.text.split('\n');
    const { printed } = await this.#run(block, typed.slice(2));
    const claims = record.filter((line) => /^\s*✓/.test(line));
    const missing = claims.find((claim) => !withoutFigures(printed).includes(withoutFigures(claim)));
    if (claims.length === 0 || missing !== undefined)
      throw new BlockError(block, `${missing ?? 'it claims nothing'}; this was printed:\n${printed}`);
  }

  /** Ids with an ellipsis mean the latest printed one; a list's first line is its newest. */
  #learn(text: string): void {
    const kinds = new Set<string>();
    for (const [id] of text.matchAll(ID)) {
      const kind = id.slice(0, id.indexOf('_'));
      if (!kinds.has(kind)) this.#ids.set(kind, id);
      kinds.add(kind);
    }
  }

  #replaced(text: string): string {
    return text
      .replaceAll(/\b(?:8400|3000|8080|8081)\b/g, (port) => this.#ports.get(port) ?? port)
      .replaceAll(FOLDERS, (folder) => this.#home + folder)
      .replaceAll(/\b([a-z]+)_…/g, (whole, kind: string) => this.#ids.get(kind) ?? whole)
      .replaceAll(/\bexample\.com\b/g, 'example.invalid'); // resolves nowhere: nothing leaves the machine
  }

  /** What was printed, as the page would show it. */
  #shown(text: string): string {
    let shown = text.replaceAll(this.#home, '');
    for (const [port, free] of this.#ports) shown = shown.replaceAll(new RegExp(`\\b${free}\\b`, 'g'), port);
    return shown.replaceAll('example.invalid', 'example.com');
  }
}

/** What stand-ins have started and left. */
function readGroups(file: string): readonly number[] {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean).map(Number) : [];
}

const withoutFigures = (text: string): string => text.replaceAll(/\d+/g, '#');

interface Step {
  readonly text: string;
  readonly goesOn: boolean;
}

/** A block as it is typed: at once, save that servers go on, and that a line may need an id that the one before it prints. */
function stepsOf(text: string): readonly Step[] {
  const byLine = text.includes('_…');
  const steps: Step[] = [];
  for (const line of text.split(/(?<!\\)\n/).filter((one) => /^\s*[^#\s]/.test(one))) {
    const goesOn = SERVES.test(line) || line.endsWith(' &');
    const before = steps.at(-1);
    if (goesOn || byLine || before === undefined || before.goesOn) steps.push({ text: line.replace(/ &$/, ''), goesOn });
    else steps[steps.length - 1] = { text: `${before.text}\n${line}`, goesOn };
  }
  return steps;
}
