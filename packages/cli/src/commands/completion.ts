import { PROGRAM } from '../program-name.ts';
import { type Command, type ListedCommand, parseOptions } from './command.ts';
import { chosen } from './did-you-mean.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** A command as a shell completes it: its options are those its help shows. */
interface Completed {
  readonly name: string;
  readonly summary: string;
  /** With their dashes. */
  readonly options: readonly string[];
}

/** `tier0 completion bash|zsh|fish`: a script for the shell. */
export function createCompletionCommand(commands: () => readonly ListedCommand[]): Command {
  return {
    name: 'completion',
    usage: `Usage: ${PROGRAM} completion bash | zsh | fish

Prints a script that completes commands, options and files. It completes the word "tier0", as an installed command is typed.

  bash   source <(tier0 completion bash)
  zsh    source <(tier0 completion zsh)
  fish   tier0 completion fish | source`,
    async run(args, { terminal }) {
      const [given] = parseOptions('completion', args, {}).positionals;
      const shell = chosen({ name: 'The shell', given, known: SHELLS });
      terminal.write(SCRIPTS[shell](await Promise.all(commands().map(completed))));
      return 0;
    },
  };
}

async function completed({ name, summary, load }: ListedCommand): Promise<Completed> {
  const { usage } = await load();
  return { name, summary, options: optionsIn(usage) };
}

/** Every option a help text names: what people are told is what is completed. */
export function optionsIn(usage: string): readonly string[] {
  return [...new Set([...usage.matchAll(/(?<![\w-])--[a-z][a-z0-9-]*/g)].map(([option]) => option)), '--help'].filter(
    (option, at, all) => all.indexOf(option) === at,
  );
}

const SCRIPTS: Readonly<Record<(typeof SHELLS)[number], (commands: readonly Completed[]) => string>> = { bash, zsh, fish };

function bash(commands: readonly Completed[]): string {
  const cases = commands.map(({ name, options }) => `    ${name}) words="${options.join(' ')}" ;;`);
  return `# Completion of tier0 for bash.
_tier0() {
  local current="\${COMP_WORDS[COMP_CWORD]}" words=""
  if [ "$COMP_CWORD" -eq 1 ] || { [ "$COMP_CWORD" -eq 2 ] && [ "\${COMP_WORDS[1]}" = help ]; }; then
    COMPREPLY=($(compgen -W "${commands.map(({ name }) => name).join(' ')} --version --help" -- "$current"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
  esac
  case "$current" in
    -*) COMPREPLY=($(compgen -W "$words" -- "$current")) ;;
    *) COMPREPLY=($(compgen -f -- "$current")) ;;
  esac
}
complete -o filenames -F _tier0 tier0
`;
}

function zsh(commands: readonly Completed[]): string {
  const names = commands.map(({ name, summary }) => `    ${quoted(`${name}:${summary.replaceAll(':', ' ')}`)}`);
  const cases = commands.map(({ name, options }) => `    ${name}) options=(${options.join(' ')}) ;;`);
  return `#compdef tier0
# Completion of tier0 for zsh.
_tier0() {
  local -a commands options
  commands=(
${names.join('\n')}
  )
  if (( CURRENT == 2 )) || { (( CURRENT == 3 )) && [[ $words[2] == help ]]; }; then
    _describe command commands
    return
  fi
  case $words[2] in
${cases.join('\n')}
  esac
  if [[ $words[CURRENT] == -* ]]; then compadd -- $options; else _files; fi
}
compdef _tier0 tier0
`;
}

function fish(commands: readonly Completed[]): string {
  const names = commands.map(({ name, summary }) => `complete -c tier0 -n __fish_use_subcommand -f -a ${name} -d ${quoted(summary)}`);
  const options = commands.flatMap(({ name, options }) =>
    options.map((option) => `complete -c tier0 -n '__fish_seen_subcommand_from ${name}' -l ${option.slice(2)}`),
  );
  const helped = `complete -c tier0 -n '__fish_seen_subcommand_from help' -f -a '${commands.map(({ name }) => name).join(' ')}'`;
  return `# Completion of tier0 for fish.\n${[...names, helped, ...options].join('\n')}\n`;
}

/** In single quotes, as all three shells read them. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", '')}'`;
}
