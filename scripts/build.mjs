#!/usr/bin/env node
// Builds every package into dist/: ESM by tsup, declarations by one pass of the TypeScript compiler.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const packages = readdirSync(join(root, 'packages')).filter((name) => existsSync(join(root, 'packages', name, 'package.json')));
const declarations = join(root, 'out/declarations');

for (const name of packages) bundle(name);
emitDeclarations();
for (const name of packages) takeDeclarations(name);

/** Entry points are the `tier0-source` files that the package exports. */
function bundle(name) {
  const folder = join(root, 'packages', name);
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  rmSync(join(folder, 'dist'), { recursive: true, force: true });
  const entries = Object.values(manifest.exports).map((target) => target['tier0-source']);
  if (manifest.bin) entries.push(...Object.values(manifest.bin).map((file) => file.replace('./dist/', 'src/').replace('.js', '.ts')));
  const named = [...new Set(entries)].map((entry) => `--entry.${entry.replace('./', '').replace('src/', '').replace('.ts', '')}=${entry}`);
  run(
    'tsup',
    [...named, '--format', 'esm', '--target', 'node22', '--out-dir', 'dist', '--silent', '--splitting', '--external', 'vitest'],
    folder,
  );
  process.stdout.write(`built ${manifest.name}\n`);
}

function emitDeclarations() {
  rmSync(declarations, { recursive: true, force: true });
  mkdirSync(declarations, { recursive: true });
  run('tsc', ['-p', 'tsconfig.build.json', '--outDir', declarations], root);
}

function takeDeclarations(name) {
  const from = join(declarations, name, 'src');
  cpSync(from, join(root, 'packages', name, 'dist'), { recursive: true });
  pointToDeclarations(join(root, 'packages', name, 'dist'));
}

/** Declarations import each other as `./x.js`, so that a consumer's compiler needs no special option. */
function pointToDeclarations(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) pointToDeclarations(path);
    else if (entry.name.endsWith('.d.ts'))
      writeFileSync(path, readFileSync(path, 'utf8').replace(/(from\s+'\.[^']*|import\('\.[^']*)\.ts'/g, "$1.js'"));
  }
}

function run(tool, args, cwd) {
  const result = spawnSync(join(root, 'node_modules/.bin', tool), args, {
    cwd,
    stdio: 'inherit',
    env: { ...process.env, PATH: `${join(root, 'node_modules/.bin')}:${process.env.PATH}` },
  });
  if (result.status !== 0) {
    process.stderr.write(`build: ${tool} failed in ${cwd}\n`);
    process.exit(1);
  }
}
