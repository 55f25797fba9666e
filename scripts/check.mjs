#!/usr/bin/env node
// Everything that must hold: format and lint, types, tests, examples. Ends with "N passed, N failed, N skipped".
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = join(root, 'node_modules/.bin');
const env = { ...process.env, PATH: `${bin}:${process.env.PATH}` };
const total = { passed: 0, failed: 0, skipped: 0 };
const startedAt = Date.now();

check('format and lint', 'biome', ['check', '.']);
check('types', 'tsc', ['-p', 'tsconfig.json']);
tests();
for (const example of examples()) check(`example ${example}`, 'node', ['--conditions=tier0-source', join('examples', example, 'main.ts')]);

process.stdout.write(`\nchecked in ${seconds(startedAt)} s\n`);
process.stdout.write(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
process.exitCode = total.failed === 0 ? 0 : 1;

/** Runs one tool; its output is shown only when it fails. */
function check(title, tool, args) {
  const at = Date.now();
  const result = spawnSync(join(bin, tool), args, { cwd: root, env, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  const ok = result.status === 0;
  total[ok ? 'passed' : 'failed'] += 1;
  process.stdout.write(`${ok ? 'ok    ' : 'FAILED'} ${title} (${seconds(at)} s)\n`);
  if (!ok) process.stdout.write(`${result.stdout ?? ''}${result.stderr ?? ''}${result.error?.message ?? ''}\n`);
}

function tests() {
  const report = join(root, 'out/tests.json');
  mkdirSync(dirname(report), { recursive: true });
  rmSync(report, { force: true });
  const args = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const result = spawnSync(join(bin, 'vitest'), args, { cwd: root, env, stdio: 'inherit' });
  if (!existsSync(report)) {
    total.failed += 1;
    process.stdout.write('FAILED tests: the runner wrote no report\n');
    return;
  }
  const counts = JSON.parse(readFileSync(report, 'utf8'));
  total.passed += counts.numPassedTests;
  total.skipped += counts.numPendingTests + counts.numTodoTests;
  // A file that does not load has no failed test of its own; a runner that ends badly is a failure whatever it counted.
  total.failed += Math.max(counts.numFailedTests, result.status === 0 ? 0 : 1);
}

function examples() {
  const folder = join(root, 'examples');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, 'main.ts')))
    .sort();
}

function seconds(since) {
  return ((Date.now() - since) / 1000).toFixed(1);
}
