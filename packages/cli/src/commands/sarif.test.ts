import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { createTestRepository, type TestRepository } from '@tier0/gitops/testing';
import Ajv04 from 'ajv-draft-04';
import addFormats from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { REPOSITORY_ROOT } from '../repository-root.ts';
import { createTestEnvironment } from '../testing/test-environment.ts';
import { diagnose } from './diagnose.ts';

const scenario = join(REPOSITORY_ROOT, 'scenarios/written', 'bad-image');
/** The published schema of SARIF 2.1.0, as the package of its authors carries it. */
const schema = createRequire(import.meta.url).resolve('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json');
const ajv = new Ajv04.default({ strict: false, allErrors: true, unicodeRegExp: false });
addFormats.default(ajv);
const isSarif = ajv.compile(JSON.parse(readFileSync(schema, 'utf8')));

interface Result {
  readonly ruleId: string;
  readonly ruleIndex: number;
  readonly level: string;
  readonly message: { readonly text: string };
  readonly partialFingerprints: Readonly<Record<string, string>>;
  readonly locations: readonly {
    readonly physicalLocation?: {
      readonly artifactLocation: { readonly uri: string };
      readonly region: { readonly startLine: number; readonly endLine: number };
    };
  }[];
}

interface Run {
  readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
  readonly results: readonly Result[];
  readonly invocations: readonly { readonly toolExecutionNotifications: readonly { readonly message: { readonly text: string } }[] }[];
}

let repository: TestRepository;
let files: Readonly<Record<string, string>>;
beforeAll(async () => {
  const root = join(scenario, 'repo');
  const listed = (await readdir(root, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const read = listed.map(
    async ({ parentPath, name }) => [relative(root, join(parentPath, name)), await readFile(join(parentPath, name), 'utf8')] as const,
  );
  files = Object.fromEntries(await Promise.all(read));
  repository = await createTestRepository(files);
});
afterAll(() => repository.remove());

async function sarif(...more: readonly string[]): Promise<Run> {
  const environment = createTestEnvironment();
  let text = '';
  const write = (part: string) => {
    text += part;
  };
  const terminal = { ...environment.terminal, write };
  await diagnose.run(['--snapshot', scenario, '-o', 'sarif', '--verbose', ...more], { ...environment, terminal });
  const log = JSON.parse(text);
  expect(isSarif(log), JSON.stringify(isSarif.errors, null, 2)).toBe(true);
  return log.runs[0];
}

describe('SARIF', () => {
  test('follows the published schema, with a repository and without', async () => {
    expect((await sarif()).results.length).toBeGreaterThan(0);
    expect((await sarif('--repository', repository.url)).results.length).toBeGreaterThan(0);
    expect(isSarif({ version: '2.1.0', runs: [{ results: [] }] })).toBe(false);
  });

  test('a root cause stands at the line that its remedy would change', async () => {
    const { results } = await sarif('--repository', repository.url);
    const [root] = results.filter((result) => result.ruleId === 'T0-POD-001');
    const { artifactLocation, region } = root?.locations[0]?.physicalLocation ?? {};
    const line = files[artifactLocation?.uri ?? '']?.split('\n')[(region?.startLine ?? 0) - 1];
    expect(line).toMatch(/image: .*3\.10\.O/);
  });

  test('holds what code scanning asks for: a file and a line of the repository, a rule, a text, one fingerprint each', async () => {
    const { results, tool, invocations } = await sarif('--repository', repository.url);
    for (const result of results) {
      const { artifactLocation, region } = result.locations[0]?.physicalLocation ?? {};
      const text = files[artifactLocation?.uri ?? ''];
      expect(text, artifactLocation?.uri).toBeDefined();
      expect(region?.startLine).toBeGreaterThanOrEqual(1);
      expect(region?.endLine).toBeLessThanOrEqual(text?.split('\n').length ?? 0);
      expect(tool.driver.rules[result.ruleIndex]?.id).toBe(result.ruleId);
      expect(result.message.text).not.toBe('');
    }
    const prints = results.map(({ partialFingerprints }) => partialFingerprints.primaryLocationLineHash);
    expect(new Set(prints).size).toBe(results.length);
    const all = await sarif();
    const told =
      invocations[0]?.toolExecutionNotifications.filter(({ message }) => message.text.startsWith('No line of the repository')) ?? [];
    expect(results.length + told.length).toBe(all.results.length);
  });

  test('a repository is asked for in this form only, and a branch that is not there is said', async () => {
    const environment = createTestEnvironment();
    await expect(diagnose.run(['--snapshot', scenario, '--repository', repository.url], environment)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    });
    await expect(sarif('--repository', repository.url, '--branch', 'nowhere')).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining('nowhere'),
    });
  });
});
