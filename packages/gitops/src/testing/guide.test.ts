import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const home = fileURLToPath(new URL('../..', import.meta.url));

test('the program in the guide to the strict forge runs and prints what its comments say', () => {
  const guide = readFileSync(join(home, '../../docs/guides/strict-forge-server.md'), 'utf8');
  const program = /^```ts\n([\s\S]*?)^```$/m.exec(guide)?.[1] ?? '';
  const promised = [...program.matchAll(/console\.log.*?\/\/ ([\d ]+)/g)].map((match) => match[1]?.trim());
  const folder = join(home, 'out');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `guide-${process.pid}.ts`);
  writeFileSync(file, program);
  try {
    const result = spawnSync(process.execPath, ['--conditions=tier0-source', file], { cwd: home, encoding: 'utf8' });
    expect(result.stderr).toBe('');
    expect(result.stdout.trim().split('\n')).toEqual(promised);
    expect(promised).toHaveLength(3);
  } finally {
    rmSync(file);
  }
});
