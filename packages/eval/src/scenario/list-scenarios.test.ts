import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { listScenarios } from './list-scenarios.ts';

test('scenarios are found on every shelf, by name, and nothing within one is a scenario', () => {
  const home = mkdtempSync(join(tmpdir(), 'tier0-shelves-'));
  try {
    for (const [folder, truth] of [
      ['written/night', 'expected.yaml'],
      ['generated/dawn', 'expected.yaml'],
      ['storm', 'expected.json'],
      ['written/night/cluster', 'expected.yaml'],
      ['author', 'main.ts'],
    ] as const) {
      mkdirSync(join(home, folder), { recursive: true });
      writeFileSync(join(home, folder, truth), '');
    }
    expect(listScenarios(home).map((folder) => relative(home, folder))).toEqual(
      ['generated/dawn', 'written/night', 'storm'].map((path) => join(path)),
    );
    expect(listScenarios(join(home, 'nowhere'))).toEqual([]);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});
