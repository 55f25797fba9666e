import {
  type CmdbReader,
  type FileEdit,
  type ItemEdit,
  type Pattern,
  type PatternLibrary,
  parseFieldPath,
  proposalDigest,
  type Remedy,
} from '@tier0/core';
import { proposalFor, testContext } from '@tier0/core/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { createTestRepository, type TestRepository } from '../testing/repository.ts';
import { fieldFlaw, quantityFlaws } from './field-rules.ts';
import { createGate, type GateOptions } from './gate.ts';

const context = testContext('2026-11-22T12:00:00.000Z');
const opened: TestRepository[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((repository) => repository.remove()));
});

const MANIFEST = `apiVersion: apps/v1
kind: Deployment
metadata: {name: payment, namespace: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: payment}}
  template:
    metadata: {labels: {app: payment}}
    spec:
      serviceAccountName: payment
      containers:
        - name: payment
          image: shop/payment:1
          resources: {limits: {memory: 512Mi}, requests: {memory: 256Mi}}
`;
const POLICY = `productionNamespaces: [shop]
standingRules:
  - {id: relief, remedy: raise-memory-limit, pattern: leak, maxRisk: medium, maxBlastRadius: 5, minSuccessRate: 0.8}
`;
const ITEM = 'kubernetes:c/shop/Deployment/payment';
const MEMORY = 'spec.template.spec.containers[name=payment].resources.limits.memory';

function patternsWith(successes: number): PatternLibrary {
  const occurrences = Array.from({ length: successes }, (_, index) => ({
    incident: `i${index}`,
    at: '2026-01-01T00:00:00.000Z',
    succeeded: true,
  }));
  const get = async () => ({ id: 'leak', occurrences }) as unknown as Pattern;
  return { name: 'fake', get, search: async () => [], record: get };
}

const READER = {
  object: () => ({ spec: { replicas: 2 } }),
  items: () => ({ items: [], coverage: [] }),
  impact: (subject: string) => ({ subject, items: [], truncated: false }),
  owner: () => undefined,
} as unknown as CmdbReader;

interface Change {
  readonly path?: string;
  readonly expectOld?: unknown;
  readonly value?: unknown;
  readonly files?: Record<string, string>;
  readonly options?: Partial<GateOptions>;
  readonly rehearsed?: boolean;
  readonly evidence?: readonly never[];
}

async function assess(change: Change = {}) {
  const repository = await createTestRepository({
    'shop/payment.yaml': MANIFEST,
    CODEOWNERS: '* @payments\n',
    '.tier0/policy.yaml': POLICY,
    ...change.files,
  });
  opened.push(repository);
  const fieldPath = parseFieldPath(change.path ?? MEMORY);
  const field = { expectOld: 'expectOld' in change ? change.expectOld : '512Mi', value: 'value' in change ? change.value : '1Gi' } as Pick<
    ItemEdit,
    'expectOld' | 'value'
  >;
  const fileEdit: FileEdit = { repository: repository.url, file: 'shop/payment.yaml', document: 0, path: fieldPath, ...field };
  const interval = { startsAt: '2026-01-01T00:00:00.000Z', endsAt: '2026-01-01T00:00:00.000Z' };
  const evidence = change.evidence ?? [{ id: 'ev-1', source: 's', query: 'q', interval, excerpt: '', digest: '0'.repeat(64) }];
  const { digest: _, ...proposal } = proposalFor(fileEdit, 'main', { evidence, pattern: 'leak' });
  const remedy = {
    id: 'raise-memory-limit',
    subject: ITEM,
    edits: [{ item: ITEM, fieldPath, ...field }],
    pattern: 'leak',
  } as unknown as Remedy;
  const gate = createGate({ mirror: repository.newMirror(), patterns: patternsWith(0), ...change.options });
  const rehearsal = { passed: change.rehearsed ?? true, notes: ['cause gone'] };
  const report = await gate.assess({ proposal, remedy, rehearsal, reader: READER }, context);
  return { report, proposal, repository };
}

test('a sound change of production needs the owners of the file', async () => {
  const { report } = await assess();
  expect(report.checks.filter((check) => !check.passed)).toEqual([]);
  expect(report.decision).toMatchObject({ effect: 'require-approval', requiredApprovals: 1, approverGroup: '@payments' });
  expect(report.standingApproval).toBeUndefined();
  expect(report.trust[0]).toContain('does not approve');
});

describe('a standing rule', () => {
  test('approves with enough track record, bound to the content and the commit that holds the rule', async () => {
    const { report, proposal, repository } = await assess({ options: { patterns: patternsWith(40) } });
    const base = await repository.mirror.resolve('main', context);
    expect(report.standingApproval).toMatchObject({
      approver: `rule:relief@${base}`,
      proposalDigest: proposalDigest(proposal),
      at: '2026-11-22T12:00:00.000Z',
      expiresAt: '2026-11-23T12:00:00.000Z',
    });
  });

  test('never approves a denied change, nor from a policy that is not in Git', async () => {
    const denied = await assess({ options: { patterns: patternsWith(40) }, rehearsed: false });
    expect(denied.report.standingApproval).toBeUndefined();
    const { DEFAULT_POLICY } = await import('@tier0/core');
    const rule = {
      id: 'relief',
      remedy: 'raise-memory-limit',
      pattern: 'leak',
      maxRisk: 'high',
      maxBlastRadius: 5,
      minSuccessRate: 0.1,
    } as const;
    const given = await assess({ options: { patterns: patternsWith(40), policy: { ...DEFAULT_POLICY, standingRules: [rule] } } });
    expect(given.report.standingApproval).toBeUndefined();
  });
});

describe('denied', () => {
  test.each<[string, Change, string]>([
    ['without a passed rehearsal', { rehearsed: false }, 'rehearsal'],
    ['without evidence', { evidence: [] }, 'evidence'],
    ['when the old value moved', { expectOld: '1Mi' }, 'edits'],
    ['when it already says so', { value: '512Mi' }, 'edits'],
    ['when the limit falls below the request', { value: '128Mi' }, 'quantities'],
    ['when it is not a quantity', { value: '1 gigabyte' }, 'quantities'],
    ['for a selector', { path: 'spec.selector.matchLabels.app', expectOld: 'payment', value: 'x' }, 'fields'],
    ['for an identity', { path: 'spec.template.spec.serviceAccountName', expectOld: 'payment', value: 'admin' }, 'fields'],
    ['with a policy that cannot be read', { files: { '.tier0/policy.yaml': 'approvals: [\n' } }, 'policy'],
    ['with a policy that says something unknown', { files: { '.tier0/policy.yaml': 'alowEverything: true\n' } }, 'policy'],
  ])('%s', async (_, change, check) => {
    const { report } = await assess(change);
    expect(report.decision.effect).toBe('deny');
    expect(report.checks.filter((one) => !one.passed).map((one) => one.name)).toContain(check);
  });
});

test('without a policy file people approve everything', async () => {
  const { report } = await assess({ files: { '.tier0/policy.yaml': '' } });
  expect(report.decision).toMatchObject({ effect: 'require-approval' });
});

test('fields are judged by kind', () => {
  expect(fieldFlaw('Service', parseFieldPath('spec.selector.app'))).toBeUndefined();
  expect(fieldFlaw('Deployment', parseFieldPath('spec.selector.matchLabels.app'))).toContain('cannot be changed');
  expect(fieldFlaw('CronJob', parseFieldPath('spec.jobTemplate.spec.template.spec.containers[name=a].image'))).toBeUndefined();
  expect(fieldFlaw('Deployment', parseFieldPath('spec.template.spec.containers[name=a].securityContext.privileged'))).toContain(
    'not a field',
  );
  expect(fieldFlaw('ClusterRole', parseFieldPath('rules[0].verbs'))).toContain('not a field');
  expect(fieldFlaw('Secret', parseFieldPath('data.password'))).toContain('not a field');
});

test('quantities of every container are looked at', () => {
  const containers = [{ resources: { limits: { cpu: '1' }, requests: { cpu: '1500m' } } }, { resources: { limits: { memory: '-1' } } }];
  expect(quantityFlaws({ spec: { containers } })).toHaveLength(2);
});
