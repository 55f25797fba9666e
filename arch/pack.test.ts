import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundleBytes, folderSize } from './install-size.ts';

const root = dirname(import.meta.dirname);
const FOLDERS = ['core', 'cmdb', 'agents', 'gitops', 'eval', 'cli'] as const;
const API = join(root, 'arch/api');

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly homepage?: string;
  readonly bugs?: { readonly url: string };
  readonly repository?: { readonly type: string; readonly directory: string };
  readonly keywords?: readonly string[];
  readonly engines: { readonly node: string };
  readonly files: readonly string[];
  readonly exports: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly bin?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

/** A package as somebody gets it from the registry: packed, unpacked, and beside exactly the dependencies it declares. */
interface Installed {
  readonly folder: (typeof FOLDERS)[number];
  readonly home: string;
  readonly manifest: Manifest;
}

let project = '';
let installed: readonly Installed[] = [];

beforeAll(() => {
  project = realpathSync(mkdtempSync(join(tmpdir(), 'tier0-pack-')));
  const tarballs = join(project, 'tarballs');
  run(process.execPath, [join(root, 'scripts/pack.mjs'), tarballs], root);
  installed = FOLDERS.map((folder) => unpack(folder, tarballs));
  for (const one of installed) linkDependencies(one);
  for (const one of installed) link(one.home, join(project, 'node_modules', one.manifest.name));
  // What a TypeScript project on Node has anyway.
  link(join(root, 'node_modules/@types/node'), join(project, 'node_modules/@types/node'));
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
}, 240_000);

afterAll(() => rmSync(project, { recursive: true, force: true }));

describe('what is packed', () => {
  test.each(FOLDERS)('%s holds its build, its README and the license, and none of its sources', (folder) => {
    const { home } = find(folder);
    const files = filesUnder(home);
    expect(files).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'package.json']));
    expect(
      files.filter(
        (file) => !/^(bin\/tier0\.cjs|dist\/.+\.(js|js\.map|d\.ts)|scenarios\/.+|data\/.+|LICENSE|README\.md|package\.json)$/.test(file),
      ),
    ).toEqual([]);
  });

  test.each(FOLDERS)('the manifest of %s points only to files that are packed, and to versions instead of the workspace', (folder) => {
    const { home, manifest } = find(folder);
    const targets = Object.values(manifest.exports).flatMap((conditions) => Object.values(conditions));
    expect([...targets, ...Object.values(manifest.bin ?? {})].filter((target) => !existsSync(join(home, target)))).toEqual([]);
    expect(readFileSync(join(home, 'package.json'), 'utf8')).not.toMatch(/workspace:|tier0-source|\.\/src\//);
    expect(manifest.license).toBe('Apache-2.0');
  });

  test.each(FOLDERS)('declarations of %s import only declarations that are packed', (folder) => {
    const { home } = find(folder);
    const missing = filesUnder(home)
      .filter((file) => file.endsWith('.d.ts'))
      .flatMap((file) => relativeImports(readFileSync(join(home, file), 'utf8')).map((target) => join(home, dirname(file), target)))
      .filter((target) => !target.endsWith('.js') || !existsSync(target.replace(/\.js$/, '.d.ts')))
      .map((target) => relative(home, target));
    expect(missing).toEqual([]);
  });

  test('siblings ask for what they were packed with, or what is compatible; others are not pinned, so that a project has one copy', () => {
    const versions = new Map(installed.map(({ manifest }) => [manifest.name, manifest.version]));
    const asked = installed.flatMap(({ manifest }) => Object.entries(manifest.dependencies ?? {}));
    expect(asked.filter(([name, range]) => versions.has(name) && range !== `^${versions.get(name)}`)).toEqual([]);
    expect(asked.filter(([, range]) => !range.startsWith('^'))).toEqual([]);
  });

  test.each(FOLDERS)('%s says where it comes from, and asks for the same Node as the others', (folder) => {
    const { manifest } = find(folder);
    expect(manifest.repository).toMatchObject({ type: 'git', directory: `packages/${folder}` });
    expect([manifest.homepage, manifest.bugs?.url]).toEqual([expect.stringMatching(/^https:/), expect.stringMatching(/^https:/)]);
    expect(manifest.keywords?.length).toBeGreaterThan(3);
    expect(manifest.engines).toEqual(find('core').manifest.engines);
    const oldest = manifest.engines.node.replace('>=', 'Node ');
    expect(readFileSync(join(root, 'README.md'), 'utf8')).toContain(`from ${oldest}.`);
  });
});

describe('what reviewers of packages see', () => {
  const tarball = (folder: Installed['folder']) => {
    const { name, version } = find(folder).manifest;
    return new Uint8Array(readFileSync(join(project, 'tarballs', `${name.replace('@', '').replace('/', '-')}-${version}.tgz`)));
  };

  test.each(FOLDERS)('publint finds nothing to say about %s', async (folder) => {
    const { messages, pkg } = await publint({ pack: { tarball: tarball(folder).buffer }, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
  });

  // These are ES modules: without `exports` (node10) they do not resolve, and whoever requires them gets an ES module. Both are so on purpose.
  test.each(FOLDERS)(
    'every way to import %s resolves to its types, as attw sees it',
    async (folder) => {
      const result = await checkPackage(createPackageFromTarballData(tarball(folder)));
      const problems = 'problems' in result ? result.problems : [{ kind: 'NoTypes' }];
      const meant = (problem: object) => 'resolutionKind' in problem && /^(node10|node16-cjs)$/.test(String(problem.resolutionKind));
      expect(problems.filter((problem) => !meant(problem) || problem.kind === 'FalseESM')).toEqual([]);
    },
    60_000,
  );
});

describe('a project of somebody else', () => {
  test('imports every entry point in plain Node, and gets the values that the API reports list', () => {
    const specifiers = entryPoints().map((entry) => entry.specifier);
    writeFileSync(join(project, 'imports.mjs'), importsProgram(specifiers));
    const { names, modules } = JSON.parse(run(process.execPath, ['imports.mjs'], project)) as {
      readonly names: Readonly<Record<string, readonly string[]>>;
      readonly modules: readonly string[];
    };
    for (const { specifier, report } of entryPoints()) expect(names[specifier], specifier).toEqual(valuesIn(report));
    expect(names['@tier0/core']).toContain('handleIncident');
    expect(names['@tier0/core/testing']).toContain('describeForge');
    expect(names['@tier0/eval/cluster']).toContain('createEmbeddedCluster');
    const packages = pathToFileURL(join(root, 'packages') + sep).href;
    expect(modules.filter((url) => url.startsWith(packages))).toEqual([]);
    expect(modules.filter((url) => url.startsWith(pathToFileURL(project + sep).href)).length).toBeGreaterThan(specifiers.length);
  });

  test('gets the same values by require(), which takes a module as it is on every Node that the packages ask for', () => {
    writeFileSync(join(project, 'requires.cjs'), requiresProgram(entryPoints().map(({ specifier }) => specifier)));
    const names = JSON.parse(run(process.execPath, ['requires.cjs'], project)) as Readonly<Record<string, readonly string[]>>;
    // Contract suites start with an import of vitest, which refuses to be required.
    for (const { specifier, report } of entryPoints().filter((one) => !/core\/testing|cmdb\/testing/.test(one.specifier))) {
      expect(names[specifier], specifier).toEqual(valuesIn(report));
    }
  });

  test('finds the data that a package brings along', () => {
    writeFileSync(
      join(project, 'data.mjs'),
      `import { readCapabilities } from '@tier0/eval';\nconsole.log((await readCapabilities()).tools.length);\n`,
    );
    expect(Number(run(process.execPath, ['data.mjs'], project))).toBeGreaterThan(1);
  });

  test('runs the tier0 command', () => {
    const { home, manifest } = find('cli');
    const command = join(home, manifest.bin?.tier0 ?? '');
    expect(readFileSync(command, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
    expect(run(process.execPath, [command, 'help'], project)).toContain('Every change is a pull request.');
  });

  test('an older Node is told which one is wanted, instead of failing on what it cannot read', () => {
    const { home, manifest } = find('cli');
    writeFileSync(
      join(project, 'older-node.cjs'),
      `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } });\n`,
    );
    const result = spawn(process.execPath, ['--require', './older-node.cjs', join(home, manifest.bin?.tier0 ?? ''), 'help'], project);
    expect(result).toMatchObject({ status: 2, stdout: '' });
    expect(result.stderr).toMatch(/^tier0 needs Node 22\.19 or newer; this is Node 20\.20\.2\.\n/);
    expect(result.stderr).not.toMatch(/^\s+at /m);
  });

  test('a command that needs what is not there says so, and does not crash', () => {
    const { home, manifest } = find('cli');
    const result = spawn(process.execPath, [join(home, manifest.bin?.tier0 ?? ''), 'play', '--scenario', 'none-of-this-name'], project);
    expect(result.status).toBe(2);
    expect(result.stderr).toContain('There is no scenario');
    expect(result.stderr).not.toMatch(/^\s+at /m);
  });

  // The example of gitops shows how its parts connect; it needs a repository with people in it.
  test.each(FOLDERS.filter((folder) => folder !== 'gitops'))('runs the example in the README of %s', (folder) => {
    const { home } = find(folder);
    const [, example] = /```ts\n([\s\S]*?)```/.exec(readFileSync(join(home, 'README.md'), 'utf8')) ?? fail(`${folder} shows no example.`);
    writeFileSync(join(project, `readme-${folder}.ts`), example ?? '');
    // The examples name the recordings of this repository: data, no code.
    const result = spawn(process.execPath, [join(project, `readme-${folder}.ts`)], root);
    expect(result.stderr).toBe('');
    expect(result.stdout).not.toMatch(/^$|undefined/);
  });

  test('compiles against the declarations with module nodenext, strict, and every library checked', () => {
    writeFileSync(
      join(project, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: CONSUMER_OPTIONS, include: ['*.ts'], exclude: ['wrong.ts'] }),
    );
    writeFileSync(join(project, 'consumer.ts'), consumerProgram());
    const result = spawn(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', '.'], project);
    expect(result.stdout).toBe('');
    expect(result.status).toBe(0);
  }, 120_000);

  test('the compiler sees real types: a wrong use is an error', () => {
    writeFileSync(join(project, 'wrong.ts'), `import { createCmdb } from '@tier0/cmdb';\ncreateCmdb({ sources: 'none' });\n`);
    writeFileSync(join(project, 'tsconfig.wrong.json'), JSON.stringify({ compilerOptions: CONSUMER_OPTIONS, files: ['wrong.ts'] }));
    const result = spawn(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.wrong.json'], project);
    expect(result.stdout).toMatch(/wrong\.ts\(2,14\): error TS2322/);
  }, 120_000);
});

describe.skipIf(process.platform === 'win32')('the README, followed from an empty folder', () => {
  const [, section = ''] = /^## Embed it\n([\s\S]*?)^## /m.exec(readFileSync(join(root, 'README.md'), 'utf8')) ?? [];
  const blocks = [...section.matchAll(/^```(bash|ts)\n([\s\S]*?)^```$/gm)].map(([, language, text]) => ({ language, text: text ?? '' }));
  const platform = () => join(project, 'embed/my-platform');
  let output = '';
  let refusal: string | undefined;
  /** Longest that one block of the README may take, real milliseconds. */
  const STEP_MS = 120_000;

  beforeAll(() => {
    const clone = join(project, 'embed/tier0');
    mkdirSync(join(clone, 'out'), { recursive: true });
    mkdirSync(join(project, 'embed/home'));
    symlinkSync(join(project, 'tarballs'), join(clone, 'out/packed'));
    for (const [index, { language, text }] of blocks.entries()) {
      // The tarballs were made already, by the script behind this command.
      const followed =
        language === 'bash' ? ['bash', '-euc', text.replace(/^pnpm pack:all$/m, '')] : [process.execPath, `program-${index}.ts`];
      if (language === 'ts') writeFileSync(join(platform(), `program-${index}.ts`), text);
      const [command = '', ...args] = followed;
      const result = spawnSync(command, args, {
        cwd: existsSync(platform()) ? platform() : clone,
        env: embedEnvironment(),
        encoding: 'utf8',
        timeout: STEP_MS,
      });
      output += `${result.stdout}\n`;
      if (result.status !== 0) {
        refusal = `${text}\n${result.error?.message ?? ''}\n${result.stdout}${result.stderr}`;
        break;
      }
    }
  }, 240_000);

  const REACH =
    /^(?:npm_config_(?:globalconfig|registry|cafile|ca|strict_ssl|proxy|https?_proxy|noproxy)|NODE_EXTRA_CA_CERTS|SSL_CERT_(?:FILE|DIR)|https?_proxy|no_proxy)$/i;

  /** An empty home, the Node of the packages, and somebody who may commit. */
  function embedEnvironment() {
    const person = {
      GIT_AUTHOR_NAME: 'Ann',
      GIT_AUTHOR_EMAIL: 'ann@example.com',
      GIT_COMMITTER_NAME: 'Ann',
      GIT_COMMITTER_EMAIL: 'ann@example.com',
    };
    const cache = spawnSync('npm', ['config', 'get', 'cache'], { encoding: 'utf8' }).stdout.trim();
    const npm = {
      npm_config_cache: cache,
      npm_config_prefer_offline: 'true',
      npm_config_audit: 'false',
      npm_config_update_notifier: 'false',
      // A registry that is not there is told at once, and not after a quarter of an hour.
      npm_config_fetch_retries: '0',
      npm_config_fetch_timeout: '30000',
    };
    // How this machine reaches a registry is the machine's own, whatever the home.
    const reach = Object.fromEntries(Object.entries(process.env).filter(([name]) => REACH.test(name)));
    const PATH = `${join(root, 'node_modules/.bin')}${delimiter}${process.env.PATH}`;
    return {
      ...reach,
      ...person,
      ...npm,
      PATH,
      HOME: join(project, 'embed/home'),
      npm_config_userconfig: process.env.npm_config_userconfig,
    };
  }

  test('every command and every program in it ends well', ({ skip }) => {
    if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|ETIMEDOUT|EIDLETIMEOUT|ERR_SOCKET_TIMEOUT|CERT/.test(refusal ?? ''))
      skip('npm cannot reach a registry from here');
    expect(blocks.map(({ language }) => language)).toEqual(['bash', 'ts', 'bash', 'ts', 'ts']);
    expect(refusal).toBeUndefined();
    expect(output).toContain('Deployment checkout: checkout: container checkout: image');
    expect(output).toContain('would help: Restore the last image of checkout that ran');
    expect(output).toMatch(/^proposed\nrequire-approval 1 /m);
    expect(output).toContain('backstage:group:default/payments');
  });

  test('all packages without optional peers weigh at most 25 MB, and one function alone weighs little', async ({ skip }) => {
    if (refusal !== undefined) skip('the installation did not end well');
    expect(folderSize(join(platform(), 'node_modules')).bytes).toBeLessThan(25e6);
    expect(await bundleBytes(platform(), { name: 'toSarif', from: '@tier0/agents' })).toBeLessThan(30e3);
    expect(await bundleBytes(platform(), { name: 'formatItemId', from: '@tier0/core' })).toBeLessThan(5e3);
  });

  test('the installed command has a scenario to compare on, and names itself as it is called', ({ skip }) => {
    if (refusal !== undefined) skip('the installation did not end well');
    const tier0 = (...args: readonly string[]) =>
      spawnSync(join(platform(), 'node_modules/.bin/tier0'), args, { cwd: platform(), env: embedEnvironment(), encoding: 'utf8' });
    expect(tier0('eval', '--only', 'tier0', '--scenario', 'bad-image', '--repeats', '1', '--planted-instructions', '0').stdout).toMatch(
      /tier0 +1 of 1 exact/,
    );
    const commands = [...tier0('help').stdout.matchAll(/^ {2}([a-z][\w-]*) /gm)].map(([, name]) => name ?? '');
    expect(commands.length).toBeGreaterThan(25);
    const told = spawnSync(
      process.execPath,
      [
        '--input-type=module',
        '--eval',
        "import { COMMANDS } from 'tier0'; for (const { load } of COMMANDS) console.log((await load()).usage);",
      ],
      { cwd: platform(), encoding: 'utf8' },
    ).stdout;
    expect(told).toContain('Usage: tier0 eval [options]');
    expect(told).not.toMatch(/pnpm|npm run|npm start/);
  });
});

const CONSUMER_OPTIONS = { module: 'nodenext', moduleResolution: 'nodenext', strict: true, skipLibCheck: false, noEmit: true };

/** Loads every entry point and reports its names, and the address of every module that was loaded on the way. */
function importsProgram(specifiers: readonly string[]): string {
  return `import { registerHooks } from 'node:module';
const modules = [];
registerHooks({ load: (url, context, next) => { modules.push(url); return next(url, context); } });
const names = {};
for (const specifier of ${JSON.stringify(specifiers)}) names[specifier] = Object.keys(await import(specifier)).sort();
process.stdout.write(JSON.stringify({ names, modules }));
`;
}

function requiresProgram(specifiers: readonly string[]): string {
  return `const names = {};
for (const specifier of ${JSON.stringify(specifiers)}) {
  try { names[specifier] = Object.keys(require(specifier)).sort(); } catch (error) { names[specifier] = [String(error)]; }
}
process.stdout.write(JSON.stringify(names));
`;
}

function consumerProgram(): string {
  const imports = entryPoints().map(({ specifier }, index) => `import * as entry${index} from '${specifier}';`);
  return `${imports.join('\n')}
import { createDiagnostician, createMemoryPatternLibrary, MATTERS } from '@tier0/agents';
import { createCmdb, createManifestsSource } from '@tier0/cmdb';
import { type Diagnosis, type InventorySource, type RootCause, Tier0Error } from '@tier0/core';

const own: InventorySource = {
  name: 'own',
  async discover({ now }) {
    throw new Tier0Error({ code: 'UNAVAILABLE', message: \`Nothing at \${now()}.\`, hint: 'Try again.' });
  },
};
const context = { signal: new AbortController().signal, now: () => 0 };
const cmdb = createCmdb({ sources: [own, createManifestsSource({ directory: '.', cluster: 'production' })] });
const diagnostician = createDiagnostician({ evidence: [], patterns: createMemoryPatternLibrary({ patterns: [] }), matters: MATTERS });
const diagnosis: Diagnosis = await diagnostician.diagnose({ alerts: [], reader: cmdb.reader() }, context);
export const first: RootCause | undefined = diagnosis.rootCauses[0];
export const entries = [${entryPoints().map((_, index) => `entry${index}`)}];
`;
}

/** Every entry point of every package, with the API report that lists its names. */
function entryPoints() {
  return installed.flatMap(({ folder, manifest }) =>
    Object.keys(manifest.exports).map((path) => ({
      specifier: manifest.name + path.slice(1),
      report: join(API, `${[folder, ...path.split('/').slice(1)].join('-')}.txt`),
    })),
  );
}

function valuesIn(report: string): readonly string[] {
  return readFileSync(report, 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([kind]) => ['class', 'const', 'function'].includes(kind ?? ''))
    .map(([, name]) => name ?? '')
    .sort();
}

/** One folder a package, so that what a package does not declare is not there for it: as strict as pnpm, without a registry. */
function unpack(folder: Installed['folder'], tarballs: string): Installed {
  const { name, version } = readManifest(join(root, 'packages', folder));
  const home = join(project, 'store', folder, 'node_modules', name);
  mkdirSync(home, { recursive: true });
  const tarball = join(tarballs, `${name.replace('@', '').replace('/', '-')}-${version}.tgz`);
  run('tar', ['-xzf', tarball, '-C', home, '--strip-components=1'], project);
  return { folder, home, manifest: readManifest(home) };
}

function linkDependencies({ folder, manifest }: Installed): void {
  const beside = join(project, 'store', folder, 'node_modules');
  for (const name of [...Object.keys(manifest.dependencies ?? {}), ...Object.keys(manifest.peerDependencies ?? {})]) {
    const sibling = installed.find((one) => one.manifest.name === name);
    link(sibling?.home ?? thirdParty(folder, name), join(beside, name));
  }
}

/** Where the workspace has a third-party package: in its own folder of node_modules, from which no source of ours can be reached. */
function thirdParty(folder: string, name: string): string {
  const places = [join(root, 'packages', folder, 'node_modules', name), join(root, 'node_modules', name)];
  const found = realpathSync(places.find((place) => existsSync(place)) ?? fail(`${name} is not installed: run "pnpm install".`));
  return found.startsWith(join(root, 'packages')) ? fail(`${name} is one of ours.`) : found;
}

function link(target: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(target, path, 'junction');
}

function find(folder: Installed['folder']): Installed {
  return installed.find((one) => one.folder === folder) ?? fail(`${folder} was not packed.`);
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}

function filesUnder(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll(sep, '/'))
    .sort();
}

function relativeImports(text: string): readonly string[] {
  return [...text.matchAll(/(?:from|import)\s*\(?\s*['"](\.[^'"]*)['"]/g)].map((match) => match[1] ?? '');
}

function spawn(command: string, args: readonly string[], cwd: string) {
  const { NODE_OPTIONS: _options, ...env } = process.env;
  return spawnSync(command, args, { cwd, env, encoding: 'utf8', maxBuffer: 16 * 1024 * 1024 });
}

function run(command: string, args: readonly string[], cwd: string): string {
  const result = spawn(command, args, cwd);
  return result.status === 0 ? result.stdout : fail(`${command} ${args.join(' ')} failed:\n${result.stdout}${result.stderr}`);
}

function fail(reason: string): never {
  throw new Error(reason);
}
