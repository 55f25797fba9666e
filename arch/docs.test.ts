import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = dirname(import.meta.dirname);
const documents = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '*.md'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\0')
  .filter((file) => file !== '' && existsSync(join(root, file)));

interface CodeBlock {
  readonly language: string;
  readonly text: string;
}

function codeBlocks(file: string): readonly CodeBlock[] {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map((match) => ({ language: match[1] ?? '', text: match[2] ?? '' }));
}

/** Commands that documents show and this test does not run, with where they are shown to work. */
const NOT_RUN_HERE: readonly { readonly command: RegExp; readonly why: string }[] = [
  { command: /^npm test$/, why: 'it is what runs this test' },
  { command: /--interactive/, why: 'asks a person; packages/cli/src/play tests answer for one' },
  { command: /^pnpm tier0 run /, why: 'needs a cluster; packages/cli/src/run tests start one' },
  { command: /^pnpm tier0 serve /, why: 'needs a cluster; packages/cli/src/duty tests and examples/05-on-duty have one' },
  { command: /^pnpm tier0 doctor /, why: 'says what this machine lacks; packages/cli/src/doctor tests seed the faults' },
  { command: /^npm start$/, why: 'examples/01-memory-pressure is run by scripts/check.mjs' },
];

/** The whole comparison takes two minutes; three of its scenarios show that the command works. */
const FEW_SCENARIOS = ['bad-image', 'missing-config-key', 'a-quiet-sunday'].flatMap((name) => ['--scenario', name]);

/** A documented command as it runs here: on this Node, with results in a folder of its own. */
function toProcess(command: string, out: string): readonly string[] {
  const [tool, verb, ...rest] = command.split(/\s+/);
  const source = ['--conditions=tier0-source'];
  if (tool === 'npm' && verb === 'start')
    return [...source, 'examples/01-memory-pressure/main.ts', ...rest.filter((part) => part !== '--'), '--out', out];
  if (tool === 'npm' && verb === 'run' && rest[0] === 'eval')
    return [
      ...source,
      'packages/cli/src/main.ts',
      'eval',
      ...FEW_SCENARIOS,
      ...rest.slice(1).filter((part) => part !== '--'),
      '--out',
      out,
    ];
  if (tool === 'pnpm' && verb === 'tier0') {
    const args = rest.map((part) => part.replace(/^out\//, `${out}/`));
    return [
      ...source,
      'packages/cli/src/main.ts',
      ...args,
      ...(['audit', 'diagnose', 'config', 'explain', 'impact'].includes(args[0] ?? '') ? [] : ['--out', out]),
    ];
  }
  throw new Error(`The document shows "${command}", which this test cannot run: teach it, or say why not in NOT_RUN_HERE.`);
}

/** Guides whose `sh` blocks run here; in `bash` blocks stands what needs a cluster, a forge or a file of the reader's own. */
const GUIDES = ['first-ten-minutes', 'your-cluster', 'your-repository', 'prometheus', 'policy', 'write-a-rule']
  .concat(['trust-and-safety', 'operations', 'troubleshooting', 'on-duty', 'patterns'])
  .map((name) => `docs/guides/${name}.md`);

describe('commands of the README and the guides', () => {
  const out = join(root, 'out/readme');
  rmSync(out, { recursive: true, force: true });
  const commands = ['README.md', ...GUIDES]
    .flatMap(codeBlocks)
    .filter((block) => block.language === 'sh')
    .flatMap((block) => block.text.split('\n'))
    .map((line) => line.replace(/\s+#.*$/, '').trim())
    .filter((line) => line !== '' && !NOT_RUN_HERE.some(({ command }) => command.test(line)));

  test.each([...new Set(commands)])(
    '%s ends well',
    (command) => {
      const result = spawnSync(process.execPath, [...toProcess(command, out)], { cwd: root, encoding: 'utf8' });
      expect(`${result.stderr}\nexit code ${result.status}`).toMatch(/exit code 0$/);
    },
    90_000,
  );
});

describe('documents', () => {
  test.each(documents)('links of %s lead somewhere', (file) => {
    const text = readFileSync(join(root, file), 'utf8').replace(/```[\s\S]*?```/g, '');
    const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)]
      .map((match) => match[1] ?? '')
      .filter((target) => !/^(https?:|mailto:|#)/.test(target));
    const dead = targets.filter((target) => !existsSync(resolve(root, dirname(file), target.replace(/#.*$/, ''))));
    expect(dead).toEqual([]);
  });

  test('paths they name in backticks exist', () => {
    const dead = documents
      .filter((file) => !file.startsWith('scenarios/'))
      .flatMap((file) => {
        const text = readFileSync(join(root, file), 'utf8').replace(/```[\s\S]*?```/g, '');
        const paths = [...text.matchAll(/`((?:packages|scenarios|examples|docs|arch|scripts)\/[\w./-]+)`/g)].map((match) => match[1] ?? '');
        return paths.filter((path) => !existsSync(join(root, path))).map((path) => `${file}: ${path}`);
      });
    expect(dead).toEqual([]);
  });

  test('AGENTS.md stays a map: under 80 lines', () => {
    expect(readFileSync(join(root, 'AGENTS.md'), 'utf8').split('\n').length).toBeLessThan(80);
  });
});

test('no file speaks of one machine or of a registry host', () => {
  const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  }).split('\0');
  const telling = new RegExp(['/wo' + 'rk/', '/ro' + 'ot/', 'registry\\.npm' + 'js\\.org', 'deb\\.deb' + 'ian\\.org'].join('|'));
  const wrong = files.filter(
    (file) =>
      /\.(ts|mjs|js|json|md|yaml|yml|txt)$/.test(file) &&
      existsSync(join(root, file)) &&
      telling.test(readFileSync(join(root, file), 'utf8')),
  );
  expect(wrong).toEqual([]);
});
