#!/usr/bin/env node
// pnpm bench <name> [--data DIR] [--json FILE]: installs the peers once, then runs bench/<name>/main.ts on the Node of node_modules.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = join(root, 'bench');
const peers = join(folder, 'peers');
const names = readdirSync(folder).filter((name) => existsSync(join(folder, name, 'main.ts')));
const [name, ...args] = process.argv.slice(2).filter((argument, index) => !(index === 0 && argument === '--'));

if (name === undefined || name === '--help' || name === '-h') {
  process.stdout.write(`pnpm bench <name> [--data DIR] [--json FILE]\n\nBenches: ${names.join(', ') || 'none yet'}\n`);
} else if (!names.includes(name)) {
  process.stderr.write(`There is no bench "${name}". Benches: ${names.join(', ') || 'none yet'}.\n`);
  process.exitCode = 2;
} else if (installPeers()) {
  const node = [
    '--conditions=tier0-source',
    '--disable-warning=ExperimentalWarning',
    '--expose-gc',
    '--max-old-space-size=12288',
    join(folder, name, 'main.ts'),
  ];
  const result = spawnSync(process.execPath, [...node, ...args], { cwd: root, stdio: 'inherit' });
  process.exitCode = result.status ?? 1;
}

/** npm keeps a lockfile of what it installed; the same packages and versions mean there is nothing to do. */
function installPeers() {
  if (isInstalled()) return true;
  process.stderr.write('bench: installing the peers, once.\n');
  const result = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts'], {
    cwd: peers,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (result.status === 0) return true;
  process.stderr.write('The peers could not be installed: check that npm reaches its registry and run the same command again.\n');
  process.exitCode = 1;
  return false;
}

function isInstalled() {
  const hidden = join(peers, 'node_modules/.package-lock.json');
  if (!existsSync(hidden)) return false;
  const installed = JSON.parse(readFileSync(hidden, 'utf8')).packages ?? {};
  const wanted = JSON.parse(readFileSync(join(peers, 'package-lock.json'), 'utf8')).packages ?? {};
  return Object.entries(wanted).every(([path, entry]) => path === '' || entry.optional || installed[path]?.version === entry.version);
}
