import { expect, test } from 'vitest';
import { codesOf } from '../packages/agents/src/findings/matter.ts';
import { toFinding } from '../packages/agents/src/findings/to-finding.ts';
import { madeCluster, minutesAgo, node, object, ownedBy, type Part, pod } from '../packages/agents/src/fixtures/made-cluster.ts';
import { MATTERS } from '../packages/agents/src/kubernetes/matters.ts';
import { podSpecPath } from '../packages/agents/src/kubernetes/objects/workload.ts';
import { remediesFor } from '../packages/agents/src/remedy/choose.ts';
import { formatFieldPath, parseKubernetesItemId, type RootCause, writeField } from '../packages/core/src/index.ts';
import { typeAt } from '../packages/gitops/src/index.ts';

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';
/** A pod template with something that each remedy can take hold of. */
const SPEC: Part = {
  containers: [
    {
      name: 'app',
      image: 'registry.example/web:1',
      command: ['run'],
      ports: [{ containerPort: 8080, hostPort: 8080 }],
      env: [{ name: 'MODE', value: 'x' }],
      resources: {
        requests: { cpu: '64', memory: '64Gi' },
        limits: { cpu: '10m', memory: '64Mi', 'ephemeral-storage': '1Gi' },
      },
      livenessProbe: { httpGet: { path: '/', port: 80 }, initialDelaySeconds: 1 },
      readinessProbe: { httpGet: { path: '/', port: 80 } },
    },
  ],
  nodeSelector: { 'acme.io/pool': 'ingest' },
  affinity: {
    nodeAffinity: {
      [REQUIRED]: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'acme.io/pool', operator: 'In', values: ['ingest'] }] }] },
    },
    podAntiAffinity: { [REQUIRED]: [{ topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'web' } } }] },
  },
  topologySpreadConstraints: [
    { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: { app: 'web' } } },
  ],
};
const GROUP: Readonly<Record<string, string>> = { CronJob: 'batch/v1', Job: 'batch/v1', Pod: 'v1', ReplicationController: 'v1' };
const OWN: Readonly<Record<string, Part>> = {
  Deployment: { replicas: 0, strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } } },
  DaemonSet: { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0 } } },
  StatefulSet: { replicas: 0, updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } } },
  Job: { suspend: true, activeDeadlineSeconds: 5 },
  CronJob: { schedule: '0 0 31 2 *', concurrencyPolicy: 'Replace', jobTemplate: { spec: { activeDeadlineSeconds: 5 } } },
  ReplicaSet: { replicas: 0 },
};

function workload(kind: string): Part {
  const bare = object(kind, 'web', { apiVersion: GROUP[kind] ?? 'apps/v1', spec: OWN[kind] ?? {} });
  const path = podSpecPath(kind);
  const labelled = kind === 'Pod' ? bare : writeField(bare, [...path.slice(0, -1), 'metadata'], { labels: { app: 'web' } });
  return writeField(labelled, path, SPEC as never) as Part;
}

/** Every field that any remedy of any cause would write to a workload of a kind, or to what stands around it. */
async function written(kind: string): Promise<readonly { readonly cause: string; readonly id: string; readonly text: string }[]> {
  const waiting = pod('web-0', {
    spec: { ...SPEC, nodeName: undefined },
    podStatus: { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '' }] },
    metadata: kind === 'Pod' ? {} : ownedBy(kind, 'web'),
  });
  const placed = pod('web-1', { spec: { ...SPEC, nodeName: 'node-a' }, metadata: ownedBy(kind, 'web') });
  const reader = await madeCluster([
    workload(kind),
    waiting,
    placed,
    node('node-a', { spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] } }),
  ]);
  const subject = reader.items({ kind }).items.find(({ name }) => name === 'web')?.id ?? '';
  const codes = codesOf(MATTERS);
  const wrong: { readonly cause: string; readonly id: string; readonly text: string }[] = [];
  for (const [code, { cause }] of Object.entries(codes)) {
    const finding = toFinding({ code, subject, container: 'app', message: 'x', evidence: [], sinceMs: Date.parse(minutesAgo(5)) }, codes);
    const rootCause = { cause, subject, container: 'app', finding: finding.fingerprint, message: 'x' } as unknown as RootCause;
    for (const { id, edits } of remediesFor({ reader, rootCause, finding }, MATTERS))
      for (const { item, fieldPath } of edits) {
        const text = `${parseKubernetesItemId(item)?.kind} ${formatFieldPath(fieldPath)}`;
        if (typeAt(reader.object(item), fieldPath).status === 'unknown') wrong.push({ cause, id, text });
        else made.add(id);
      }
  }
  return wrong;
}

/** Remedies that were tried at least once. */
const made = new Set<string>();

test.each(['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob', 'ReplicaSet', 'Pod'])(
  'no remedy writes a field that a %s does not have',
  async (kind) => {
    expect(await written(kind)).toEqual([]);
  },
);

test('the remedies above were really thought of', () => {
  expect([...made].sort()).toEqual(
    expect.arrayContaining([
      'make-rollout-possible',
      'release-partition',
      'raise-memory-limit',
      'prefer-affinity',
      'relax-spread',
      'let-runs-end',
    ]),
  );
});
