// A made cluster of N pods behind a real HTTP API, as a process of its own. Reads one word a line: "break I", "mend I", "touch N".
import { createInterface } from 'node:readline';
import { createEmbeddedCluster, type KubernetesObject } from '@tier0/eval/cluster';

const pods = Number(process.argv[2] ?? 1000);
const REPLICAS = 10;
const SINCE = new Date(Date.now() - 3_600_000).toISOString();

const cluster = await createEmbeddedCluster({ objects: made() as unknown as readonly KubernetesObject[], now: Date.now, writable: true });
process.stdout.write(`${JSON.stringify({ kubeconfig: cluster.kubeconfig })}\n`);
for await (const line of createInterface({ input: process.stdin })) {
  const [word = '', argument = '0'] = line.split(' ');
  const index = Number(argument);
  if (word === 'touch') {
    for (let one = 0; one < index; one++) setStatus(one, healthy(one % 2 === 0 ? '10.0.0.1' : '10.0.0.2'));
    process.stdout.write('touched\n');
    continue;
  }
  setStatus(index * REPLICAS, word === 'break' ? broken(index) : healthy('10.0.0.1'));
  process.stdout.write(`${nameOf(index)}\n`);
}
process.exit(0);

function setStatus(pod: number, status: object): void {
  const app = Math.floor(pod / REPLICAS);
  const found = cluster.store.get({ apiVersion: 'v1', kind: 'Pod', namespace: spaceOf(app), name: `${nameOf(app)}-x-${pod % REPLICAS}` });
  if (found) cluster.store.updateStatus({ ...found, status } as KubernetesObject);
}

function nameOf(app: number): string {
  return `app-${app}`;
}

function spaceOf(app: number): string {
  return `space-${app % 50}`;
}

function healthy(podIP: string) {
  const state = { running: { startedAt: SINCE } };
  const conditions = ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map((type) => ({
    type,
    status: 'True',
    lastTransitionTime: SINCE,
  }));
  return {
    phase: 'Running',
    podIP,
    startTime: SINCE,
    conditions,
    containerStatuses: [{ name: 'main', ready: true, restartCount: 0, image: 'i:1', imageID: '', state }],
  };
}

function broken(app: number) {
  const waiting = {
    reason: 'ImagePullBackOff',
    message: `Back-off pulling image "registry.made/app:${app}": rpc error: code = NotFound desc = failed to resolve reference: not found`,
  };
  const conditions = [
    { type: 'Ready', status: 'False', lastTransitionTime: SINCE },
    { type: 'PodScheduled', status: 'True', lastTransitionTime: SINCE },
  ];
  return {
    phase: 'Pending',
    startTime: SINCE,
    conditions,
    containerStatuses: [{ name: 'main', ready: false, restartCount: 0, image: 'i:1', imageID: '', state: { waiting } }],
  };
}

function made(): readonly object[] {
  const apps = Math.ceil(pods / REPLICAS);
  const nodes = Math.max(3, Math.ceil(pods / 100));
  const metadata = (name: string, namespace: string | undefined, extra: object = {}) => ({
    name,
    ...(namespace ? { namespace } : {}),
    uid: `${namespace ?? 'c'}-${name}`,
    creationTimestamp: SINCE,
    ...extra,
  });
  const ready = [{ type: 'Ready', status: 'True', lastTransitionTime: SINCE, lastHeartbeatTime: SINCE }];
  const capacity = { cpu: '64', memory: '256Gi', pods: '250' };
  return [
    ...Array.from({ length: Math.min(50, apps) }, (_, index) => ({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: metadata(`space-${index}`, undefined),
      status: { phase: 'Active' },
    })),
    ...Array.from({ length: nodes }, (_, index) => ({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: metadata(`node-${index}`, undefined),
      spec: {},
      status: { conditions: ready, capacity, allocatable: capacity },
    })),
    ...Array.from({ length: apps }, (_, app) => {
      const [name, namespace] = [nameOf(app), spaceOf(app)];
      const labels = { app: name };
      const template = { metadata: { labels }, spec: { containers: [{ name: 'main', image: `registry.made/app:${app}` }] } };
      const counts = {
        replicas: REPLICAS,
        readyReplicas: REPLICAS,
        availableReplicas: REPLICAS,
        updatedReplicas: REPLICAS,
        observedGeneration: 1,
      };
      const set = `${name}-x`;
      const controller = (kind: string, owner: string) => ({
        ownerReferences: [{ apiVersion: 'apps/v1', kind, name: owner, uid: `${namespace}-${owner}`, controller: true }],
      });
      return [
        {
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          metadata: metadata(name, namespace, { generation: 1 }),
          spec: { replicas: REPLICAS, selector: { matchLabels: labels }, template },
          status: counts,
        },
        {
          apiVersion: 'apps/v1',
          kind: 'ReplicaSet',
          metadata: metadata(set, namespace, controller('Deployment', name)),
          spec: { replicas: REPLICAS, selector: { matchLabels: labels }, template },
          status: counts,
        },
        {
          apiVersion: 'v1',
          kind: 'Service',
          metadata: metadata(name, namespace),
          spec: { selector: labels, ports: [{ port: 80, targetPort: 8080 }] },
        },
        ...Array.from({ length: REPLICAS }, (_unused, index) => ({
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: metadata(`${set}-${index}`, namespace, { labels, ...controller('ReplicaSet', set) }),
          spec: { nodeName: `node-${(app + index) % nodes}`, containers: [{ name: 'main', image: `registry.made/app:${app}` }] },
          status: healthy('10.0.0.1'),
        })),
      ];
    }).flat(),
  ];
}
