#!/usr/bin/env node
// pnpm sizes: packs everything, installs it with npm into an empty project, and prints what that weighs; with --write it puts the tables into
// CONTRIBUTING.md.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleBytes, folderSize } from '../arch/install-size.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** Names that people import alone, from each package. */
const FUNCTIONS = [
  { from: '@tier0/agents', name: 'toSarif' },
  { from: '@tier0/core', name: 'formatItemId' },
  { from: '@tier0/core', name: 'evaluatePolicy' },
  { from: '@tier0/core', name: 'redact' },
  { from: '@tier0/core/http', name: 'createHttpClient' },
  { from: '@tier0/cmdb', name: 'createCmdb' },
  { from: '@tier0/agents', name: 'createDiagnostician' },
  { from: '@tier0/gitops', name: 'editYaml' },
  { from: '@tier0/gitops', name: 'createMirror' },
  { from: '@tier0/eval/cluster', name: 'createEmbeddedCluster' },
  { from: 'tier0', name: 'diagnose' },
];

const folder = mkdtempSync(join(tmpdir(), 'tier0-sizes-'));
try {
  run(process.execPath, [join(root, 'scripts/pack.mjs'), join(folder, 'packed')]);
  const tarballs = readdirSync(join(folder, 'packed')).filter((file) => file.endsWith('.tgz'));
  writeFileSync(join(folder, 'package.json'), '{"name":"empty","private":true,"type":"module"}\n');
  run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', ...tarballs.map((file) => join(folder, 'packed', file))]);
  const modules = join(folder, 'node_modules');
  const installed = [['installed', 'files', 'MB', 'MB on disk']];
  for (const name of [
    '',
    'tier0',
    ...['core', 'cmdb', 'agents', 'gitops', 'eval'].map((one) => `@tier0/${one}`),
    'zod',
    'hono',
    'graphology',
    'yaml',
  ]) {
    const { files, bytes, onDisk } = folderSize(join(modules, name));
    installed.push([name || 'everything', String(files), megabytes(bytes), megabytes(onDisk)]);
  }
  const alone = [['bundled alone, minified', 'kB']];
  for (const one of FUNCTIONS) alone.push([`${one.name} of ${one.from}`, ((await bundleBytes(folder, one)) / 1e3).toFixed(1)]);
  for (const table of [installed, alone]) process.stdout.write(`${table.map(row).join('')}\n`);
  if (process.argv.includes('--write')) write([installed, alone]);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function row([name, ...numbers]) {
  return `${name.padEnd(44)}${numbers.map((number) => number.padStart(12)).join('')}\n`;
}

/** Puts the tables between their marks. */
function write(tables) {
  const file = join(root, 'CONTRIBUTING.md');
  const [before, , after] = readFileSync(file, 'utf8').split(/(?<=<!-- sizes: begin -->\n)([\s\S]*)(?=<!-- sizes: end -->)/);
  if (after === undefined) throw new Error('CONTRIBUTING.md has no marks "<!-- sizes: begin -->" and "<!-- sizes: end -->".');
  writeFileSync(file, `${before}\n${tables.map(markdown).join('\n')}\n${after}`);
}

function markdown([head, ...rows]) {
  const line = (cells) => `| ${cells.join(' | ')} |\n`;
  return [line(head), line(head.map((_, at) => (at === 0 ? '---' : '---:'))), ...rows.map(line)].join('');
}

function megabytes(bytes) {
  return (bytes / 1e6).toFixed(1);
}

function run(command, args) {
  const result = spawnSync(command, args, { cwd: folder, encoding: 'utf8' });
  if (result.status !== 0) throw new Error(`${command} failed: ${result.stdout}${result.stderr}${result.error?.message ?? ''}`);
}
