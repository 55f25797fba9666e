import type { Item } from './item.ts';
import { addService } from './services.ts';
import { addWorkload } from './workloads.ts';
import type { World } from './world.ts';

/** A namespace with what every namespace gets: its default account and the cluster's certificate authority. */
export function addNamespace(world: World, name: string, labels: Record<string, string> = {}, days = 200): Item {
  const found = world.find('Namespace', undefined, name);
  if (found) return found;
  const ago = days * 1440;
  const namespace: Item = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: { 'kubernetes.io/metadata.name': name, ...labels } },
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  };
  world.add({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: name } }, ago);
  world.add(rootCertificate(name), ago);
  return world.add(namespace, ago, 'kubectl-create');
}

/** Made-up bytes in the shape of a certificate: nobody's. */
const CA = '-----BEGIN CERTIFICATE-----\nMIIDBTCCAe2gAwIBAgIIRXhhbXBsZUNBMA0GCSqGSIb3DQEBCwUAMBUxEzARBgNV\n-----END CERTIFICATE-----\n';

function rootCertificate(namespace: string): Item {
  const description =
    'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.';
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'kube-root-ca.crt', namespace, annotations: { 'kubernetes.io/description': description } },
    data: { 'ca.crt': CA },
  };
}

export interface PlatformPlan {
  readonly ingressClass: string;
  readonly storageClass: string;
  readonly provisioner: string;
  /** Storage is provisioned when the first pod uses it. */
  readonly waitForConsumer?: boolean;
}

/** What stands below every application: DNS, proxy, metrics, ingress controller, storage. */
export function addPlatform(world: World, plan: PlatformPlan): void {
  for (const name of ['default', 'kube-system', 'kube-public', 'kube-node-lease', 'ingress']) addNamespace(world, name, {}, 400);
  addClasses(world, plan);
  addDns(world);
  addProxy(world);
  addMetrics(world);
  addIngressController(world, plan.ingressClass);
  addService(world, {
    namespace: 'default',
    name: 'kubernetes',
    ports: [{ name: 'https', port: 443, targetPort: 6443 }],
    ago: 400 * 1440,
    labels: { component: 'apiserver', provider: 'kubernetes' },
    manager: 'kube-apiserver',
  });
}

function addClasses(world: World, { ingressClass, storageClass, provisioner, waitForConsumer = true }: PlatformPlan): void {
  world.add(
    {
      allowVolumeExpansion: true,
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: storageClass, annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
      parameters: { type: 'ssd' },
      provisioner,
      reclaimPolicy: 'Delete',
      volumeBindingMode: waitForConsumer ? 'WaitForFirstConsumer' : 'Immediate',
    },
    400 * 1440,
  );
  world.add(
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'IngressClass',
      metadata: { name: ingressClass },
      spec: { controller: `k8s.io/ingress-${ingressClass}` },
    },
    390 * 1440,
    'helm',
  );
}

const COREFILE = `.:53 {
    errors
    health {
       lameduck 5s
    }
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }
    prometheus :9153
    forward . /etc/resolv.conf {
       max_concurrent 1000
    }
    cache 30
    loop
    reload
    loadbalance
}
`;

const CONTROL_PLANE = {
  tolerations: [
    { key: 'CriticalAddonsOnly', operator: 'Exists' },
    { effect: 'NoSchedule', key: 'node-role.kubernetes.io/control-plane' },
  ],
  priority: 2000000000,
  priorityClassName: 'system-cluster-critical',
};

function addDns(world: World): void {
  const metadata = { name: 'coredns', namespace: 'kube-system' };
  world.add({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { Corefile: COREFILE } }, 400 * 1440, 'kubeadm');
  addWorkload(world, {
    ...metadata,
    image: 'registry.k8s.io/coredns/coredns:v1.11.3',
    labels: 'k8s-app',
    serviceAccount: 'coredns',
    days: 400,
    manager: 'kubeadm',
    container: {
      args: ['-conf', '/etc/coredns/Corefile'],
      ports: [{ containerPort: 53, name: 'dns-tcp', protocol: 'TCP' }],
      volumeMounts: [{ mountPath: '/etc/coredns', name: 'config-volume', readOnly: true }],
      livenessProbe: probe('/health', 8080),
      readinessProbe: probe('/ready', 8181),
    },
    pod: {
      ...CONTROL_PLANE,
      dnsPolicy: 'Default',
      volumes: [
        { configMap: { defaultMode: 420, items: [{ key: 'Corefile', path: 'Corefile' }], name: 'coredns' }, name: 'config-volume' },
      ],
    },
  });
  addService(world, {
    namespace: 'kube-system',
    name: 'kube-dns',
    selector: { 'k8s-app': 'coredns' },
    ports: [
      { name: 'dns', port: 53 },
      { name: 'dns-tcp', port: 53 },
    ],
    ago: 400 * 1440,
    labels: { 'k8s-app': 'kube-dns' },
    manager: 'kubeadm',
    spec: {
      clusterIP: '10.96.0.10',
      ports: [
        { name: 'dns', port: 53, protocol: 'UDP', targetPort: 53 },
        { name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: 53 },
      ],
    },
  });
}

function probe(path: string, port: number) {
  return { failureThreshold: 5, httpGet: { path, port, scheme: 'HTTP' }, periodSeconds: 10, successThreshold: 1, timeoutSeconds: 5 };
}

function addProxy(world: World): void {
  addWorkload(world, {
    namespace: 'kube-system',
    name: 'kube-proxy',
    kind: 'DaemonSet',
    image: `registry.k8s.io/kube-proxy:${world.serverVersion}`,
    labels: 'k8s-app',
    serviceAccount: 'kube-proxy',
    days: 400,
    manager: 'kubeadm',
    container: { resources: {}, securityContext: { privileged: true } },
    pod: { hostNetwork: true, priority: 2000001000, priorityClassName: 'system-node-critical', tolerations: [{ operator: 'Exists' }] },
  });
}

function addMetrics(world: World): void {
  addWorkload(world, {
    namespace: 'kube-system',
    name: 'metrics-server',
    image: 'registry.k8s.io/metrics-server/metrics-server:v0.7.2',
    labels: 'k8s-app',
    replicas: 1,
    serviceAccount: 'metrics-server',
    days: 300,
    manager: 'helm',
    container: {
      args: ['--cert-dir=/tmp', '--secure-port=10250', '--kubelet-use-node-status-port', '--metric-resolution=15s'],
      ports: [{ containerPort: 10250, name: 'https', protocol: 'TCP' }],
      readinessProbe: { ...probe('/readyz', 0), httpGet: { path: '/readyz', port: 'https', scheme: 'HTTPS' } },
    },
    pod: { priority: 2000000000, priorityClassName: 'system-cluster-critical' },
  });
  addService(world, {
    namespace: 'kube-system',
    name: 'metrics-server',
    selector: { 'k8s-app': 'metrics-server' },
    ports: [{ name: 'https', port: 443, targetPort: 'https' }],
    ago: 300 * 1440,
    manager: 'helm',
  });
  world.add(
    {
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: { name: 'v1beta1.metrics.k8s.io' },
      spec: {
        group: 'metrics.k8s.io',
        groupPriorityMinimum: 100,
        insecureSkipTLSVerify: true,
        service: { name: 'metrics-server', namespace: 'kube-system', port: 443 },
        version: 'v1beta1',
        versionPriority: 100,
      },
      status: {
        conditions: [
          { lastTransitionTime: world.at(299 * 1440), message: 'all checks passed', reason: 'Passed', status: 'True', type: 'Available' },
        ],
      },
    },
    300 * 1440,
    'helm',
  );
}

function addIngressController(world: World, ingressClass: string): void {
  addWorkload(world, {
    namespace: 'ingress',
    name: `${ingressClass}-controller`,
    image: ingressClass === 'nginx' ? 'registry.k8s.io/ingress-nginx/controller:v1.12.1' : `docker.io/library/${ingressClass}:v3.2.0`,
    labels: 'recommended',
    replicas: 1,
    port: 8080,
    days: 380,
    manager: 'helm',
    revisions: 2,
    service: { type: 'LoadBalancer', externalTrafficPolicy: 'Cluster' },
  });
  const service = world.get('Service', 'ingress', `${ingressClass}-controller`);
  service.status = { loadBalancer: { ingress: [{ ip: '203.0.113.17', ipMode: 'VIP' }] } };
}

export interface IngressPlan {
  readonly namespace: string;
  readonly name: string;
  readonly host: string;
  readonly service: string;
  readonly port?: number | string;
  readonly className?: string | undefined;
  readonly tlsSecret?: string;
  readonly ago: number;
  readonly path?: string;
}

export function addIngress(
  world: World,
  { namespace, name, host, service, port = 80, className = defaultClass(world), tlsSecret, ago, path = '/' }: IngressPlan,
): Item {
  const backend = { service: { name: service, port: typeof port === 'number' ? { number: port } : { name: port } } };
  return world.add(
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { name, namespace, generation: 1 },
      spec: {
        ingressClassName: className,
        rules: [{ host, http: { paths: [{ backend, path, pathType: 'Prefix' }] } }],
        ...(tlsSecret ? { tls: [{ hosts: [host], secretName: tlsSecret }] } : {}),
      },
      status: { loadBalancer: { ingress: [{ ip: '203.0.113.17' }] } },
    },
    ago,
    'kubectl-client-side-apply',
  );
}

export function defaultClass(world: World): string {
  return world.list('IngressClass')[0]?.metadata.name ?? 'nginx';
}
