#!/usr/bin/env node
// Builds every package and packs it as it would be published, with a bill of materials: `pnpm pack:all`, or
// `node scripts/pack.mjs FOLDER` for the tarballs alone.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pnpmCommand } from './pnpm-command.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = resolve(process.argv[2] ?? join(root, 'out/packed'));
const [pnpm, first] = pnpmCommand();
const everyPackage = [...first, '--recursive', '--filter', './packages/*', '--silent'];

run(process.execPath, [join(root, 'scripts/build.mjs')]);
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
run(pnpm, [...everyPackage, 'pack', '--pack-destination', folder]);
if (process.argv[2] === undefined) {
  run(pnpm, [...everyPackage, 'sbom', '--prod', '--sbom-format', 'cyclonedx', '--out', join(folder, 'sbom.cdx.json')]);
}
process.stdout.write(`packed ${readdirSync(folder).join(', ')}\n`);

function run(command, args) {
  const result = spawnSync(command, args, { cwd: root, encoding: 'utf8' });
  if (result.status === 0) return;
  process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}${result.error?.message ?? ''}\n`);
  process.exit(1);
}
