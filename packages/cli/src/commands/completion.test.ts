import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { removeFolders, temporaryFolder } from '../testing/temporary-folder.ts';
import { createTestEnvironment } from '../testing/test-environment.ts';
import { dispatch } from './dispatch.ts';
import { COMMANDS } from './index.ts';

afterAll(removeFolders);

type Shell = 'bash' | 'zsh' | 'fish';

/** What stands before the cursor, and a word that a person is offered there. Of the last, only that it is not. */
const TYPED: readonly (readonly [readonly string[], string, string])[] = [
  [['diag'], 'diagnose', 'record'],
  [['help', 'expl'], 'explain', 'diagnose'],
  [['diagnose', '--sna'], '--snapshot', '--repository'],
  [['propose', '--dry'], '--dry-run', '--snapshot'],
];

/** Loads the script as a person's own shell does, and prints what it offers, one word a line. */
const ASK: Readonly<Record<Shell, (file: string, words: readonly string[]) => readonly string[]>> = {
  bash: (file, words) => [
    '--norc',
    '--noprofile',
    '-c',
    `source "$0"; COMP_WORDS=(tier0 "$@"); COMP_CWORD=$#; complete -p tier0 >&2; _tier0; printf "%s\\n" "\${COMPREPLY[@]}"`,
    file,
    ...words,
  ],
  // zsh offers words only to its line editor: its own builtins are asked what they were handed, and filter as it would.
  zsh: (file, words) => [
    '-f',
    '-c',
    `autoload -Uz compinit; compinit -u -D; source "$1"; shift
     _describe() { local word; for word in \${(P)2}; do [[ $word == $words[CURRENT]* ]] && print -r -- \${word%%:*}; done }
     compadd() { local word; for word in "$@"; do [[ $word == $words[CURRENT]* ]] && print -r -- $word; done }
     _files() { print -r -- FILES }
     [[ $_comps[tier0] == _tier0 ]] || exit 3
     words=(tier0 "$@"); CURRENT=$#words; _tier0; true`,
    'zsh',
    file,
    ...words,
  ],
  fish: (file, words) => [
    '--no-config',
    '-c',
    `source $argv[1]; complete -C "tier0 $argv[2..-1]" | string split -f1 \\t; true`,
    file,
    ...words,
  ],
};

test.for(['bash', 'zsh', 'fish'] as const)(
  'a %s that has loaded the script offers commands and options (skipped where it is not on PATH)',
  async (shell, { skip }) => {
    if (spawnSync(shell, ['--version']).status !== 0) skip(`${shell} is not on PATH`);
    const environment = createTestEnvironment();
    await dispatch(['completion', shell], COMMANDS, environment);
    const file = join(await temporaryFolder(), `tier0.${shell}`);
    writeFileSync(file, environment.output());
    for (const [words, offered, other] of TYPED) {
      const { stdout, stderr, status } = spawnSync(shell, ASK[shell](file, words), { encoding: 'utf8', timeout: 20_000 });
      const given = stdout.trim().split('\n');
      expect({ words, status, given, stderr }).toMatchObject({ status: 0, given: expect.arrayContaining([offered]) });
      expect(given).not.toContain(other);
    }
  },
);
