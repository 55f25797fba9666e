import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const PODS_PER_DEPLOYMENT = 4;
const NAMESPACES = 40;
const NOW = '2026-02-10T00:00:00Z';
const ROLLED_OUT = '2026-02-01T00:00:00Z';

type Body = Record<string, unknown>;
/** Lists under construction, by kind. */
type Lists = Map<string, { readonly apiVersion: string; readonly items: Body[] }>;

/**
 * Writes a recording with this many pods of about 7 kB, with managed fields, one compact List a kind, as an API server answers. One Deployment
 * in a thousand cannot pull its image, so that there is something to find.
 */
export function writeLargeSnapshot(directory: string, pods: number): { readonly objects: number; readonly faults: number } {
  const lists: Lists = new Map();
  const counter = { uid: 0 };
  const add = (apiVersion: string, kind: string, metadata: Body, body: Body) => {
    counter.uid += 1;
    const uid = (metadata.uid as string | undefined) ?? uidOf(counter.uid);
    const list = lists.get(kind) ?? { apiVersion, items: [] };
    list.items.push({ apiVersion, kind, metadata: { ...metadata, uid, resourceVersion: String(counter.uid) }, ...body });
    lists.set(kind, list);
  };
  const deployments = Math.ceil(pods / PODS_PER_DEPLOYMENT);
  const nodes = Math.max(3, Math.ceil(pods / 50));
  for (let index = 0; index < nodes; index++) addNode(add, index);
  for (let index = 0; index < NAMESPACES; index++) addNamespace(add, `team-${index}`);
  const places = Array.from({ length: deployments }, (_, index): Place => ({ index, deployments, nodes }));
  for (const place of places) addService(add, place);
  mkdirSync(join(directory, 'cluster'), { recursive: true });
  for (const [kind, { apiVersion, items }] of lists) {
    const text = JSON.stringify({ kind: `${kind}List`, apiVersion, metadata: { resourceVersion: '1' }, items });
    writeFileSync(join(directory, 'cluster', `${kind.toLowerCase()}.json`), text);
  }
  writeFileSync(join(directory, 'meta.json'), JSON.stringify({ now: NOW, serverVersion: 'v1.33.1', cluster: 'large' }));
  return { objects: counter.uid, faults: places.filter(isBroken).length };
}

type Add = (apiVersion: string, kind: string, metadata: Body, body: Body) => void;

function addNode(add: Add, index: number): void {
  const size = { cpu: '32', memory: '128Gi', pods: '110' };
  add(
    'v1',
    'Node',
    { name: `node-${index}`, creationTimestamp: ROLLED_OUT },
    {
      spec: {},
      status: { allocatable: size, capacity: size, conditions: [condition('Ready')] },
    },
  );
}

function addNamespace(add: Add, name: string): void {
  add('v1', 'Namespace', { name }, { status: { phase: 'Active' } });
  add('v1', 'ServiceAccount', { name: 'default', namespace: name }, {});
  add('v1', 'ConfigMap', { name: 'kube-root-ca.crt', namespace: name }, { data: { 'ca.crt': '-----BEGIN CERTIFICATE-----' } });
}

interface Place {
  readonly index: number;
  readonly deployments: number;
  readonly nodes: number;
}

/** One Deployment in a thousand, and at least one. */
function isBroken({ index, deployments }: Place): boolean {
  return index % 1000 === 500 || (deployments <= 500 && index === 0);
}

function addService(add: Add, place: Place): void {
  const { index, deployments, nodes } = place;
  const namespace = `team-${index % NAMESPACES}`;
  const name = `service-${index}`;
  const broken = isBroken(place);
  const next = (index + 1) % deployments;
  const template = podTemplate(name, `http://service-${next}.team-${next % NAMESPACES}:80`, broken);
  const ready = broken ? 0 : PODS_PER_DEPLOYMENT;
  const deploymentUid = uidOf(10_000_000 + index);
  const replicaSetUid = uidOf(20_000_000 + index);
  const labels = { app: name };
  add(
    'apps/v1',
    'Deployment',
    { name, namespace, uid: deploymentUid, generation: 3, creationTimestamp: ROLLED_OUT, labels, managedFields: managed('kubectl', 1) },
    {
      spec: { replicas: PODS_PER_DEPLOYMENT, selector: { matchLabels: labels }, template, strategy: { type: 'RollingUpdate' } },
      status: {
        observedGeneration: 3,
        replicas: PODS_PER_DEPLOYMENT,
        updatedReplicas: PODS_PER_DEPLOYMENT,
        readyReplicas: ready,
        availableReplicas: ready,
        conditions: [{ ...condition('Available'), status: broken ? 'False' : 'True' }],
      },
    },
  );
  const owner = [{ apiVersion: 'apps/v1', kind: 'Deployment', name, uid: deploymentUid, controller: true }];
  for (const revision of [1, 2]) {
    const replicas = revision === 2 ? PODS_PER_DEPLOYMENT : 0;
    add(
      'apps/v1',
      'ReplicaSet',
      {
        name: `${name}-${revision}`,
        namespace,
        ...(revision === 2 ? { uid: replicaSetUid } : {}),
        creationTimestamp: revision === 2 ? ROLLED_OUT : '2026-01-01T00:00:00Z',
        labels,
        annotations: { 'deployment.kubernetes.io/revision': String(revision) },
        ownerReferences: owner,
      },
      {
        spec: { replicas, template: podTemplate(name, 'http://elsewhere:80', false) },
        status: { replicas, readyReplicas: replicas && ready },
      },
    );
  }
  add('v1', 'ConfigMap', { name, namespace }, { data: { mode: 'fast' } });
  const serviceUid = uidOf(30_000_000 + index);
  add('v1', 'Service', { name, namespace, uid: serviceUid }, { spec: { selector: labels, ports: [{ port: 80, targetPort: 'http' }] } });
  const endpoints = Array.from({ length: PODS_PER_DEPLOYMENT }, (_, pod) => ({
    addresses: ['10.0.0.1'],
    conditions: { ready: !broken },
    targetRef: { kind: 'Pod', name: `${name}-2-${pod}`, namespace },
  }));
  add(
    'discovery.k8s.io/v1',
    'EndpointSlice',
    {
      name: `${name}-slice`,
      namespace,
      labels: { 'kubernetes.io/service-name': name },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Service', name, uid: serviceUid, controller: true }],
    },
    { addressType: 'IPv4', ports: [{ name: '', port: 8080 }], endpoints },
  );
  for (let pod = 0; pod < PODS_PER_DEPLOYMENT; pod++) {
    const nodeName = `node-${(index * PODS_PER_DEPLOYMENT + pod) % nodes}`;
    add(
      'v1',
      'Pod',
      {
        name: `${name}-2-${pod}`,
        namespace,
        creationTimestamp: ROLLED_OUT,
        labels: { ...labels, 'pod-template-hash': '2' },
        ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: `${name}-2`, uid: replicaSetUid, controller: true }],
        managedFields: managed('kube-controller-manager', 6),
      },
      podBody(template, nodeName, broken),
    );
  }
}

function podTemplate(name: string, neighbour: string, isBroken: boolean): Body & { readonly spec: Body } {
  return {
    metadata: { labels: { app: name } },
    spec: {
      serviceAccountName: 'default',
      containers: [
        {
          name: 'main',
          image: `registry.example/${name}:${isBroken ? 'gone' : '1.2.3'}`,
          ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
          env: [
            { name: 'NEIGHBOUR', value: neighbour },
            { name: 'MODE', valueFrom: { configMapKeyRef: { name, key: 'mode' } } },
          ],
          resources: { limits: { cpu: '1', memory: '256Mi' }, requests: { cpu: '100m', memory: '128Mi' } },
          livenessProbe: { httpGet: { path: '/healthz', port: 'http' }, periodSeconds: 10, failureThreshold: 3 },
          readinessProbe: { httpGet: { path: '/ready', port: 8080 }, periodSeconds: 10, failureThreshold: 3 },
        },
      ],
    },
  };
}

function podBody(template: ReturnType<typeof podTemplate>, nodeName: string, isBroken: boolean): Body {
  const [container] = template.spec.containers as readonly { readonly image: string }[];
  const image = container?.image ?? '';
  const state = isBroken
    ? { waiting: { reason: 'ImagePullBackOff', message: `Back-off pulling image "${image}": ErrImagePull: ${image}: not found` } }
    : { running: { startedAt: ROLLED_OUT } };
  const conditions = ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map((type) => ({
    ...condition(type),
    status: isBroken && type.endsWith('eady') ? 'False' : 'True',
  }));
  const volume = {
    name: 'kube-api-access',
    projected: { sources: [{ serviceAccountToken: { path: 'token' } }, { configMap: { name: 'kube-root-ca.crt' } }] },
  };
  return {
    spec: {
      ...template.spec,
      nodeName,
      volumes: [volume],
      tolerations: [{ key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 }],
    },
    status: {
      phase: isBroken ? 'Pending' : 'Running',
      podIP: '10.0.0.1',
      startTime: ROLLED_OUT,
      conditions,
      containerStatuses: [
        {
          name: 'main',
          image,
          imageID: `sha256:${'a'.repeat(64)}`,
          containerID: `containerd://${'b'.repeat(64)}`,
          ready: !isBroken,
          started: !isBroken,
          restartCount: 0,
          state,
          lastState: {},
        },
      ],
    },
  };
}

function condition(type: string): Body {
  return { type, status: 'True', lastProbeTime: null, lastTransitionTime: ROLLED_OUT };
}

/** Managed fields of this many writers: half of what a recorded pod weighs. */
function managed(manager: string, writers: number): readonly Body[] {
  const fields = {
    'f:metadata': {
      'f:labels': { '.': {}, 'f:app': {}, 'f:pod-template-hash': {} },
      'f:ownerReferences': { '.': {}, 'k:{"uid":"x"}': {} },
    },
    'f:spec': {
      'f:containers': {
        'k:{"name":"main"}': {
          '.': {},
          'f:env': { '.': {}, 'k:{"name":"MODE"}': { '.': {}, 'f:name': {}, 'f:valueFrom': {} } },
          'f:image': {},
          'f:livenessProbe': { '.': {}, 'f:failureThreshold': {}, 'f:httpGet': { '.': {}, 'f:path': {}, 'f:port': {} } },
          'f:resources': { '.': {}, 'f:limits': { '.': {}, 'f:cpu': {}, 'f:memory': {} } },
        },
      },
      'f:dnsPolicy': {},
    },
    'f:status': { 'f:conditions': { 'k:{"type":"Ready"}': { '.': {}, 'f:lastProbeTime': {}, 'f:status': {} } } },
  };
  return Array.from({ length: writers }, (_, writer) => ({
    manager: writer === 0 ? manager : `writer-${writer}`,
    operation: 'Update',
    apiVersion: 'v1',
    time: ROLLED_OUT,
    fieldsType: 'FieldsV1',
    fieldsV1: fields,
  }));
}

function uidOf(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
}
