/** Instants of the fixture. */
export const SHOP_NOW = Date.parse('2026-11-22T12:00:00.000Z');
const DAYS_AGO = '2026-11-18T08:00:00Z';

/** What is different from the healthy cluster. */
export interface ShopOptions {
  /** Image of the newest revision of the Deployment `payment`. Default: the one that runs. */
  readonly brokenImage?: string;
  readonly memoryLimit?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

const GOOD_IMAGE = 'registry.example/shop/payment:2.4.1';

/** A small cluster: a payment Deployment behind a Service, a checkout Deployment that depends on it, two nodes. */
export function shopObjects(options: ShopOptions = {}): readonly unknown[] {
  const broken = options.brokenImage;
  const template = (image: string) => paymentTemplate(image, options);
  const revisions = [replicaSet({ revision: 1, image: GOOD_IMAGE, replicas: 2, ready: 2, createdAt: DAYS_AGO, template })];
  if (broken)
    revisions.push(replicaSet({ revision: 2, image: broken, replicas: 1, ready: 0, createdAt: '2026-11-22T11:30:00Z', template }));
  const running = ['a', 'b'].map((suffix) => pod(`payment-r1-${suffix}`, 'payment-r1', template(GOOD_IMAGE), ready(GOOD_IMAGE)));
  const stuck = broken ? [pod('payment-r2-c', 'payment-r2', template(broken), waiting(broken))] : [];
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', labels: { team: 'shop-platform' } } },
    ...['node-1', 'node-2'].map((name) => ({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name },
      status: { allocatable: { memory: '4Gi' } },
    })),
    deployment('payment', template(broken ?? GOOD_IMAGE), { wanted: 2, ready: 2, stuck: broken !== undefined }),
    ...revisions,
    ...running,
    ...stuck,
    service('payment', 8080),
    deployment('checkout', checkoutTemplate(), { wanted: 1, ready: 1, stuck: false }),
    service('checkout', 8080),
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'checkout', namespace: 'shop' }, data: { mode: 'fast' } },
    ingress(),
  ];
}

function paymentTemplate(image: string, { memoryLimit = '256Mi', annotations = {} }: ShopOptions) {
  return {
    metadata: { labels: { app: 'payment' }, annotations: { 'tier0.dev/framework': 'paykit@3.2.4', ...annotations } },
    spec: {
      containers: [
        {
          name: 'payment',
          image,
          ports: [{ containerPort: 8080 }],
          resources: { limits: { memory: memoryLimit }, requests: { memory: '128Mi' } },
        },
      ],
    },
  };
}

function checkoutTemplate() {
  const env = [
    { name: 'PAYMENT_URL', value: 'http://payment:8080/pay' },
    { name: 'MODE', valueFrom: { configMapKeyRef: { name: 'checkout', key: 'mode' } } },
  ];
  return {
    metadata: { labels: { app: 'checkout' } },
    spec: { containers: [{ name: 'checkout', image: 'registry.example/shop/checkout:1.0.0', env, ports: [{ containerPort: 8080 }] }] },
  };
}

interface RevisionInput {
  readonly revision: number;
  readonly image: string;
  readonly replicas: number;
  readonly ready: number;
  readonly createdAt: string;
  readonly template: (image: string) => unknown;
}

function replicaSet({ revision, image, replicas, ready: readyReplicas, createdAt, template }: RevisionInput) {
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `payment-r${revision}`,
      namespace: 'shop',
      uid: `rs-${revision}`,
      creationTimestamp: createdAt,
      annotations: { 'deployment.kubernetes.io/revision': String(revision) },
      ownerReferences: [{ kind: 'Deployment', name: 'payment', uid: 'deployment-payment', controller: true }],
    },
    spec: { replicas, template: template(image) },
    status: { replicas, readyReplicas },
  };
}

function deployment(
  name: string,
  template: unknown,
  { wanted, ready: readyReplicas, stuck }: { readonly wanted: number; readonly ready: number; readonly stuck: boolean },
) {
  const progressing = stuck
    ? { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', lastTransitionTime: '2026-11-22T11:40:00Z' }
    : { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable', lastUpdateTime: DAYS_AGO };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name,
      namespace: 'shop',
      uid: `deployment-${name}`,
      generation: 1,
      creationTimestamp: DAYS_AGO,
      labels: { 'app.kubernetes.io/part-of': name },
    },
    spec: { replicas: wanted, selector: { matchLabels: { app: name } }, template },
    status: {
      observedGeneration: 1,
      replicas: stuck ? wanted + 1 : wanted,
      readyReplicas,
      updatedReplicas: stuck ? 1 : wanted,
      availableReplicas: readyReplicas,
      conditions: [progressing],
    },
  };
}

function pod(name: string, owner: string, template: { readonly metadata: object; readonly spec: object }, status: unknown) {
  const ownerReferences = [{ kind: 'ReplicaSet', name: owner, uid: `uid-${owner}`, controller: true }];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...template.metadata,
      name,
      namespace: 'shop',
      uid: `pod-${name}`,
      creationTimestamp: name.includes('r2') ? '2026-11-22T11:30:00Z' : DAYS_AGO,
      ownerReferences,
    },
    spec: { ...template.spec, nodeName: 'node-1' },
    status,
  };
}

function ready(image: string) {
  const conditions = [{ type: 'Ready', status: 'True' }];
  return {
    phase: 'Running',
    conditions,
    containerStatuses: [
      { name: 'payment', image, ready: true, restartCount: 0, state: { running: { startedAt: '2026-11-22T06:00:00Z' } } },
    ],
  };
}

function waiting(image: string) {
  const message = `rpc error: code = NotFound desc = failed to pull and unpack image "${image}": not found`;
  const conditions = [{ type: 'Ready', status: 'False' }];
  return {
    phase: 'Pending',
    conditions,
    containerStatuses: [
      { name: 'payment', image, ready: false, restartCount: 0, state: { waiting: { reason: 'ImagePullBackOff', message } } },
    ],
  };
}

function service(name: string, port: number) {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'shop' },
    spec: { selector: { app: name }, ports: [{ port, targetPort: port }] },
  };
}

function ingress() {
  const backend = { service: { name: 'checkout', port: { number: 8080 } } };
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'shop', namespace: 'shop' },
    spec: { rules: [{ http: { paths: [{ path: '/', backend }] } }] },
  };
}
