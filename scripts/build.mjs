#!/usr/bin/env node
// Builds every package into dist/: ESM by tsup, declarations by one pass of the TypeScript compiler over all of them.
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'tsup';
import { droppableConstants } from './droppable-constants.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const declarations = join(root, 'out/declarations');
const startedAt = Date.now();
const packages = readdirSync(join(root, 'packages'))
  .map((name) => join(root, 'packages', name))
  .filter((folder) => existsSync(join(folder, 'package.json')))
  .map(readPackage);

// The compiler runs beside the bundler: both read the sources and neither waits for the other.
const compiled = emitDeclarations();
for (const one of packages) await bundle(one);
await compiled;
for (const one of packages) takeDeclarations(one);
bringScenarios(join(root, 'packages/cli/scenarios'));
process.stdout.write(`built ${packages.map((one) => one.name).join(', ')} in ${((Date.now() - startedAt) / 1000).toFixed(1)} s\n`);

/** Entry points are the `tier0-source` files that a package exports, and the `main.ts` that its command starts. */
function readPackage(folder) {
  const { name, exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const library = Object.values(exports).map((target) => target['tier0-source'].replace('./src/', ''));
  const commands = ['main.ts'].filter((file) => existsSync(join(folder, 'src', file)));
  return { name, folder, library, commands };
}

async function bundle({ name, folder, library, commands }) {
  rmSync(join(folder, 'dist'), { recursive: true, force: true });
  await build({
    entry: Object.fromEntries([...library, ...commands].map((file) => [file.replace(/\.ts$/, ''), join(folder, 'src', file)])),
    config: false,
    format: 'esm',
    target: 'node22',
    outDir: join(folder, 'dist'),
    splitting: true,
    sourcemap: true,
    esbuildPlugins: [droppableConstants],
    // A stack names the source line without it; the text of every source once more would double what is installed.
    esbuildOptions: (options) => {
      options.sourcesContent = false;
    },
    // Siblings and third parties stay imports: one copy of core in a project, and its errors and schemas are the same everywhere.
    skipNodeModulesBundle: true,
    removeNodeProtocol: false,
    silent: true,
  }).catch((error) => fail(`${name} could not be bundled: ${error.message}`));
}

/** An installed command has something to play: one incident that is measured, and one that is read off the cluster. */
function bringScenarios(to) {
  rmSync(to, { recursive: true, force: true });
  for (const name of ['memory-pressure', 'bad-image']) cpSync(join(root, 'scenarios/written', name), join(to, name), { recursive: true });
}

function emitDeclarations() {
  rmSync(declarations, { recursive: true, force: true });
  mkdirSync(declarations, { recursive: true });
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  // `pnpm check` proves the types; writing them down without proving them again takes a quarter of the time.
  const args = [compiler, '-p', 'tsconfig.build.json', '--outDir', declarations, '--noCheck'];
  const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit' });
  return new Promise((done) => {
    child.on('error', (error) => fail(`the compiler could not be started: ${error.message}`));
    child.on('close', (code) => (code === 0 ? done() : fail('the compiler found errors, see above')));
  });
}

/** Takes the declarations that the entry points reach, and leaves the rest: what is not exported is nobody's promise. */
function takeDeclarations({ folder, library }) {
  const from = join(declarations, relative(join(root, 'packages'), folder), 'src');
  const waiting = library.map((file) => join(from, file.replace(/\.ts$/, '.d.ts')));
  const taken = new Set();
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (taken.has(file)) continue;
    taken.add(file);
    const { text, imports } = pointToDeclarations(readFileSync(file, 'utf8'));
    waiting.push(...imports.map((target) => resolve(dirname(file), target)));
    const to = join(folder, 'dist', relative(from, file));
    mkdirSync(dirname(to), { recursive: true });
    writeFileSync(to, text);
  }
}

/** Declarations import each other as `./x.js`, so that a consumer's compiler needs no special option. */
function pointToDeclarations(source) {
  const imports = [];
  const text = source.replace(/((?:from|import)\s*\(?\s*)(['"])(\.[^'"]*)\.ts\2/g, (_match, before, quote, path) => {
    imports.push(`${path}.d.ts`);
    return `${before}${quote}${path}.js${quote}`;
  });
  return { text, imports };
}

function fail(reason) {
  process.stderr.write(`build: ${reason}.\n`);
  process.exit(1);
}
