#!/usr/bin/env node
// Builds every package and packs it as it would be published: `node scripts/pack.mjs [FOLDER]`, default out/packed.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pnpmCommand } from './pnpm-command.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = resolve(process.argv[2] ?? join(root, 'out/packed'));
const [pnpm, first] = pnpmCommand();

run(process.execPath, [join(root, 'scripts/build.mjs')]);
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
run(pnpm, [...first, '--recursive', '--filter', './packages/*', '--silent', 'pack', '--pack-destination', folder]);
process.stdout.write(`packed ${readdirSync(folder).join(', ')}\n`);

function run(command, args) {
  const result = spawnSync(command, args, { cwd: root, encoding: 'utf8' });
  if (result.status === 0) return;
  process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}${result.error?.message ?? ''}\n`);
  process.exit(1);
}
