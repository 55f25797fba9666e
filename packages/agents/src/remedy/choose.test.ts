import { type Cause, type FindingFacts, formatFieldPath, kubernetesItemId, type RootCause } from '@tier0/core';
import { expect, test } from 'vitest';
import type { RemedyDraft } from '../findings/remedy-draft.ts';
import { clusterWide, made, snapshotOf, workload } from '../fixtures/cluster-objects.ts';
import { MATTERS } from '../kubernetes/matters.ts';
import { remediesFor } from './choose.ts';

type Fields = Readonly<Record<string, unknown>>;

interface Case {
  readonly cause: Cause;
  /** `Kind name`, in namespace `shop` unless cluster-scoped. */
  readonly subject: string;
  readonly objects: readonly unknown[];
  /** Queries of evidence, as rules leave them. */
  readonly facts?: FindingFacts;
  readonly suspects?: readonly string[];
}

const CLUSTER_SCOPED = /^(Node|StorageClass|ClusterRole|ValidatingWebhookConfiguration)$/;

function idOf(text: string): string {
  const [kind = '', name = ''] = text.split(' ');
  return kubernetesItemId({ cluster: 'test', namespace: CLUSTER_SCOPED.test(kind) ? undefined : 'shop', kind, name });
}

async function advised({ cause, subject, objects, facts, suspects = [] }: Case) {
  const reader = await snapshotOf(objects);
  const prefix = reader.items({}).items[0]?.id.split('/')[0] ?? '';
  const id = (text: string) => idOf(text).replace('kubernetes:test', prefix);
  const item = id(subject);
  const common = {
    severity: 'fault' as const,
    depth: 0 as const,
    message: 'told',
    ...(facts === undefined ? {} : { facts }),
    fingerprint: 'f',
    evidence: [],
    explainedBy: [],
    suspects: suspects.map(id),
  };
  const finding = { ...common, code: 'T0-POD-001', cause, subject: item };
  const rootCause = { subject: item, cause } as RootCause;
  return remediesFor({ reader, rootCause, finding }, MATTERS);
}

function lines(advice: readonly RemedyDraft[]): readonly string[] {
  return advice.map(({ id, risk, edits }) => {
    const changes = edits.map(({ item, fieldPath, value }) => {
      const [kind, name] = item.split('/').slice(-2);
      return `${kind} ${name} ${formatFieldPath(fieldPath)} = ${JSON.stringify(value) ?? 'gone'}`;
    });
    return [`${id} (${risk})`, ...changes].join(' | ');
  });
}

const node = (name: string, labels: Fields, spec: Fields = {}, allocatable: Fields = {}) =>
  clusterWide('Node', name, {
    metadata: { labels },
    spec,
    status: { allocatable: { cpu: '4', memory: '8Gi', pods: '110', ...allocatable }, conditions: [{ type: 'Ready', status: 'True' }] },
  });
const pending = (podSpec: Fields, container: Fields = {}) => workload('web', { ready: false, node: null, podSpec, container });
const setting = (name: string, key: string) => ({ name: 'MODE', valueFrom: { configMapKeyRef: { name, key } } });
const ROLE = 'spec.template.spec';

test.each<readonly [string, Case, readonly string[]]>([
  [
    'a node selector a slip away is corrected; without the label comes second',
    {
      cause: 'node-selector-unsatisfiable',
      subject: 'Deployment web',
      objects: [...pending({ nodeSelector: { pool: 'eats' } }), node('a', { pool: 'east' })],
    },
    [
      `correct-node-selector (low) | Deployment web ${ROLE}.nodeSelector.pool = "east"`,
      `drop-node-selector (medium) | Deployment web ${ROLE}.nodeSelector.pool = gone`,
    ],
  ],
  [
    'exactly the taint that alone keeps a pod away is tolerated',
    {
      cause: 'taint-not-tolerated',
      subject: 'Deployment web',
      objects: [...pending({}), node('a', {}, { taints: [{ key: 'team', value: 'ml', effect: 'NoSchedule' }] })],
    },
    [
      `tolerate-taint (medium) | Deployment web ${ROLE}.tolerations = [{"key":"team","operator":"Equal","value":"ml","effect":"NoSchedule"}]`,
    ],
  ],
  [
    'a taint of the control plane is not',
    {
      cause: 'taint-not-tolerated',
      subject: 'Deployment web',
      objects: [...pending({}), node('a', {}, { taints: [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }] })],
    },
    ['hand-over (low)'],
  ],
  [
    'requests go down to what a node has free',
    {
      cause: 'insufficient-node-capacity',
      subject: 'Deployment web',
      objects: [...pending({}, { resources: { requests: { memory: '10Gi' } } }), node('a', {})],
    },
    [`lower-requests (medium) | Deployment web ${ROLE}.containers[name=main].resources.requests.memory = "7782Mi"`],
  ],
  [
    'but not to a fraction of what was asked for',
    {
      cause: 'insufficient-node-capacity',
      subject: 'Deployment web',
      objects: [...pending({}, { resources: { requests: { memory: '64Gi' } } }), node('a', {})],
    },
    ['hand-over (low)'],
  ],
  [
    'a host port is given up',
    { cause: 'host-port-conflict', subject: 'Deployment web', objects: workload('web', { ports: [{ containerPort: 80, hostPort: 80 }] }) },
    [`give-up-host-port (medium) | Deployment web ${ROLE}.containers[name=main].ports[0].hostPort = gone`],
  ],
  [
    'a key that differs in its separators is asked for; another is not guessed',
    {
      cause: 'configmap-key-missing',
      subject: 'ConfigMap settings',
      objects: [
        made('ConfigMap', 'settings', { data: { 'log-mode': 'x', other: 'y' } }),
        ...workload('web', { env: [setting('settings', 'logMode')] }),
      ],
    },
    [`use-closest-key (low) | Deployment web ${ROLE}.containers[name=main].env[name=MODE].valueFrom.configMapKeyRef.key = "log-mode"`],
  ],
  [
    'no key is near',
    {
      cause: 'configmap-key-missing',
      subject: 'ConfigMap settings',
      objects: [made('ConfigMap', 'settings', { data: { tone: 'x' } }), ...workload('web', { env: [setting('settings', 'zodiac')] })],
    },
    ['hand-over (low)'],
  ],
  [
    'the verb that was refused, and no other, goes into the rule of that resource alone',
    {
      cause: 'rbac-missing-permission',
      subject: 'Role keeper',
      facts: { account: 'keeper', accountNamespace: 'shop', verb: 'delete', resource: 'pods', group: '', namespace: 'shop' },
      objects: [made('Role', 'keeper', { rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] })],
    },
    ['grant-verb (medium) | Role keeper rules[0].verbs = ["get","delete"]'],
  ],
  [
    'a rule for several resources is not widened',
    {
      cause: 'rbac-missing-permission',
      subject: 'Role keeper',
      facts: { account: 'keeper', accountNamespace: 'shop', verb: 'list', resource: 'pods', group: '', namespace: 'shop' },
      objects: [made('Role', 'keeper', { rules: [{ apiGroups: [''], resources: ['pods', 'secrets'], verbs: ['get'] }] })],
    },
    [
      'grant-verb (medium) | Role keeper rules = [{"apiGroups":[""],"resources":["pods","secrets"],"verbs":["get"]},{"apiGroups":[""],"resources":["pods"],"verbs":["list"]}]',
    ],
  ],
  [
    'a role of the API server is left alone',
    {
      cause: 'rbac-missing-permission',
      subject: 'ClusterRole view',
      facts: { account: 'keeper', accountNamespace: 'shop', verb: 'list', resource: 'secrets', group: '' },
      objects: [clusterWide('ClusterRole', 'view', { rules: [] })],
    },
    ['hand-over (low)'],
  ],
  [
    'a binding gets the account that is in use',
    {
      cause: 'rbac-binding-wrong',
      subject: 'RoleBinding web',
      objects: [
        made('RoleBinding', 'web', {
          roleRef: { kind: 'Role', name: 'web' },
          subjects: [{ kind: 'ServiceAccount', name: 'web', namespace: 'old' }],
        }),
        made('ServiceAccount', 'web'),
        ...workload('web', { podSpec: { serviceAccountName: 'web' } }),
      ],
    },
    ['bind-used-account (medium) | RoleBinding web subjects[0].namespace = "shop"'],
  ],
  [
    'a webhook is ignored at high risk only',
    {
      cause: 'admission-webhook-down',
      subject: 'ValidatingWebhookConfiguration guard',
      objects: [clusterWide('ValidatingWebhookConfiguration', 'guard', { webhooks: [{ name: 'guard.example', failurePolicy: 'Fail' }] })],
    },
    ['ignore-webhook (high) | ValidatingWebhookConfiguration guard webhooks[0].failurePolicy = "Ignore"'],
  ],
  [
    'what a quota wants is taken from the neighbours',
    {
      cause: 'quota-requires-limits',
      subject: 'Deployment web',
      objects: [
        made('ResourceQuota', 'rules', { spec: { hard: { 'limits.memory': '8Gi' } } }),
        ...workload('web'),
        ...workload('other', { container: { resources: { limits: { memory: '256Mi' } } } }),
      ],
    },
    [`set-required-resources (medium) | Deployment web ${ROLE}.containers[name=main].resources.limits.memory = "256Mi"`],
  ],
  [
    'resources are brought into the bounds of the namespace',
    {
      cause: 'limit-range-violation',
      subject: 'Deployment web',
      objects: [
        made('LimitRange', 'bounds', { spec: { limits: [{ type: 'Container', max: { memory: '1Gi' }, min: { cpu: '50m' } }] } }),
        ...workload('web', { container: { resources: { limits: { memory: '3Gi' }, requests: { cpu: '10m' } } } }),
      ],
    },
    [
      `clamp-to-limit-range (medium) | Deployment web ${ROLE}.containers[name=main].resources.limits.memory = "1Gi" | Deployment web ${ROLE}.containers[name=main].resources.requests.cpu = "50m"`,
    ],
  ],
  [
    'host paths cannot be made to satisfy a level by settings',
    {
      cause: 'pod-security-rejected',
      subject: 'Deployment web',
      objects: [
        clusterWide('Namespace', 'shop', { metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } } }),
        ...workload('web', { podSpec: { volumes: [{ name: 'host', hostPath: { path: '/' } }] } }),
      ],
    },
    ['hand-over (low)'],
  ],
  [
    'a day that the month never has becomes its last',
    { cause: 'cron-schedule-invalid', subject: 'CronJob close', objects: [made('CronJob', 'close', { spec: { schedule: '0 8 31 4 *' } })] },
    ['correct-schedule (medium) | CronJob close spec.schedule = "0 8 30 4 *"'],
  ],
  [
    'a schedule with seconds loses them',
    {
      cause: 'cron-schedule-invalid',
      subject: 'CronJob close',
      objects: [made('CronJob', 'close', { spec: { schedule: '0 */5 * * * *' } })],
    },
    ['correct-schedule (medium) | CronJob close spec.schedule = "*/5 * * * *"'],
  ],
  [
    'words that are no schedule are handed over',
    {
      cause: 'cron-schedule-invalid',
      subject: 'CronJob close',
      objects: [made('CronJob', 'close', { spec: { schedule: 'every night' } })],
    },
    ['hand-over (low)'],
  ],
  [
    'the host that exists is written where the log tells of one that does not',
    {
      cause: 'dns-name-wrong',
      subject: 'Deployment web',
      facts: { hosts: ['clok.shop.svc.cluster.local'] },
      objects: [made('Service', 'clock', { spec: {} }), ...workload('web', { env: [{ name: 'URL', value: 'http://clok.shop/now' }] })],
    },
    [`correct-host-name (low) | Deployment web ${ROLE}.containers[name=main].env[name=URL].value = "http://clock.shop/now"`],
  ],
  [
    'a port that the Service has not becomes the one it has',
    {
      cause: 'dependency-misconfigured',
      subject: 'Deployment web',
      objects: [
        made('Service', 'db', { spec: { ports: [{ port: 5432 }] } }),
        ...workload('web', { env: [{ name: 'URL', value: 'pg://db:5433/x' }] }),
      ],
    },
    [`correct-dependency-port (low) | Deployment web ${ROLE}.containers[name=main].env[name=URL].value = "pg://db:5432/x"`],
  ],
  [
    'a full volume grows only where its class allows it',
    {
      cause: 'disk-full',
      subject: 'PersistentVolumeClaim data',
      objects: [
        clusterWide('StorageClass', 'fast', { allowVolumeExpansion: true }),
        made('PersistentVolumeClaim', 'data', { spec: { storageClassName: 'fast', resources: { requests: { storage: '10Gi' } } } }),
      ],
    },
    ['enlarge-claim (medium) | PersistentVolumeClaim data spec.resources.requests.storage = "15Gi"'],
  ],
  [
    'else people must find room',
    {
      cause: 'disk-full',
      subject: 'PersistentVolumeClaim data',
      objects: [
        clusterWide('StorageClass', 'fast'),
        made('PersistentVolumeClaim', 'data', { spec: { storageClassName: 'fast', resources: { requests: { storage: '10Gi' } } } }),
      ],
    },
    ['hand-over (low)'],
  ],
  [
    'a finalizer goes at high risk, when its controller runs nowhere',
    {
      cause: 'finalizer-stuck',
      subject: 'Bracket cup',
      objects: [
        made('Bracket', 'cup', { metadata: { deletionTimestamp: '2026-05-01T08:00:00Z', finalizers: ['cup.games.example/settle'] } }),
        ...workload('web'),
      ],
    },
    ['release-object (high) | Bracket cup metadata.finalizers = []'],
  ],
  [
    'not while a controller of its domain runs',
    {
      cause: 'finalizer-stuck',
      subject: 'Bracket cup',
      objects: [
        made('Bracket', 'cup', { metadata: { deletionTimestamp: '2026-05-01T08:00:00Z', finalizers: ['cup.games.example/settle'] } }),
        ...workload('cup-operator'),
      ],
    },
    ['hand-over (low)'],
  ],
  [
    'and never for what holds data',
    {
      cause: 'finalizer-stuck',
      subject: 'PersistentVolumeClaim data',
      objects: [
        made('PersistentVolumeClaim', 'data', {
          metadata: { deletionTimestamp: '2026-05-01T08:00:00Z', finalizers: ['backup.example/keep'] },
        }),
      ],
    },
    ['hand-over (low)'],
  ],
  [
    'what was edited by hand goes back to what was applied; what the API server added is no edit',
    {
      cause: 'application-bug',
      subject: 'Service web',
      objects: [
        made('Service', 'web', {
          metadata: {
            annotations: {
              'kubectl.kubernetes.io/last-applied-configuration': '{"spec":{"ports":[{"port":80}],"selector":{"app":"web"}}}',
            },
          },
          spec: { ports: [{ port: 80, protocol: 'TCP' }], selector: { app: 'wbe' }, type: 'ClusterIP' },
        }),
      ],
    },
    ['restore-declared (medium) | Service web spec.selector.app = "web"'],
  ],
  [
    'a release returns to the version of its chart that was deployed',
    {
      cause: 'helm-upgrade-failed',
      subject: 'HelmRelease app',
      objects: [
        made('HelmRelease', 'app', {
          spec: { chart: { spec: { version: '2.0.0' } } },
          status: {
            history: [
              { status: 'failed', chartVersion: '2.0.0' },
              { status: 'superseded', chartVersion: '1.9.0' },
            ],
          },
        }),
      ],
    },
    ['return-to-deployed-chart (medium) | HelmRelease app spec.chart.spec.version = "1.9.0"'],
  ],
])('%s', async (_title, example, expected) => {
  const advice = await advised(example);

  expect(lines(advice)).toEqual(expected);
  for (const one of advice) expect([one.precondition, one.verify, one.rollback].every((text) => text.length > 0)).toBe(true);
});

test('a StatefulSet is taken back to its revision before', async () => {
  const revision = (number: number, image: string, at: string) =>
    made('ControllerRevision', `db-${number}`, {
      metadata: {
        creationTimestamp: at,
        ownerReferences: [{ kind: 'StatefulSet', name: 'db', uid: 'uid-StatefulSet-db', controller: true }],
      },
      revision: number,
      data: { spec: { template: { $patch: 'replace', spec: { containers: [{ name: 'main', image }] } } } },
    });
  const objects = [
    ...workload('db', { kind: 'StatefulSet', image: 'registry.example/db:2' }),
    revision(1, 'registry.example/db:1', '2026-04-01T08:00:00Z'),
    revision(2, 'registry.example/db:2', '2026-05-04T11:00:00Z'),
  ];

  const advice = await advised({ cause: 'application-bug', subject: 'StatefulSet db', objects });

  expect(lines(advice)).toEqual([`revert-change (medium) | StatefulSet db ${ROLE}.containers[name=main].image = "registry.example/db:1"`]);
});

test('what ran and was approved comes before a value that is worked out', async () => {
  const selector = (pool: string) => ({ spec: { nodeSelector: { pool } } });
  const revision = (number: number, pool: string, at: string) =>
    made('ControllerRevision', `db-${number}`, {
      metadata: {
        creationTimestamp: at,
        ownerReferences: [{ kind: 'StatefulSet', name: 'db', uid: 'uid-StatefulSet-db', controller: true }],
      },
      revision: number,
      data: { spec: { template: { $patch: 'replace', ...selector(pool) } } },
    });
  const objects = [
    ...workload('db', { kind: 'StatefulSet', ready: false, node: null, podSpec: { nodeSelector: { pool: 'eats' } } }),
    node('a', { pool: 'east' }),
    node('b', { pool: 'archive' }),
    revision(1, 'archive', '2026-04-01T08:00:00Z'),
    revision(2, 'eats', '2026-05-04T11:00:00Z'),
  ];

  const advice = await advised({ cause: 'node-selector-unsatisfiable', subject: 'StatefulSet db', objects });

  expect(advice.map(({ id, kind }) => [id, kind])).toEqual([
    ['revert-change', 'revert'],
    ['correct-node-selector', 'edit'],
    ['drop-node-selector', 'edit'],
  ]);
});
