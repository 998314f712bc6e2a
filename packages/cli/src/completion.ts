// Shell completion: what the command knows of itself, written as a script for bash, zsh or fish.
//
// The scripts are static: a key press starts no process. Commands, their options with descriptions, the choices of options
// that have them; files for everything else.

import type { Command, Option } from 'commander';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

interface Word {
  readonly word: string;
  readonly description: string;
}

/** One command as completion sees it. */
interface Place {
  /** `waxwing`, `waxwing endpoints`, `waxwing endpoints create`. */
  readonly path: string;
  readonly children: readonly Word[];
  readonly options: readonly (Word & { readonly choices: readonly string[]; readonly takesValue: boolean })[];
}

/** The script. Source it, or put it where the shell looks. */
export function completionScript(program: Command, shell: Shell): string {
  const places = placesOf(program, '');
  switch (shell) {
    case 'bash':
      return bashScript(program.name(), places);
    case 'zsh':
      return zshScript(program.name(), places);
    case 'fish':
      return fishScript(program.name(), places);
    default:
      return shell satisfies never;
  }
}

function placesOf(command: Command, before: string): readonly Place[] {
  const path = `${before}${command.name()}`;
  const children = command.commands.map((child) => ({ word: child.name(), description: brief(child.description()) }));
  const options = [...command.options.flatMap(wordsOf), { word: '--help', description: 'explain it', choices: [], takesValue: false }];
  return [{ path, children, options }, ...command.commands.flatMap((child) => placesOf(child, `${path} `))];
}

function wordsOf(option: Option): Place['options'] {
  const takesValue = option.required || option.optional;
  return [option.long, option.short]
    .filter((word) => word !== undefined && word !== null)
    .map((word) => ({ word, description: brief(option.description), choices: option.argChoices ?? [], takesValue }));
}

function brief(description: string): string {
  return description
    .replace(/\s+/g, ' ')
    .replace(/ ?\([^)]*\)/g, '')
    .replaceAll(/[:[\]'"`$\\]/g, '');
}

function bashScript(name: string, places: readonly Place[]): string {
  const cases = places.map(({ path, children, options }) => {
    const words = [...children.map(({ word }) => word), ...options.map(({ word }) => word)].join(' ');
    return `    '${path}') words='${words}' ;;`;
  });
  const values = places.flatMap(({ path, options }) =>
    options.flatMap(({ word, choices, takesValue }) =>
      takesValue ? [`    '${path} ${word}') values='${choices.join(' ')}'; takes=1 ;;`] : [],
    ),
  );
  return `# bash completion of ${name}. Put this in ~/.bashrc:  source <(${name} completion bash)
_${name}() {
  local current="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" path='${name}' words='' values='' takes='' index
  for ((index = 1; index < COMP_CWORD; index++)); do
    case "$path \${COMP_WORDS[index]}" in
      ${places
        .slice(1)
        .map(({ path }) => `'${path}'`)
        .join('|')}) path="$path \${COMP_WORDS[index]}" ;;
    esac
  done
  case "$path $before" in
${values.join('\n')}
  esac
  if [[ -n $takes ]]; then
    if [[ -n $values ]]; then COMPREPLY=($(compgen -W "$values" -- "$current")); else COMPREPLY=($(compgen -f -- "$current")); fi
    return
  fi
  case "$path" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  [[ \${#COMPREPLY[@]} -eq 0 ]] && COMPREPLY=($(compgen -f -- "$current"))
}
complete -o filenames -F _${name} ${name}
`;
}

function zshScript(name: string, places: readonly Place[]): string {
  const described = (words: readonly Word[]): string => words.map(({ word, description }) => `'${word}:${description}'`).join(' ');
  const cases = places.map(
    ({ path, children, options }) => `    '${path}') commands=(${described(children)}); options=(${described(options)}) ;;`,
  );
  const values = places.flatMap(({ path, options }) =>
    options.flatMap(({ word, choices, takesValue }) =>
      takesValue ? [`    '${path} ${word}') ${choices.length === 0 ? '_files' : `compadd -- ${choices.join(' ')}`}; return ;;`] : [],
    ),
  );
  return `#compdef ${name}
# zsh completion of ${name}. Put this in ~/.zshrc:  source <(${name} completion zsh)
_${name}() {
  local where='${name}' word
  local -a commands options
  for word in \${words[2,CURRENT-1]}; do
    case "$where $word" in
      ${places
        .slice(1)
        .map(({ path }) => `'${path}'`)
        .join('|')}) where="$where $word" ;;
    esac
  done
  case "$where \${words[CURRENT-1]}" in
${values.join('\n')}
  esac
  case "$where" in
${cases.join('\n')}
  esac
  if (( \${#commands} )); then _describe command commands; fi
  _describe option options
  if (( ! \${#commands} )); then _files; fi
}
compdef _${name} ${name}
`;
}

function fishScript(name: string, places: readonly Place[]): string {
  const lines = places.flatMap(({ path, children, options }) => {
    const [, ...parents] = path.split(' ');
    const here = children.map(({ word }) => word).join(' ');
    const within = [
      ...parents.map((parent) => `__fish_seen_subcommand_from ${parent}`),
      ...(here === '' ? [] : [`not __fish_seen_subcommand_from ${here}`]),
    ].join('; and ');
    const when = within === '' ? '' : ` -n '${within}'`;
    return [
      ...children.map(({ word, description }) => `complete -c ${name} -f${when} -a '${word}' -d '${description}'`),
      ...options.map(({ word, description, choices, takesValue }) => {
        const flag = word.startsWith('--') ? `-l '${word.slice(2)}'` : `-s '${word.slice(1)}'`;
        const value = takesValue ? (choices.length === 0 ? ' -r' : ` -x -a '${choices.join(' ')}'`) : '';
        return `complete -c ${name}${when} ${flag}${value} -d '${description}'`;
      }),
    ];
  });
  return `# fish completion of ${name}. Put this in ~/.config/fish/config.fish:  ${name} completion fish | source\n${lines.join('\n')}\n`;
}
