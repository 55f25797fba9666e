import { expect, test } from 'vitest';
import type { Rule } from '../../findings/rule.ts';
import { clusterWide, made, service, told, workload } from '../../fixtures/cluster-objects.ts';
import { EXPIRED_CA } from '../../fixtures/expired-authority.ts';
import { webhookRule } from '../control-plane/webhook.ts';
import { limitRangeRule } from './limitrange.ts';
import { podSecurityRule, violations } from './pod-security.ts';
import { resourceQuotaRule } from './resourcequota.ts';

const sized = (cpu: string) => ({ resources: { requests: { cpu, memory: '1Gi' }, limits: { cpu, memory: '1Gi' } } });
const short = (container: Record<string, unknown>, podSpec: Record<string, unknown> = {}) =>
  workload('web', { replicas: 3, pods: 1, container, podSpec });
const refused = (message: string) =>
  made('ReplicaSet', 'web-1', {
    metadata: { ownerReferences: [{ kind: 'Deployment', name: 'web', controller: true }] },
    spec: { replicas: 3 },
    status: { replicas: 1, conditions: [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message }] },
  });
const quota = (hard: object, used: object, spec: object = {}) =>
  made('ResourceQuota', 'team', { spec: { hard, ...spec }, status: { hard, used } });
const cpuQuota = quota({ 'requests.cpu': '2' }, { 'requests.cpu': '1500m' });
const range = (limits: object) => made('LimitRange', 'bounds', { spec: { limits: [{ type: 'Container', ...limits }] } });
const enforcing = (level: string) =>
  clusterWide('Namespace', 'shop', { metadata: { labels: { 'pod-security.kubernetes.io/enforce': level } } });
const hard = {
  securityContext: {
    allowPrivilegeEscalation: false,
    runAsNonRoot: true,
    capabilities: { drop: ['ALL'] },
    seccompProfile: { type: 'RuntimeDefault' },
  },
};

const hook = (fields: object = {}, client: object = {}) =>
  clusterWide('ValidatingWebhookConfiguration', 'guard', {
    webhooks: [
      {
        name: 'guard.example.com',
        rules: [{ apiGroups: ['*'], resources: ['pods'], operations: ['CREATE'] }],
        clientConfig: { service: { namespace: 'shop', name: 'guard' }, ...client },
        ...fields,
      },
    ],
  });
const guard = service('guard', { ports: [{ port: 443, targetPort: 'http' }] });
const named = 'ValidatingWebhookConfiguration guard';
const web = 'Deployment shop/web';

const cases: readonly (readonly [string, Rule, readonly unknown[], readonly string[]])[] = [
  [
    'a quota that the controller names',
    resourceQuotaRule,
    [
      short(sized('1')),
      refused(
        'pods "web-1-x" is forbidden: exceeded quota: team, requested: requests.cpu=1, used: requests.cpu=2, limited: requests.cpu=2',
      ),
      cpuQuota,
    ],
    ['T0-RESOURCEQUOTA-004 Deployment shop/web', 'T0-RESOURCEQUOTA-001 ResourceQuota shop/team'],
  ],
  [
    'a quota that has no room for one more, by arithmetic',
    resourceQuotaRule,
    [short(sized('1')), cpuQuota],
    ['T0-RESOURCEQUOTA-004 Deployment shop/web', 'T0-RESOURCEQUOTA-001 ResourceQuota shop/team'],
  ],
  ['a quota with room', resourceQuotaRule, [short(sized('500m')), cpuQuota], []],
  [
    'a quota for other pods',
    resourceQuotaRule,
    [short(sized('1')), quota({ 'requests.cpu': '2' }, { 'requests.cpu': '2' }, { scopes: ['BestEffort'] })],
    ['T0-RESOURCEQUOTA-002 ResourceQuota shop/team hygiene'],
  ],
  [
    'a quota that is full and blocks nobody',
    resourceQuotaRule,
    [workload('web'), quota({ pods: '1' }, { pods: '1' })],
    ['T0-RESOURCEQUOTA-002 ResourceQuota shop/team hygiene'],
  ],
  [
    'another refusal',
    resourceQuotaRule,
    [short(sized('1')), refused('pods "x" is forbidden: violates PodSecurity "restricted:latest": x'), quota({ pods: '9' }, { pods: '1' })],
    [],
  ],
  [
    'a quota that wants limits',
    resourceQuotaRule,
    [short({}), quota({ 'limits.memory': '9Gi' }, { 'limits.memory': '0' })],
    ['T0-RESOURCEQUOTA-003 Deployment shop/web'],
  ],
  [
    'a quota that wants limits, in its own words',
    resourceQuotaRule,
    [short({}), refused('pods "x" is forbidden: failed quota: team: must specify limits.memory for: main')],
    ['T0-RESOURCEQUOTA-003 Deployment shop/web'],
  ],
  [
    'defaults that give limits',
    resourceQuotaRule,
    [short({}), range({ default: { memory: '1Gi' } }), quota({ 'limits.memory': '9Gi' }, { 'limits.memory': '0' })],
    [],
  ],
  ['more than the maximum', limitRangeRule, [short(sized('4')), range({ max: { cpu: '2' } })], [`T0-LIMITRANGE-001 ${web}`]],
  ['less than the minimum', limitRangeRule, [short(sized('10m')), range({ min: { cpu: '100m' } })], [`T0-LIMITRANGE-001 ${web}`]],
  [
    'more than the default limit',
    limitRangeRule,
    [short({ resources: { requests: { cpu: '2' } } }), range({ default: { cpu: '1' } })],
    [`T0-LIMITRANGE-001 ${web}`],
  ],
  ['inside the range', limitRangeRule, [short(sized('1')), range({ max: { cpu: '2' }, min: { cpu: '100m' } })], []],
  [
    'outside the range, but with all its pods',
    limitRangeRule,
    [workload('web', { container: sized('4') }), range({ max: { cpu: '2' } })],
    [],
  ],
  ['a template below the enforced level', podSecurityRule, [enforcing('restricted'), short({})], [`T0-PODSECURITY-001 ${web}`]],
  ['a template that meets it', podSecurityRule, [enforcing('restricted'), short(hard)], []],
  [
    'a privileged container under baseline',
    podSecurityRule,
    [enforcing('baseline'), short({ securityContext: { privileged: true } })],
    [`T0-PODSECURITY-001 ${web}`],
  ],
  ['the same where nothing is enforced', podSecurityRule, [enforcing('privileged'), short({ securityContext: { privileged: true } })], []],
  [
    'a rejection in the words of the API server',
    podSecurityRule,
    [short({}), refused('pods "x" is forbidden: violates PodSecurity "baseline:latest": host namespaces (hostNetwork=true)')],
    [`T0-PODSECURITY-001 ${web}`],
  ],
  ['a webhook whose Service is gone', webhookRule, [hook(), service('other')], [`T0-WEBHOOK-001 ${named}`]],
  ['a webhook on a port that is not there', webhookRule, [hook(), workload('guard'), service('guard')], [`T0-WEBHOOK-001 ${named}`]],
  [
    'a webhook that may be skipped',
    webhookRule,
    [hook({ failurePolicy: 'Ignore' }), service('other')],
    [`T0-WEBHOOK-002 ${named} degraded`],
  ],
  ['a webhook without a ready pod', webhookRule, [hook(), workload('guard', { ready: false }), guard], [`T0-WEBHOOK-003 ${named}`]],
  ['a webhook that answers', webhookRule, [hook(), workload('guard'), guard], []],
  ['a webhook that is never called', webhookRule, [hook({ rules: [] }), service('other')], []],
  ['a webhook outside the cluster', webhookRule, [hook({}, { service: undefined, url: 'https://guard.example.com' })], []],
  [
    'an authority that has expired',
    webhookRule,
    [hook({}, { caBundle: EXPIRED_CA }), workload('guard'), guard],
    [`T0-WEBHOOK-004 ${named}`],
  ],
  ['an authority that cannot be read', webhookRule, [hook({}, { caBundle: 'bm90IGEgY2VydGlmaWNhdGU=' }), workload('guard'), guard], []],
];

test.each(cases)('%s', async (_title, rule, objects, expected) => {
  expect(await told(rule, objects)).toEqual(expected);
});

test('a Service that was not read is not missing, and pods that were not read are not unready', async () => {
  expect(await told(webhookRule, [hook(), workload('guard', { ready: false }), guard], ['Service'])).toEqual([]);
  expect(await told(webhookRule, [hook(), workload('guard', { ready: false }), guard], ['Pod'])).toEqual([]);
});

test('each control of a Pod Security level is seen', () => {
  const container = (securityContext: object) => ({ containers: [{ name: 'a', securityContext }] });
  const ports = { containers: [{ name: 'a', ports: [{ hostPort: 80 }] }] };
  expect(violations({ hostNetwork: true, hostPID: true, volumes: [{ name: 'v', hostPath: { path: '/' } }] }, 'baseline')).toEqual([
    'hostNetwork',
    'hostPID',
    'hostPath volumes',
  ]);
  expect(violations(container({ capabilities: { add: ['SYS_ADMIN'] } }), 'baseline')).toEqual(['capabilities']);
  expect(violations(container({ seccompProfile: { type: 'Unconfined' } }), 'baseline')).toEqual(['seccompProfile']);
  expect(violations(ports, 'baseline')).toEqual(['hostPort']);
  expect(violations(container({ ...hard.securityContext, runAsUser: 0 }), 'restricted')).toEqual(['runAsUser=0']);
  expect(violations({ ...container(hard.securityContext), volumes: [{ name: 'n', nfs: {} }] }, 'restricted')).toEqual(['volume types']);
});
