import {
  type CmdbReader,
  type FileEdit,
  type ItemEdit,
  type ItemFilter,
  type Pattern,
  type PatternLibrary,
  parseFieldPath,
  proposalDigest,
  type Remedy,
} from '@tier0/core';
import { proposalFor, startRedirectingServer, testContext } from '@tier0/core/testing';
import { createEmbeddedCluster } from '@tier0/eval/cluster';
import { afterEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { carrierFlaw, fieldFlaw, quantityFlaws } from '../governance/field-rules.ts';
import type { GroupKind } from '../kubernetes/group-kind.ts';
import { createTestRepository, type TestRepository } from '../testing/repository.ts';
import { createGate, type GateOptions } from './gate.ts';
import { createServerDryRun } from './server-dry-run.ts';

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

/** A reader that knows the given objects, and the changed item as `subject`. */
function readerOf(objects: readonly Record<string, unknown>[], subject: unknown = { spec: { replicas: 2 } }): CmdbReader {
  const id = (object: Record<string, unknown>) => `object:${objects.indexOf(object)}`;
  return {
    object: (item: string) => objects.find((object) => id(object) === item) ?? subject,
    items: (filter: ItemFilter) => ({
      items: objects
        .filter((object) => object.kind === filter.kind && (!filter.name || (object.metadata as { name: string }).name === filter.name))
        .map((object) => ({ id: id(object) })),
      coverage: [],
    }),
    impact: (subject: string) => ({ subject, items: [], truncated: false }),
    owner: () => undefined,
  } as unknown as CmdbReader;
}

interface Change {
  readonly path?: string;
  readonly expectOld?: unknown;
  readonly value?: unknown;
  readonly files?: Record<string, string>;
  readonly options?: Partial<GateOptions>;
  readonly rehearsed?: boolean;
  readonly evidence?: readonly never[];
  readonly reader?: CmdbReader;
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
  const passed = change.rehearsed ?? true;
  const rehearsal = { verdict: passed ? 'cured' : 'not-cured', reason: 'cause gone', passed, notes: ['cause gone'] } as const;
  const report = await gate.assess({ proposal, remedy, rehearsal, reader: change.reader ?? readerOf([]) }, context);
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

  test('where people must sign rules, one in an unsigned policy approves nothing', async () => {
    const { report } = await assess({ options: { patterns: patternsWith(40), allowedSigners: [] } });
    expect(report.standingApproval).toBeUndefined();
    expect(report.trust.at(-1)).toContain('the commit is not signed');
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

describe('what the API server would refuse is denied beforehand', () => {
  const NO_LATEST = `apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: tags}
spec:
  validationFailureAction: ACTION
  rules:
    - name: no-latest
      match: {any: [{resources: {kinds: [Pod]}}]}
      validate: {cel: {expressions: [{expression: "object.spec.containers.all(c, !c.image.endsWith(':latest'))", message: no latest}]}}
`;
  const image = { path: 'spec.template.spec.containers[name=payment].image', expectOld: 'shop/payment:1', value: 'shop/payment:latest' };
  const checkOf = async (change: Change, name: string) => (await assess(change)).report.checks.find((check) => check.name === name);

  test('a policy in the repository', async () => {
    const files = { '.tier0/policies/tags.yaml': NO_LATEST.replace('ACTION', 'Enforce') };
    const { report } = await assess({ ...image, files });
    expect(report.decision.effect).toBe('deny');
    expect(report.decision.reasons).toEqual([
      expect.stringContaining('ClusterPolicy/tags/no-latest refuses pods of Deployment/payment: no latest'),
    ]);
    expect(await checkOf({ ...image, value: 'shop/payment:2', files }, 'admission')).toMatchObject({ passed: true });
  });

  test('one that only audits is said and does not deny; one that cannot be read denies', async () => {
    const audited = await checkOf({ ...image, files: { '.tier0/policies/tags.yaml': NO_LATEST.replace('ACTION', 'Audit') } }, 'admission');
    expect(audited).toMatchObject({ passed: true, detail: expect.stringContaining('audit: ClusterPolicy/tags/no-latest') });
    expect(await checkOf({ files: { '.tier0/policies/tags.yaml': 'spec: [' } }, 'admission')).toMatchObject({ passed: false });
  });

  test('a policy of the cluster', async () => {
    const policy = { apiVersion: 'policies.kyverno.io/v1', kind: 'ValidatingPolicy', metadata: { name: 'small' } };
    const spec = { matchConstraints: {}, validations: [{ expression: 'object.kind != "Deployment"', message: 'no Deployments' }] };
    const reader = readerOf([{ ...policy, spec }]);
    expect(await checkOf({ reader }, 'admission')).toMatchObject({ passed: false, detail: expect.stringContaining('no Deployments') });
  });

  test('a sync window of Argo CD that is closed', async () => {
    const tracked = {
      metadata: { annotations: { 'argocd.argoproj.io/tracking-id': 'shop:apps/Deployment:shop/payment' } },
      spec: { replicas: 2 },
    };
    const application = {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Application',
      metadata: { name: 'shop' },
      spec: { project: 'p', destination: {} },
    };
    const windows = (schedule: string) => [{ kind: 'deny', schedule, duration: '1h', applications: ['shop'] }];
    const project = (schedule: string) => ({ kind: 'AppProject', metadata: { name: 'p' }, spec: { syncWindows: windows(schedule) } });
    expect(await checkOf({ reader: readerOf([application, project('0 12 * * *')], tracked) }, 'windows')).toMatchObject({ passed: false });
    expect(await checkOf({ reader: readerOf([application, project('0 3 * * *')], tracked) }, 'windows')).toMatchObject({ passed: true });
  });

  test('a field of the wrong type, said with its path', async () => {
    const replicas = { path: 'spec.replicas', expectOld: 2, value: 'three' };
    expect(await checkOf(replicas, 'schema')).toMatchObject({
      passed: false,
      detail: expect.stringContaining('spec.replicas: "three" is not a whole number'),
    });
  });

  test('a real API server is asked by a dry run that stores nothing; one that does not answer denies', async () => {
    const live = parse(MANIFEST);
    const cluster = await createEmbeddedCluster({ objects: [live], writable: true, now: context.now });
    const check = (server: string, change: Change = {}) =>
      checkOf({ ...change, options: { serverDryRun: createServerDryRun({ server, fetch }) } }, 'server-dry-run');
    try {
      expect(await check(cluster.url)).toMatchObject({ passed: true, detail: 'the API server would take it' });
      expect(cluster.requests.filter((request) => request.method === 'PATCH')).toMatchObject([{ dryRun: true }]);
    } finally {
      await cluster.close();
    }
    const elsewhere = await startRedirectingServer();
    expect(await check(elsewhere.url)).toMatchObject({ passed: false, detail: expect.stringContaining('not followed') });
    expect(elsewhere.stray).toEqual([]);
    await elsewhere.close();
    expect(await check(cluster.url)).toMatchObject({ passed: false, detail: expect.stringContaining('gave no answer') });
  });
});

test('without a policy file people approve everything', async () => {
  const { report } = await assess({ files: { '.tier0/policy.yaml': '' } });
  expect(report.decision).toMatchObject({ effect: 'require-approval' });
});

test('fields are judged by kind', () => {
  expect(fieldFlaw('core/Service', parseFieldPath('spec.selector.app'))).toBeUndefined();
  expect(fieldFlaw('apps/Deployment', parseFieldPath('spec.selector.matchLabels.app'))).toContain('cannot be changed');
  expect(fieldFlaw('batch/CronJob', parseFieldPath('spec.jobTemplate.spec.template.spec.containers[name=a].image'))).toBeUndefined();
  expect(fieldFlaw('apps/Deployment', parseFieldPath('spec.template.spec.containers[name=a].securityContext.privileged'))).toContain(
    'not a field',
  );
  expect(fieldFlaw('rbac.authorization.k8s.io/ClusterRole', parseFieldPath('rules[0].verbs'))).toContain('not a field');
  expect(fieldFlaw('core/Secret', parseFieldPath('data.password'))).toContain('not a field');
  expect(fieldFlaw('serving.knative.dev/Service', parseFieldPath('spec.selector.app'))).toContain(
    'of a Service.serving.knative.dev is not',
  );
});

test.each<[GroupKind | undefined, string, string, boolean]>([
  ['kustomize.config.k8s.io/Kustomization', 'a/kustomization.yaml', 'patches[0]', true],
  ['kustomize.config.k8s.io/Kustomization', 'a/kustomization.yaml', 'images[0].newTag', true],
  ['kustomize.config.k8s.io/Kustomization', 'a/kustomization.yaml', 'resources[0]', false],
  ['kustomize.config.k8s.io/Kustomization', 'a/kustomization.yaml', 'namespace', false],
  ['helm.toolkit.fluxcd.io/HelmRelease', 'a/release.yaml', 'spec.values.resources.limits.memory', true],
  ['helm.toolkit.fluxcd.io/HelmRelease', 'a/release.yaml', 'spec.chart.spec.version', false],
  ['argoproj.io/Application', 'a/app.yaml', 'spec.source.helm.valuesObject.replicas', true],
  ['argoproj.io/Application', 'a/app.yaml', 'spec.source.targetRevision', false],
  ['app.k8s.io/Application', 'a/app.yaml', 'spec.source.helm.valuesObject.replicas', false],
  ['example.com/HelmRelease', 'a/release.yaml', 'spec.values.replicas', false],
  [undefined, 'charts/web/values-production.yaml', 'replicas', true],
  [undefined, 'patches/memory.yaml', '[0].value', true],
  [undefined, 'patches/memory.yaml', '[0].path', false],
  [undefined, 'notes.yaml', 'replicas', false],
])('a %s (%s) may carry %s: %s', (kind, file, path, allowed) => {
  expect(carrierFlaw(kind, file, parseFieldPath(path)) === undefined).toBe(allowed);
});

test("a carrier does not hide a live field that is not tier0's to change", async () => {
  const files = { 'shop/kustomization.yaml': 'resources: [payment.yaml]\nimages: []\n' };
  const { report } = await assess({ files, path: 'spec.template.spec.serviceAccountName', expectOld: 'payment', value: 'admin' });
  expect(report.checks.find((check) => check.name === 'fields')).toMatchObject({ passed: false });
});

test('quantities of every container are looked at', () => {
  const containers = [{ resources: { limits: { cpu: '1' }, requests: { cpu: '1500m' } } }, { resources: { limits: { memory: '-1' } } }];
  expect(quantityFlaws({ spec: { containers } })).toHaveLength(2);
});
