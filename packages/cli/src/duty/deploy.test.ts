import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MATTERS, runRules } from '@tier0/agents';
import { createCmdb, createManifestsSource } from '@tier0/cmdb';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { REPOSITORY_ROOT } from '../repository-root.ts';
import { readConfigText } from './config/read-config.ts';

const has = (program: string, ...args: readonly string[]) => spawnSync(program, args).status === 0;

/** What `deploy/` makes of itself, judged by our own rules: a fault there would be told to whoever runs it. */
describe.each([
  ['kustomize', has('kubectl', 'version', '--client'), 'kubectl', ['kustomize', 'deploy/kustomize']],
  [
    'helm',
    has('helm', 'version'),
    'helm',
    ['template', 'tier0', 'deploy/helm/tier0', '--namespace', 'tier0', '--set', 'serviceMonitor.enabled=true'],
  ],
] as const)('deploy/%s', (_name, isThere, program, args) => {
  test.skipIf(!isThere)(`renders with ${program}, has no fault by our own rules, and writes nowhere`, async () => {
    const rendered = spawnSync(program, args, { cwd: REPOSITORY_ROOT, encoding: 'utf8' });
    expect(rendered.stderr).toBe('');
    const folder = mkdtempSync(join(tmpdir(), 'tier0-deploy-'));
    try {
      writeFileSync(join(folder, 'all.yaml'), rendered.stdout);
      const cmdb = createCmdb({ sources: [createManifestsSource({ directory: folder, cluster: 'own' })] });
      const context = { signal: AbortSignal.timeout(30_000), now: () => Date.now() };
      const { failures } = await cmdb.refresh(context);
      expect(failures).toEqual([]);
      const { findings } = runRules(MATTERS, cmdb.reader());
      // The Secret is made by whoever installs it, and nothing runs yet.
      expect(findings.filter(({ severity }) => severity === 'fault').map(({ code, message }) => `${code} ${message}`)).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    const objects = parseAllDocuments(rendered.stdout).map(
      (document) => document.toJS() as { kind: string; rules?: { verbs: string[]; resources: string[] }[]; data?: Record<string, string> },
    );
    const rules = objects.filter(({ kind }) => kind === 'ClusterRole').flatMap((role) => role.rules ?? []);
    expect(rules.flatMap(({ verbs }) => verbs).filter((verb) => !['get', 'list', 'watch'].includes(verb))).toEqual([]);
    expect(rules.flatMap(({ resources }) => resources)).not.toContain('secrets');
    const config = objects.find(({ kind }) => kind === 'ConfigMap')?.data?.['tier0.yaml'] ?? '';
    expect(readConfigText(config).status).toBe('read');
  });
});
