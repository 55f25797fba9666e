import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CODES } from '../kubernetes/matters.ts';
import { type DiagnosisDocument, DiagnosisDocumentSchema, diagnosisJsonSchema } from './diagnosis-document.ts';
import { toK8sgpt } from './k8sgpt.ts';
import { toSarif } from './sarif.ts';
import { toDiagnosisText } from './text.ts';

const web = { kind: 'Deployment', namespace: 'n', name: 'web', uid: 'u' };
const node = { kind: 'Node', name: 'node-a' };
const document: DiagnosisDocument = {
  schema: 'tier0.diagnosis/v1',
  takenAt: '2026-01-01T02:00:00.000Z',
  findings: [
    {
      code: 'T0-POD-001',
      severity: 'fault',
      cause: 'image-not-found',
      subject: web,
      message: 'web: its image is not there',
      since: '2026-01-01T01:48:00.000Z',
      fingerprint: 'f1',
      evidence: [{ source: 'cmdb', query: 'q', excerpt: 'e' }],
      explainedBy: [],
    },
    {
      code: 'T0-DEPLOYMENT-001',
      severity: 'fault',
      cause: 'needs-investigation',
      subject: web,
      message: '0 of 1',
      fingerprint: 'f2',
      evidence: [],
      explainedBy: ['f1'],
    },
    {
      code: 'T0-NODE-007',
      severity: 'hygiene',
      cause: 'node-cordoned',
      subject: node,
      message: 'cordoned\u001b[31m',
      fingerprint: 'f3',
      evidence: [],
      explainedBy: [],
    },
  ],
  rootCauses: [
    {
      cause: 'image-not-found',
      code: 'T0-POD-001',
      subject: web,
      message: 'web: its image is not there',
      since: '2026-01-01T01:48:00.000Z',
      confidence: 0.95,
      basis: 'rule T0-POD-001, a change in time order',
      finding: 'f1',
      path: [web, { kind: 'Service', namespace: 'n', name: 'web' }],
      symptoms: ['f2'],
      impact: { items: 3, truncated: false, reaches: [{ kind: 'Service', namespace: 'n', name: 'web' }] },
      owner: 'backstage:group:default/web-team',
      remedies: [
        {
          id: 'restore-image',
          kind: 'edit',
          title: 'Restore the last image',
          why: 'It ran.',
          edits: [{ item: web, path: 'spec.template.spec.containers[name=web].image', expectOld: 'a', value: 'b' }],
          precondition: 'None.',
          risk: 'low',
          verify: 'It runs.',
          rollback: 'Set it again.',
          rehearsal: { verdict: 'cured', reason: 'the cause is gone', passed: true, notes: ['the cause is gone'] },
        },
      ],
    },
  ],
  unknowns: ['could not check Secret: forbidden'],
};
const plain = { strong: String, dim: String, bad: String, good: String };
const text = (given: DiagnosisDocument, verbose = false) => toDiagnosisText(given, { style: plain, width: 100, verbose });

test('the document keeps to its schema, and the JSON Schema that is shipped is the one in code', () => {
  expect(DiagnosisDocumentSchema.parse(document)).toEqual(document);
  expect(() => DiagnosisDocumentSchema.parse({ ...document, more: 1 })).toThrow();
  const shipped = readFileSync(join(import.meta.dirname, '../../../../docs/schemas/tier0.diagnosis.v1.json'), 'utf8');
  expect(JSON.parse(shipped)).toEqual(JSON.parse(JSON.stringify(diagnosisJsonSchema())));
});

test('a person at night reads what is broken, since when, why, who is hit, who owns it and what to do', () => {
  expect(text(document)).toBe(`1 root cause, behind 2 findings   as of 2026-01-01 02:00 UTC

1  Deployment n/web  image-not-found  95 % sure, since 12 min
   web: its image is not there
   because  a change in time order (T0-POD-001)
   path     Deployment n/web -> Service n/web
   hits     Service n/web
   owner    group web-team
   fix      Restore the last image (low risk)  rehearsed: it works
            Deployment n/web  spec.template.spec.containers[name=web].image
            - image: a
            + image: b
   verify   It runs.

1 remark about what is not broken: --verbose lists them

Could not be looked at
   could not check Secret: forbidden
`);
  expect(text(document, true)).toContain('Node node-a: cordoned');
});

test('an edit of a list is shown as the manifest changes, a long one up to a bound and with what is left out counted', () => {
  const [cause] = document.rootCauses;
  const [remedy] = cause?.remedies ?? [];
  if (cause === undefined || remedy === undefined) throw new Error('the fixture has a remedy');
  const withEdit = (before: readonly string[], after: readonly string[]): DiagnosisDocument => {
    const edits = [{ item: web, path: 'spec.args', expectOld: [...before], value: [...after] }];
    return { ...document, rootCauses: [{ ...cause, remedies: [{ ...remedy, edits }] }] };
  };
  expect(text(withEdit(['--a', '--b'], ['--a', '--c']))).toContain(`
            Deployment n/web  spec.args
              args:
                - --a
            -   - --b
            +   - --c
   verify `);
  const many = Array.from({ length: 60 }, (_, at) => `--flag-${at}`);
  const long = text(withEdit(many, []));
  expect(long).toContain('-   - --flag-30\n');
  expect(long).toMatch(/\n {12}and \d+ more lines: -o json has them\n {3}verify/);
  expect(long).not.toContain('--flag-59');
});

test('nothing from the cluster moves the cursor, and nothing unseen is called healthy', () => {
  expect(text(document, true)).not.toContain('\u001b');
  const nothing = { ...document, findings: [], rootCauses: [] };
  expect(text(nothing)).toMatch(/^nothing at fault was found, but 1 thing could not be looked at/);
  expect(text({ ...nothing, unknowns: [] })).toMatch(/^healthy: nothing is at fault/);
});

test('SARIF holds one result a finding, with its level, its fingerprint and its root cause', () => {
  type Run = {
    readonly tool: { readonly driver: { readonly rules: readonly object[] } };
    readonly results: readonly Record<string, unknown>[];
  };
  const runOf = (sarif: object) => (sarif as { readonly runs: readonly Run[] }).runs[0]!;
  const { tool, results } = runOf(toSarif(document, '0.1.0', CODES));
  expect(tool.driver.rules[2]).toMatchObject({ id: 'T0-POD-001', shortDescription: { text: 'Image not found' } });
  expect(
    runOf(toSarif(document, '0.1.0')).tool.driver.rules.map((rule) => 'defaultConfiguration' in rule && rule.defaultConfiguration),
  ).toEqual([{ level: 'error' }, { level: 'note' }, { level: 'error' }]);
  expect(results.map((result) => [result.ruleId, result.level])).toEqual([
    ['T0-POD-001', 'error'],
    ['T0-DEPLOYMENT-001', 'error'],
    ['T0-NODE-007', 'note'],
  ]);
  expect(results[1]).toMatchObject({
    partialFingerprints: { 'tier0/v1': 'f2' },
    properties: { isRootCause: false, rootCause: 'image-not-found' },
  });
});

test('the JSON of k8sgpt counts texts, groups by object and says null for an empty list', () => {
  expect(toK8sgpt(document)).toEqual({
    provider: '',
    errors: ['could not check Secret: forbidden'],
    status: 'ProblemDetected',
    problems: 2,
    results: [
      {
        kind: 'Deployment',
        name: 'n/web',
        error: [
          { Text: 'web: its image is not there', KubernetesDoc: '', Sensitive: [] },
          { Text: '0 of 1', KubernetesDoc: '', Sensitive: [] },
        ],
        details: 'Root cause image-not-found at Deployment n/web: web: its image is not there',
        parentObject: '',
      },
    ],
  });
  expect(toK8sgpt({ ...document, findings: [], rootCauses: [], unknowns: [] })).toEqual({
    provider: '',
    errors: null,
    status: 'OK',
    problems: 0,
    results: null,
  });
});
