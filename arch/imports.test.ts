import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { expect, test } from 'vitest';

const root = dirname(import.meta.dirname);

/** Core and its entry points for what needs Node. */
const CORE = ['@tier0/core', '@tier0/core/http', '@tier0/core/files', '@tier0/core/kubernetes'] as const;

/** Rooms of agents with doors of their own: what speaks to models and to other agents. */
const AGENTS = ['models', 'loop', 'tools', 'assist', 'mcp', 'patterns', 'report'].map((room) => `@tier0/agents/${room}`);

/** What each package's production code may import of ours. Siblings meet through core only; the composition root may import everything. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  core: [],
  cmdb: CORE,
  agents: CORE,
  gitops: CORE,
  eval: CORE,
  cli: [
    ...CORE,
    '@tier0/cmdb',
    '@tier0/cmdb/stores/postgres',
    '@tier0/agents',
    ...AGENTS,
    '@tier0/gitops',
    '@tier0/eval',
    '@tier0/eval/cluster',
  ],
};

/** Further modules core may import; everybody else lists theirs in package.json. */
const CORE_MAY_IMPORT = /^(zod|node:.+)$/;

function sourceFiles(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !file.includes(`${sep}node_modules${sep}`) && !file.includes(`${sep}dist${sep}`));
}

function isProduction(file: string): boolean {
  return !file.endsWith('.test.ts') && !/[/\\](testing|fixtures)[/\\]/.test(file);
}

function importsOf(file: string): readonly string[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/(?:^|\n)\s*(?:import|export)\s[^;]*?from\s+'([^']+)'|import\('([^']+)'\)/g)].map(
    (match) => match[1] ?? match[2] ?? '',
  );
}

const packages = Object.keys(ALLOWED);

test.each(packages)('production code of %s imports only what the architecture allows', (name) => {
  const wrong = sourceFiles(join(root, 'packages', name, 'src'))
    .filter(isProduction)
    .flatMap((file) => importsOf(file).map((target) => ({ file: relative(root, file), target })))
    .filter(({ target }) => target.startsWith('@tier0/') || target === 'tier0')
    .filter(({ target }) => !ALLOWED[name]?.includes(target));
  expect(wrong).toEqual([]);
});

test('core imports zod and nothing else', () => {
  const wrong = sourceFiles(join(root, 'packages/core/src'))
    .filter(isProduction)
    .flatMap((file) => importsOf(file).map((target) => ({ file: relative(root, file), target })))
    .filter(({ target }) => !target.startsWith('.') && !CORE_MAY_IMPORT.test(target));
  expect(wrong).toEqual([]);
});

test('no package reaches into the folder of another', () => {
  const wrong = packages.flatMap((name) => {
    const home = join(root, 'packages', name);
    return sourceFiles(join(home, 'src'))
      .flatMap((file) => importsOf(file).map((target) => ({ file, target })))
      .filter(({ target }) => target.startsWith('.'))
      .filter(({ file, target }) => !join(dirname(file), target).startsWith(home + sep))
      .map(({ file, target }) => `${relative(root, file)} -> ${target}`);
  });
  expect(wrong).toEqual([]);
});

/** Files outside the composition roots that may touch the environment, and why. */
const ENVIRONMENT_EXCEPTIONS: Readonly<Record<string, string>> = {
  'packages/cmdb/src/sources/kubernetes/kubeconfig/exec-credential.ts':
    'hands its environment on to the credential plugin that a kubeconfig names, as kubectl does, and reads no setting of its own',
  'packages/gitops/src/git/git.ts': 'hands a short list (PATH, proxies, certificates) on to git, and reads no setting of its own',
  'packages/gitops/src/locate/caged-program.ts': 'looks for kubectl and helm on PATH, and hands nothing on',
  'packages/gitops/src/gate/gatekeeper/opa.ts': 'looks for opa on PATH, and hands nothing on',
};

test('only the composition roots read the environment', () => {
  const readers = packages
    .filter((name) => name !== 'cli')
    .flatMap((name) => sourceFiles(join(root, 'packages', name, 'src')).filter(isProduction))
    .filter((file) => /process\.env\b/.test(readFileSync(file, 'utf8')))
    .map((file) => relative(root, file))
    .filter((file) => !(file in ENVIRONMENT_EXCEPTIONS));
  expect(readers).toEqual([]);
});

test('there is no shell: no process is started from a command string', () => {
  const shells = packages
    .flatMap((name) => sourceFiles(join(root, 'packages', name, 'src')))
    .filter((file) => /\bexecSync\(|\bexec\(['"`]|shell:\s*true/.test(readFileSync(file, 'utf8')))
    .map((file) => relative(root, file));
  expect(shells).toEqual([]);
});

test('no folder is a drawer for everything', () => {
  const drawers = /[/\\](utils?|helpers?|common|misc|types)[/\\.]/;
  expect(
    packages
      .flatMap((name) => sourceFiles(join(root, 'packages', name, 'src')))
      .map((file) => relative(root, file))
      .filter((file) => drawers.test(file)),
  ).toEqual([]);
});

test('no scenario and no workload of one is named in product code', () => {
  const scenarios = ['written', 'generated'].flatMap((shelf) => readdirSync(join(root, 'scenarios', shelf)));
  const names = ['payment', 'checkout', 'storefront', 'orders-worker', 'orders-db', 'paykit-', ...scenarios];
  const word = new RegExp(`\\b(${names.join('|')})`, 'i');
  const wrong = packages
    .flatMap((name) => sourceFiles(join(root, 'packages', name, 'src')).filter(isProduction))
    .flatMap((file) =>
      withoutComments(readFileSync(file, 'utf8'))
        .split('\n')
        .filter((line) => word.test(line))
        .map((line) => `${relative(root, file)}: ${line.trim()}`),
    );
  expect(wrong).toEqual([]);
});

/** Doc comments may give examples; code may not. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');
}
