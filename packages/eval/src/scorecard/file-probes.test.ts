import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { testContext } from '@tier0/core/testing';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { newFile } from '../arena/fixtures/small-run.ts';
import { validateFile } from '../yaml/validate-file.ts';
import { type FileProbe, judgeOpenApi, judgeRoles, readFileProbes, runFileProbes } from './file-probes.ts';
import { decideCells } from './probes.ts';
import { readCapabilities } from './read-capabilities.ts';

const root = resolve(import.meta.dirname, '../../../..');
const common = { motivation: 'because', tool: 'k8sgpt', row: 'offline-llm' };

async function outcomes(probes: readonly FileProbe[], searchPath = '/nowhere') {
  return await runFileProbes(probes, { searchPath, packageFolders: [resolve(import.meta.dirname, '../..')], root }, testContext());
}

test('the roles that tier0 ships only read; one more verb, a wildcard or Secrets is told', () => {
  const rules = (...more: readonly object[]) => [{ kind: 'ClusterRole', metadata: { name: 'r' }, rules: more }];
  const shipped = parseAllDocuments(readFileSync(join(root, 'docs/guides/read-only-access.yaml'), 'utf8')).map((one) => one.toJS());
  expect(judgeRoles(shipped).outcome).toBe('True');
  expect(judgeRoles(rules({ resources: ['pods'], verbs: ['get', 'patch'] }))).toEqual({ outcome: 'False', message: 'r: may patch pods' });
  expect(judgeRoles(rules({ resources: ['*'], verbs: ['list'] })).message).toBe('r: every resource');
  expect(judgeRoles(rules({ resources: ['secrets'], verbs: ['get'] })).message).toBe('r: Secrets');
  expect(judgeRoles(rules({ resources: ['selfsubjectaccessreviews'], verbs: ['create'] })).outcome).toBe('True');
  expect(judgeRoles([{ kind: 'Service' }]).outcome).toBe('NotAvailable');
});

test('a program is asked for its help; one that is not here decides nothing', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tier0-help-'));
  writeFileSync(join(folder, 'k8sgpt'), '#!/bin/sh\necho "  --baseurl string   where it is"\n');
  chmodSync(join(folder, 'k8sgpt'), 0o755);
  const probe = (id: string, word: string): FileProbe => ({ ...common, id, looks: 'help', command: ['k8sgpt', '--help'], holds: [word] });
  const seen = await outcomes([probe('there', '--baseurl'), probe('not-there', '--telepathy')], folder);
  expect(seen.map(({ outcome }) => outcome)).toEqual(['True', 'False']);
  expect((await outcomes([probe('absent', '--baseurl')]))[0]).toMatchObject({
    outcome: 'NotAvailable',
    message: expect.stringContaining('no program'),
  });
});

test('an API is known by its OpenAPI document', async () => {
  const server = createServer((_, response) => response.end(JSON.stringify({ openapi: '3.1.0', paths: { '/api/v1/tools': {} } })));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/openapi.json`;
  const probe = (holds: readonly string[]): FileProbe => ({ ...common, id: 'api', looks: 'openapi', url, holds: [...holds] });
  const seen = await outcomes([probe(['/api/v1/tools']), probe(['/other'])]);
  server.close();
  expect(seen.map(({ outcome, message }) => [outcome, message])).toEqual([
    ['True', 'its OpenAPI 3.1.0 document describes 1 paths'],
    ['False', 'its OpenAPI document lacks /other'],
  ]);
  expect(judgeOpenApi({ hello: 1 }, []).outcome).toBe('False');
});

test('what was seen is a measurement in its cell; what does not hold takes the claim away, what was not seen changes nothing', async () => {
  const capabilities = await readCapabilities();
  const cellAfter = (outcome: 'True' | 'False' | 'NotAvailable') =>
    decideCells(capabilities, [{ ...common, probe: 'p', outcome, message: 'm' }], '2026-11-30').rows.find(({ id }) => id === common.row)!
      .cells.k8sgpt;
  expect(cellAfter('True')).toMatchObject({ value: 'yes', basis: 'measured', rater: 'probe p' });
  expect(cellAfter('False')).toMatchObject({ value: 'no', basis: 'measured' });
  expect(cellAfter('NotAvailable')).toMatchObject({ value: 'yes', basis: 'code' });
});

test('the probes that ship name tools and rows of the scorecard, and a wrong file is told with its line', async () => {
  const { tools, rows } = await readCapabilities();
  for (const { tool, row } of await readFileProbes())
    expect([tools.some(({ id }) => id === tool), rows.some(({ id }) => id === row)]).toEqual([true, true]);
  const file = newFile('probes.yaml');
  writeFileSync(
    file,
    'schema: tier0.probes/v1\nprobes:\n  - id: a\n    tool: k8sgpt\n    row: x\n    motivation: m\n    looks: crystal-ball\n',
  );
  expect((await validateFile(file))[0]).toMatchObject({ line: 7 });
});
