import type { ResourceKind } from '../kinds.ts';
import { isJsonObject, type JsonObject, type KubernetesObject, valueAt } from '../kubernetes-object.ts';
import { toAge, toDuration } from './age.ts';

/** One column of a Table. Priority 1 is shown with `-o wide` only. */
export interface Column {
  readonly name: string;
  readonly type: 'string' | 'integer';
  readonly priority: number;
  readonly cell: (object: KubernetesObject, now: number) => string | number;
}

type Cell = Column['cell'];

const NAME = column('Name', (object) => object.metadata.name);
const AGE = column('Age', (object, now) => toAge(object.metadata.creationTimestamp, now));
const CONTAINERS = [
  wide('Containers', (object) =>
    containersOf(object)
      .map((container) => container.name)
      .join(','),
  ),
  wide('Images', (object) =>
    containersOf(object)
      .map((container) => container.image)
      .join(','),
  ),
  wide('Selector', (object) => labelsText(valueAt(object, ['spec', 'selector', 'matchLabels']))),
];

/** Columns by `resource.group`, as a server of Kubernetes 1.32 prints them. Other kinds show name and age. */
const COLUMNS: Readonly<Record<string, readonly Column[]>> = {
  'pods.': [
    NAME,
    column('Ready', podReady),
    column('Status', podStatus),
    column('Restarts', podRestarts),
    AGE,
    wide('IP', at('status.podIP')),
    wide('Node', at('spec.nodeName')),
    wide('Nominated Node', at('status.nominatedNodeName')),
    wide('Readiness Gates', () => '<none>'),
  ],
  'services.': [
    NAME,
    column('Type', at('spec.type', 'ClusterIP')),
    column('Cluster-IP', at('spec.clusterIP')),
    column('External-IP', externalAddress),
    column('Port(s)', servicePorts),
    AGE,
    wide('Selector', (object) => labelsText(valueAt(object, ['spec', 'selector']))),
  ],
  'endpoints.': [NAME, column('Endpoints', endpointsText), AGE],
  'configmaps.': [NAME, number('Data', (object) => sizeAt(object, 'data') + sizeAt(object, 'binaryData')), AGE],
  'secrets.': [NAME, column('Type', at('type', 'Opaque')), number('Data', (object) => sizeAt(object, 'data')), AGE],
  'serviceaccounts.': [NAME, number('Secrets', (object) => listAt(object, 'secrets').length), AGE],
  'namespaces.': [NAME, column('Status', at('status.phase', 'Active')), AGE],
  'nodes.': [
    NAME,
    column('Status', nodeStatus),
    column('Roles', nodeRoles),
    AGE,
    column('Version', at('status.nodeInfo.kubeletVersion')),
    wide('Internal-IP', nodeAddress('InternalIP')),
    wide('External-IP', nodeAddress('ExternalIP')),
    wide('OS-Image', at('status.nodeInfo.osImage')),
    wide('Kernel-Version', at('status.nodeInfo.kernelVersion')),
    wide('Container-Runtime', at('status.nodeInfo.containerRuntimeVersion')),
  ],
  'events.': [
    column('Last Seen', eventLastSeen),
    column('Type', at('type')),
    column('Reason', at('reason')),
    column('Object', eventObject),
    wide('Subobject', at('involvedObject.fieldPath', '')),
    wide('Source', at('source.component', '')),
    column('Message', (object) => String(object.message ?? object.note ?? '').trim()),
    wide('First Seen', (object, now) => toAge(object.firstTimestamp ?? object.eventTime, now)),
    wide('Count', (object) => Number(object.count ?? 1)),
    wide('Name', (object) => object.metadata.name),
  ],
  'persistentvolumes.': [
    NAME,
    column('Capacity', at('spec.capacity.storage')),
    column('Access Modes', accessModes),
    column('Reclaim Policy', at('spec.persistentVolumeReclaimPolicy')),
    column('Status', at('status.phase')),
    column('Claim', (object) =>
      [valueAt(object, ['spec', 'claimRef', 'namespace']), valueAt(object, ['spec', 'claimRef', 'name'])].filter(Boolean).join('/'),
    ),
    column('StorageClass', at('spec.storageClassName', '')),
    AGE,
  ],
  'persistentvolumeclaims.': [
    NAME,
    column('Status', at('status.phase')),
    column('Volume', at('spec.volumeName', '')),
    column('Capacity', at('status.capacity.storage', '')),
    column('Access Modes', accessModes),
    column('StorageClass', at('spec.storageClassName', '')),
    AGE,
  ],
  'deployments.apps': [
    NAME,
    column('Ready', (object) => `${countAt(object, 'status.readyReplicas')}/${countAt(object, 'spec.replicas', 1)}`),
    number('Up-to-date', count('status.updatedReplicas')),
    number('Available', count('status.availableReplicas')),
    AGE,
    ...CONTAINERS,
  ],
  'replicasets.apps': [
    NAME,
    number('Desired', count('spec.replicas', 1)),
    number('Current', count('status.replicas')),
    number('Ready', count('status.readyReplicas')),
    AGE,
    ...CONTAINERS,
  ],
  'statefulsets.apps': [
    NAME,
    column('Ready', (object) => `${countAt(object, 'status.readyReplicas')}/${countAt(object, 'spec.replicas', 1)}`),
    AGE,
    ...CONTAINERS.slice(0, 2),
  ],
  'daemonsets.apps': [
    NAME,
    number('Desired', count('status.desiredNumberScheduled')),
    number('Current', count('status.currentNumberScheduled')),
    number('Ready', count('status.numberReady')),
    number('Up-to-date', count('status.updatedNumberScheduled')),
    number('Available', count('status.numberAvailable')),
    column('Node Selector', (object) => labelsText(valueAt(object, ['spec', 'template', 'spec', 'nodeSelector']))),
    AGE,
    ...CONTAINERS,
  ],
  'jobs.batch': [
    NAME,
    column('Status', jobStatus),
    column('Completions', (object) => `${countAt(object, 'status.succeeded')}/${countAt(object, 'spec.completions', 1)}`),
    column('Duration', jobDuration),
    AGE,
    ...CONTAINERS,
  ],
  'cronjobs.batch': [
    NAME,
    column('Schedule', at('spec.schedule')),
    column('Timezone', at('spec.timeZone')),
    column('Suspend', (object) => (valueAt(object, ['spec', 'suspend']) === true ? 'True' : 'False')),
    number('Active', (object) => listAt(object, 'status.active').length),
    column('Last Schedule', (object, now) => ageOrNone(valueAt(object, ['status', 'lastScheduleTime']), now)),
    AGE,
  ],
  'ingresses.networking.k8s.io': [
    NAME,
    column('Class', at('spec.ingressClassName')),
    column(
      'Hosts',
      (object) =>
        listAt(object, 'spec.rules')
          .map((rule) => rule.host ?? '*')
          .join(',') || '*',
    ),
    column('Address', (object) =>
      listAt(object, 'status.loadBalancer.ingress')
        .map((entry) => entry.ip ?? entry.hostname)
        .join(','),
    ),
    column('Ports', (object) => (listAt(object, 'spec.tls').length > 0 ? '80, 443' : '80')),
    AGE,
  ],
  'networkpolicies.networking.k8s.io': [
    NAME,
    column('Pod-Selector', (object) => labelsText(valueAt(object, ['spec', 'podSelector', 'matchLabels']))),
    AGE,
  ],
  'endpointslices.discovery.k8s.io': [
    NAME,
    column('AddressType', at('addressType')),
    column(
      'Ports',
      (object) =>
        listAt(object, 'ports')
          .map((port) => port.port)
          .join(',') || '<unset>',
    ),
    column(
      'Endpoints',
      (object) =>
        listAt(object, 'endpoints')
          .flatMap((endpoint) => endpoint.addresses)
          .join(',') || '<unset>',
    ),
    AGE,
  ],
  'horizontalpodautoscalers.autoscaling': [
    NAME,
    column('Reference', (object) => `${at('spec.scaleTargetRef.kind')(object, 0)}/${at('spec.scaleTargetRef.name')(object, 0)}`),
    column('Targets', () => '<unknown>'),
    column('MinPods', at('spec.minReplicas', '1')),
    number('MaxPods', count('spec.maxReplicas')),
    number('Replicas', count('status.currentReplicas')),
    AGE,
  ],
  'poddisruptionbudgets.policy': [
    NAME,
    column('Min Available', at('spec.minAvailable', 'N/A')),
    column('Max Unavailable', at('spec.maxUnavailable', 'N/A')),
    number('Allowed Disruptions', count('status.disruptionsAllowed')),
    AGE,
  ],
  'storageclasses.storage.k8s.io': [
    NAME,
    column('Provisioner', at('provisioner')),
    column('ReclaimPolicy', at('reclaimPolicy', 'Delete')),
    column('VolumeBindingMode', at('volumeBindingMode', 'Immediate')),
    column('AllowVolumeExpansion', at('allowVolumeExpansion', 'false')),
    AGE,
  ],
  'leases.coordination.k8s.io': [NAME, column('Holder', at('spec.holderIdentity')), AGE],
};

/** The columns a kind is printed with. */
export function columnsOf(kind: ResourceKind): readonly Column[] {
  if (kind.shelf === '/events') return COLUMNS['events.']!;
  return (kind.custom ? undefined : COLUMNS[`${kind.resource}.${kind.group}`]) ?? [NAME, AGE];
}

function column(name: string, cell: Cell): Column {
  return { name, type: 'string', priority: 0, cell };
}

function wide(name: string, cell: Cell): Column {
  return { name, type: 'string', priority: 1, cell };
}

function number(name: string, cell: Cell): Column {
  return { name, type: 'integer', priority: 0, cell };
}

function at(path: string, absent = '<none>'): Cell {
  return (object) => {
    const value = valueAt(object, path.split('.'));
    return value === undefined || value === null || value === '' ? absent : String(value);
  };
}

function count(path: string, absent = 0): Cell {
  return (object) => countAt(object, path, absent);
}

function countAt(object: unknown, path: string, absent = 0): number {
  const value = valueAt(object, path.split('.'));
  return typeof value === 'number' ? value : absent;
}

// biome-ignore lint/suspicious/noExplicitAny: recorded objects of any shape; every field read below may be absent
function listAt(object: unknown, path: string): readonly any[] {
  const value = valueAt(object, path.split('.'));
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

function sizeAt(object: KubernetesObject, path: string): number {
  const value = valueAt(object, [path]);
  return isJsonObject(value) ? Object.keys(value).length : 0;
}

function labelsText(labels: unknown): string {
  const entries = isJsonObject(labels) ? Object.entries(labels) : [];
  return entries.map(([key, value]) => `${key}=${value}`).join(',') || '<none>';
}

function containersOf(object: KubernetesObject): readonly JsonObject[] {
  return listAt(object, 'spec.template.spec.containers');
}

function podReady(pod: KubernetesObject): string {
  const ready = listAt(pod, 'status.containerStatuses').filter((status) => status.ready === true).length;
  return `${ready}/${listAt(pod, 'spec.containers').length}`;
}

/** The STATUS column: the most telling reason among phase, init containers, containers and deletion. */
function podStatus(pod: KubernetesObject): string {
  if (pod.metadata.deletionTimestamp !== undefined) return 'Terminating';
  const init = listAt(pod, 'status.initContainerStatuses');
  const stuck = init.findIndex((status) => status.state?.terminated?.exitCode !== 0 && status.ready !== true);
  if (stuck >= 0) {
    const reason = init[stuck].state?.waiting?.reason ?? init[stuck].state?.terminated?.reason;
    return reason === undefined || reason === 'PodInitializing' ? `Init:${stuck}/${init.length}` : `Init:${reason}`;
  }
  const reasons = listAt(pod, 'status.containerStatuses').map(
    (status) => status.state?.waiting?.reason ?? status.state?.terminated?.reason,
  );
  return reasons.find((reason) => reason !== undefined) ?? at('status.reason', at('status.phase', 'Unknown')(pod, 0) as string)(pod, 0);
}

function podRestarts(pod: KubernetesObject, now: number): string {
  const statuses = listAt(pod, 'status.containerStatuses');
  const restarts = statuses.reduce((sum, status) => sum + Number(status.restartCount ?? 0), 0);
  const finished = statuses
    .map((status) => status.lastState?.terminated?.finishedAt)
    .filter((time) => typeof time === 'string')
    .sort();
  return restarts > 0 && finished.length > 0 ? `${restarts} (${toAge(finished.at(-1), now)} ago)` : String(restarts);
}

function externalAddress(service: KubernetesObject): string {
  const assigned = listAt(service, 'status.loadBalancer.ingress').map((entry) => entry.ip ?? entry.hostname);
  const type = valueAt(service, ['spec', 'type']);
  if (type === 'ExternalName') return at('spec.externalName')(service, 0) as string;
  return assigned.join(',') || (type === 'LoadBalancer' ? '<pending>' : '<none>');
}

function servicePorts(service: KubernetesObject): string {
  const ports = listAt(service, 'spec.ports').map(
    (port) => `${port.port}${port.nodePort ? `:${port.nodePort}` : ''}/${port.protocol ?? 'TCP'}`,
  );
  return ports.join(',') || '<none>';
}

function endpointsText(endpoints: KubernetesObject): string {
  const all = listAt(endpoints, 'subsets').flatMap((subset) =>
    listAt(subset, 'addresses').flatMap((address) => listAt(subset, 'ports').map((port) => `${address.ip}:${port.port}`)),
  );
  if (all.length === 0) return '<none>';
  return all.length <= 3 ? all.join(',') : `${all.slice(0, 3).join(',')} + ${all.length - 3} more...`;
}

function nodeStatus(node: KubernetesObject): string {
  const ready = listAt(node, 'status.conditions').find((condition) => condition.type === 'Ready');
  const text = ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady';
  return valueAt(node, ['spec', 'unschedulable']) === true ? `${text},SchedulingDisabled` : text;
}

function nodeRoles(node: KubernetesObject): string {
  const prefix = 'node-role.kubernetes.io/';
  const roles = Object.keys(node.metadata.labels ?? {}).filter((label) => label.startsWith(prefix));
  return roles.map((label) => label.slice(prefix.length)).join(',') || '<none>';
}

function nodeAddress(type: string): Cell {
  return (node) => listAt(node, 'status.addresses').find((address) => address.type === type)?.address ?? '<none>';
}

function eventLastSeen(event: KubernetesObject, now: number): string {
  return toAge(event.lastTimestamp ?? event.deprecatedLastTimestamp ?? event.eventTime ?? event.firstTimestamp, now);
}

function eventObject(event: KubernetesObject): string {
  const object = event.involvedObject ?? event.regarding;
  return `${String(valueAt(object, ['kind']) ?? '').toLowerCase()}/${String(valueAt(object, ['name']) ?? '')}`;
}

function accessModes(object: KubernetesObject): string {
  const short: Readonly<Record<string, string>> = {
    ReadWriteOnce: 'RWO',
    ReadOnlyMany: 'ROX',
    ReadWriteMany: 'RWX',
    ReadWriteOncePod: 'RWOP',
  };
  const modes = valueAt(object, ['spec', 'accessModes']);
  return Array.isArray(modes) ? modes.map((mode) => short[mode] ?? mode).join(',') : '';
}

function jobStatus(job: KubernetesObject): string {
  const holds = (type: string) =>
    listAt(job, 'status.conditions').some((condition) => condition.type === type && condition.status === 'True');
  return holds('Complete') ? 'Complete' : holds('Failed') ? 'Failed' : holds('Suspended') ? 'Suspended' : 'Running';
}

function jobDuration(job: KubernetesObject, now: number): string {
  const started = valueAt(job, ['status', 'startTime']);
  if (typeof started !== 'string') return '';
  const ended = valueAt(job, ['status', 'completionTime']);
  return toDuration((typeof ended === 'string' ? Date.parse(ended) : now) - Date.parse(started));
}

function ageOrNone(timestamp: unknown, now: number): string {
  return typeof timestamp === 'string' ? toAge(timestamp, now) : '<none>';
}
