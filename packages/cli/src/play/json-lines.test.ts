import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runChild } from '../testing/run-child.ts';
import { fastBadImage, type ScenarioChanges } from '../testing/scenario-copy.ts';
import { removeFolders, temporaryFolder } from '../testing/temporary-folder.ts';

const PATIENCE_MS = 60_000;
afterAll(removeFolders);

async function linesOf(changes: ScenarioChanges) {
  const args = ['play', '--json', '--scenario', await fastBadImage(changes), '--out', join(await temporaryFolder(), 'out')];
  const child = await runChild('main.ts', args);
  expect(child.stdout.endsWith('\n')).toBe(true);
  const lines = child.stdout.trimEnd().split('\n');
  return { ...child, lines: lines.map((line) => JSON.parse(line) as { step: string; status?: string; headline?: string }) };
}

test(
  'with --json a program reads one object a step and the ending last, and nothing else is on stdout',
  async () => {
    const { code, stderr, lines } = await linesOf({});
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(lines.at(-1)).toMatchObject({ step: 'done', status: 'resolved', incident: expect.stringMatching(/^inc-/) });
    expect(lines.map((line) => line.step)).toEqual([
      'detect',
      'diagnose',
      'remedy',
      'locate',
      'rehearse',
      'gate',
      'follow-up',
      'propose',
      'approve',
      'reconcile',
      'verify',
      'learn',
      expect.any(String),
      'done',
    ]);
    for (const line of lines.slice(0, -1)) expect(line).toMatchObject({ at: expect.any(String), headline: expect.any(String) });
  },
  PATIENCE_MS,
);

test(
  'also when people get the incident: exit code 1, and the ending is still the last line',
  async () => {
    const broken = await linesOf({ files: { 'repo/clusters/production/shop/checkout.yaml': (text) => `${text}\nbroken: [\n` } });
    expect(broken).toMatchObject({ code: 1, stderr: '' });
    expect(broken.lines.at(-1)).toMatchObject({ step: 'done', status: 'handed-over' });
    expect(broken.lines.filter((line) => line.step === 'done')).toHaveLength(1);
  },
  PATIENCE_MS,
);

test(
  'also when it cannot begin: stdout stays empty and stderr says why',
  async () => {
    const args = ['play', '--json', '--scenario', await fastBadImage({ files: { 'expected.yaml': undefined } })];
    const child = await runChild('main.ts', args);
    expect(child).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('The scenario lacks expected.yaml.') });
  },
  PATIENCE_MS,
);
