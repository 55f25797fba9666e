import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Tier0Error } from '@tier0/core';
import { afterAll, describe, expect, test } from 'vitest';
import { playInTest } from '../testing/play-in-test.ts';
import { runChild } from '../testing/run-child.ts';
import { copyScenario, type ScenarioChanges } from '../testing/scenario-copy.ts';
import { removeFolders, temporaryFolder } from '../testing/temporary-folder.ts';

const PATIENCE_MS = 60_000;
afterAll(removeFolders);

describe('a scenario folder with a mistake is named with its file, and nothing is begun', () => {
  const mistakes: readonly [string, ScenarioChanges, Partial<Tier0Error>][] = [
    [
      'a syntax error in a manifest',
      { files: { 'cluster/shop/checkout.yaml': () => 'apiVersion: v1\nkind: Pod\nmetadata: {name: [}\n' } },
      { code: 'INVALID_INPUT', message: expect.stringMatching(/cluster\/shop\/checkout\.yaml:3:\d+: /) },
    ],
    [
      'a document that is no Kubernetes object',
      { files: { 'cluster/x.yaml': () => 'hello: world\n' } },
      { code: 'INVALID_INPUT', message: expect.stringContaining('cluster/x.yaml: holds a document without apiVersion, kind') },
    ],
    [
      'an unknown key in meta.json',
      { meta: { clockspeed: 3 } },
      { code: 'INVALID_INPUT', message: expect.stringMatching(/meta\.json: .*clockspeed/) },
    ],
    [
      'meta.json that is not JSON',
      { files: { 'meta.json': () => '{' } },
      { code: 'INVALID_INPUT', message: expect.stringContaining('meta.json: ') },
    ],
    [
      'no expected.yaml',
      { files: { 'expected.yaml': undefined } },
      { code: 'NOT_FOUND', message: 'The scenario lacks expected.yaml.', hint: expect.stringContaining('scenarios/README.md') },
    ],
    [
      'a program outside the folder',
      { meta: { programs: { 'registry.example/shop/payment': '../../evil.mjs' } } },
      { code: 'INVALID_INPUT', message: expect.stringContaining('the program of registry.example/shop/payment lies outside') },
    ],
    [
      'patterns that are none',
      { files: { 'patterns.json': () => '[{"id": 1}]' } },
      { code: 'INVALID_INPUT', message: expect.stringContaining('patterns.json does not hold patterns: 0.id') },
    ],
  ];
  test.each(mistakes)(
    '%s',
    async (_, changes, problem) => {
      const scenario = await copyScenario('bad-image', changes);
      const out = join(await temporaryFolder(), 'out');
      await expect(playInTest({ scenario, out })).rejects.toMatchObject({ hint: expect.stringMatching(/\w+ .*\.$/), ...problem });
      expect(existsSync(join(out, 'audit.jsonl'))).toBe(false);
      expect(existsSync(join(out, 'state/incidents'))).toBe(false);
    },
    PATIENCE_MS,
  );
});

describe('a command line with a mistake ends with exit code 2, one sentence and what to do', () => {
  test.each<[string, readonly string[], RegExp]>([
    ['an unknown option', ['play', '--frobnicate'], /^tier0: Unknown option '--frobnicate'\.\n +Run "pnpm tier0 play --help"/],
    ['a word that is no option', ['play', 'memory-pressure'], /^tier0: "memory-pressure" is not an option\.\n +Run with --help/],
    [
      'an unknown scenario, answered with the known ones',
      ['play', '--scenario', 'memory-presure'],
      /^tier0: There is no scenario "memory-presure"\. Known: bad-image, .*memory-pressure, .*\.\n +Did you mean "memory-pressure"\? Name one of them/,
    ],
    [
      'a recording that cannot be played',
      ['play', '--scenario', 'a-quiet-sunday'],
      /^tier0: The scenario "a-quiet-sunday" is a recording: .*\n +Diagnose it: pnpm tier0 diagnose/,
    ],
    ['a scenario folder that is not there', ['play', '--scenario', './nowhere'], /^tier0: There is no scenario folder .*nowhere\.\n +Name/],
    ['an unknown command', ['paly'], /^tier0: There is no command "paly"\.\n +Did you mean "play"\? Run "pnpm tier0 help"/],
    ['an audit file that is not there', ['audit', 'verify', 'nowhere.jsonl'], /^tier0: There is no audit file nowhere\.jsonl\.\n/],
    [
      'nothing to resume',
      ['resume', '--out', 'nowhere'],
      /^tier0: There is nothing to resume in nowhere\.\n +Name the folder of the interrupted run with --out/,
    ],
  ])(
    '%s',
    async (_, args, says) => {
      const child = await runChild('main.ts', args);
      expect(child).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(says) });
      expect(child.stderr).not.toMatch(/^ +at /m);
    },
    PATIENCE_MS,
  );
});
