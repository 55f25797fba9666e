/** A cluster in the shape that is worst for some rule; `size` things on each side. */
export interface Shape {
  readonly name: string;
  objects(size: number): readonly object[];
}

const NS = 'shop';
const AT = '2026-01-01T00:00:00Z';
const meta = (name: string, more: object = {}) => ({ name, namespace: NS, uid: `uid-${name}`, creationTimestamp: AT, ...more });
const many = <T>(size: number, make: (index: number) => T): readonly T[] => Array.from({ length: size }, (_, index) => make(index));

function pod(
  name: string,
  more: { readonly labels?: object; readonly spec?: object; readonly ready?: boolean; readonly owner?: string } = {},
) {
  const owner =
    more.owner === undefined
      ? {}
      : { ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: more.owner, uid: `uid-${more.owner}`, controller: true }] };
  const waiting = { waiting: { reason: 'CrashLoopBackOff', message: 'back-off' } };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: meta(name, { labels: { app: 'web', ...more.labels }, ...owner }),
    spec: {
      nodeName: 'node-0',
      serviceAccountName: 'default',
      containers: [{ name: 'app', image: 'shop/web:1', ports: [{ containerPort: 80 }], resources: { requests: { memory: '64Mi' } } }],
      ...more.spec,
    },
    status: {
      phase: 'Running',
      conditions: [
        { type: 'Ready', status: more.ready === false ? 'False' : 'True', lastTransitionTime: AT },
        { type: 'PodScheduled', status: 'True' },
      ],
      containerStatuses: [
        {
          name: 'app',
          ready: more.ready !== false,
          restartCount: more.ready === false ? 9 : 0,
          image: 'shop/web:1',
          state: more.ready === false ? waiting : { running: { startedAt: AT } },
          lastState: more.ready === false ? { terminated: { exitCode: 1, finishedAt: AT, startedAt: AT } } : {},
        },
      ],
    },
  };
}
const deployment = (name: string, labels: object = { app: name }, extra: object = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: meta(name),
  spec: {
    replicas: 2,
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: [{ name: 'app', image: 'shop/web:1' }] } },
    ...extra,
  },
  status: {
    replicas: 1,
    unavailableReplicas: 1,
    conditions: [{ type: 'Available', status: 'False', reason: 'MinimumReplicasUnavailable', lastTransitionTime: AT }],
  },
});

export const SHAPES: readonly Shape[] = [
  {
    name: 'services x pods',
    objects: (size) => [
      ...many(size, (i) => ({
        apiVersion: 'v1',
        kind: 'Service',
        metadata: meta(`s${i}`),
        spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 81 + (i % 7) }] },
      })),
      ...many(size, (i) => pod(`p${i}`, { ready: i % 2 === 0 })),
    ],
  },
  {
    name: 'services that select nothing x pods',
    objects: (size) => [
      ...many(size, (i) => ({
        apiVersion: 'v1',
        kind: 'Service',
        metadata: meta(`s${i}`),
        spec: { selector: { app: `none-${i}` }, ports: [{ port: 80 }] },
      })),
      ...many(size, (i) => pod(`p${i}`, { labels: { app: `w${i}` } })),
    ],
  },
  {
    name: 'policies x pods',
    objects: (size) => [
      ...many(size, (i) => ({
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata: meta(`n${i}`),
        spec: {
          podSelector: { matchLabels: { app: 'web' } },
          policyTypes: ['Ingress', 'Egress'],
          ingress: [{ from: [{ podSelector: { matchLabels: { app: `x${i}` } } }] }],
          egress: [],
        },
      })),
      ...many(size, (i) => pod(`p${i}`, { ready: i % 2 === 0 })),
    ],
  },
  {
    name: 'autoscalers x workloads',
    objects: (size) => [
      ...many(size, (i) => ({
        apiVersion: 'autoscaling/v2',
        kind: 'HorizontalPodAutoscaler',
        metadata: meta(`h${i}`),
        spec: {
          scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: `d${i % 3}` },
          minReplicas: 1,
          maxReplicas: 2,
          metrics: [],
        },
        status: {
          currentReplicas: 2,
          desiredReplicas: 2,
          conditions: [{ type: 'ScalingActive', status: 'False', reason: 'FailedGetResourceMetric', message: 'x' }],
        },
      })),
      ...many(size, (i) => deployment(`d${i}`)),
    ],
  },
  {
    name: 'budgets x pods',
    objects: (size) => [
      ...many(size, (i) => ({
        apiVersion: 'policy/v1',
        kind: 'PodDisruptionBudget',
        metadata: meta(`b${i}`),
        spec: { minAvailable: 1, selector: { matchLabels: { app: 'web' } } },
        status: { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 1, expectedPods: size },
      })),
      ...many(size, (i) => pod(`p${i}`)),
    ],
  },
  {
    name: 'references x ConfigMaps',
    objects: (size) => [
      ...many(size, (i) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: meta(`c${i}`), data: { a: '1' } })),
      ...many(size, (i) =>
        pod(`p${i}`, {
          ready: false,
          spec: {
            containers: [
              {
                name: 'app',
                image: 'i',
                env: many(5, (k) => ({
                  name: `E${k}`,
                  valueFrom: { configMapKeyRef: { name: `c${i + k}`, key: k === 0 ? 'missing' : 'a' } },
                })),
              },
            ],
          },
        }),
      ),
    ],
  },
  {
    name: 'events x pods',
    objects: (size) => [
      ...many(size, (i) => ({
        apiVersion: 'v1',
        kind: 'Event',
        metadata: meta(`e${i}`),
        involvedObject: { kind: 'Pod', name: `p${i % 5}`, namespace: NS },
        type: 'Warning',
        reason: i % 2 ? 'FailedScheduling' : 'Failed',
        message: `0/3 nodes are available ${i}`,
        lastTimestamp: AT,
        count: i,
      })),
      ...many(size, (i) => pod(`p${i}`, { ready: false })),
    ],
  },
  {
    name: 'revisions of one Deployment',
    objects: (size) => [
      deployment('d'),
      ...many(size, (i) => ({
        apiVersion: 'apps/v1',
        kind: 'ReplicaSet',
        metadata: meta(`d-${i}`, {
          annotations: { 'deployment.kubernetes.io/revision': String(i) },
          ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'd', uid: 'uid-d', controller: true }],
        }),
        spec: {
          replicas: i === size - 1 ? 2 : 0,
          selector: { matchLabels: { app: 'd' } },
          template: { metadata: { labels: { app: 'd' } }, spec: { containers: [{ name: 'app', image: `shop/web:${i}` }] } },
        },
        status: { replicas: 0 },
      })),
      ...many(size, (i) => pod(`p${i}`, { ready: false, labels: { app: 'd' }, owner: `d-${i}` })),
    ],
  },
  {
    name: 'claims x volumes',
    objects: (size) => [
      ...many(size, (i) => ({
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: meta(`v${i}`),
        spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'none', resources: { requests: { storage: '1Gi' } } },
        status: { phase: 'Pending' },
      })),
      ...many(size, (i) => ({
        apiVersion: 'v1',
        kind: 'PersistentVolume',
        metadata: { ...meta(`pv${i}`), namespace: undefined },
        spec: {
          capacity: { storage: '1Gi' },
          accessModes: ['ReadWriteOnce'],
          storageClassName: 'other',
          claimRef: { namespace: NS, name: `gone${i}` },
        },
        status: { phase: 'Released' },
      })),
      ...many(size, (i) =>
        pod(`p${i}`, { ready: false, spec: { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: `v${i}` } }] } }),
      ),
    ],
  },
  {
    name: 'pods that wait x nodes',
    objects: (size) => [
      ...many(size, (i) => ({
        apiVersion: 'v1',
        kind: 'Node',
        metadata: { name: `n${i}`, uid: `n${i}`, labels: { zone: `z${i % 9}` } },
        spec: { taints: [{ key: 'a', value: 'b', effect: 'NoSchedule' }] },
        status: { allocatable: { cpu: '4', memory: '8Gi', pods: '110' }, conditions: [{ type: 'Ready', status: 'True' }] },
      })),
      ...many(size, (i) => {
        const waiting = pod(`p${i}`, { spec: { nodeName: undefined, nodeSelector: { zone: 'none' } } });
        return {
          ...waiting,
          status: {
            phase: 'Pending',
            conditions: [
              {
                type: 'PodScheduled',
                status: 'False',
                reason: 'Unschedulable',
                message: `0/${size} nodes are available`,
                lastTransitionTime: AT,
              },
            ],
          },
        };
      }),
    ],
  },
  {
    name: 'routes x services',
    objects: (size) => [
      ...many(size, (i) => ({
        apiVersion: 'networking.k8s.io/v1',
        kind: 'Ingress',
        metadata: meta(`i${i}`),
        spec: {
          ingressClassName: 'nginx',
          rules: [
            {
              host: 'shop.example',
              http: { paths: [{ path: `/${i}`, pathType: 'Prefix', backend: { service: { name: `s${i + 1}`, port: { number: 81 } } } }] },
            },
          ],
        },
      })),
      ...many(size, (i) => ({
        apiVersion: 'v1',
        kind: 'Service',
        metadata: meta(`s${i}`),
        spec: { selector: { app: `w${i}` }, ports: [{ port: 80 }] },
      })),
      ...many(size, (i) => ({
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: meta(`s${i}-x`, { labels: { 'kubernetes.io/service-name': `s${i}` } }),
        endpoints: [],
        ports: [],
      })),
    ],
  },
  {
    name: 'roles x bindings',
    objects: (size) => [
      ...many(size, (i) => ({
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'RoleBinding',
        metadata: meta(`b${i}`),
        roleRef: { kind: 'Role', name: `gone${i}`, apiGroup: 'rbac.authorization.k8s.io' },
        subjects: [{ kind: 'ServiceAccount', name: `a${i}`, namespace: NS }],
      })),
      ...many(size, (i) => ({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: meta(`r${i}`), rules: [] })),
      ...many(size, (i) => pod(`p${i}`, { spec: { serviceAccountName: `a${i}` } })),
    ],
  },
];
