import { type Draft, fill, isDraft, mapsAt } from './fill.ts';

const CONTAINERS = ['containers', 'initContainers', 'ephemeralContainers'];
const PROBES = ['livenessProbe', 'readinessProbe', 'startupProbe'];

/** What the API server fills into a pod's spec, in a Pod as in a template. Source: `SetDefaults_PodSpec` and its neighbours in core/v1. */
export function fillPodSpec(spec: unknown): void {
  if (!isDraft(spec)) return;
  fill(spec, 'restartPolicy', 'Always');
  fill(spec, 'terminationGracePeriodSeconds', 30);
  fill(spec, 'dnsPolicy', 'ClusterFirst');
  fill(spec, 'securityContext', {});
  fill(spec, 'schedulerName', 'default-scheduler');
  if (typeof spec.serviceAccountName === 'string' && spec.serviceAccountName !== '') fill(spec, 'serviceAccount', spec.serviceAccountName);
  else if (typeof spec.serviceAccount === 'string' && spec.serviceAccount !== '') spec.serviceAccountName = spec.serviceAccount;
  for (const list of CONTAINERS) for (const container of mapsAt(spec, `${list}[]`)) fillContainer(container, spec.hostNetwork === true);
  for (const volume of mapsAt(spec, 'volumes[]')) fillVolume(volume);
  if (spec.topologySpreadConstraints) fill(spec, 'topologySpreadConstraints[].whenUnsatisfiable', 'DoNotSchedule');
}

function fillContainer(container: Draft, hostNetwork: boolean): void {
  fill(container, 'imagePullPolicy', pullPolicyOf(container.image));
  fill(container, 'terminationMessagePath', '/dev/termination-log');
  fill(container, 'terminationMessagePolicy', 'File');
  fill(container, 'resources', {});
  fill(container, 'ports[].protocol', 'TCP');
  if (hostNetwork) for (const port of mapsAt(container, 'ports[]')) fill(port, 'hostPort', port.containerPort);
  fill(container, 'env[].valueFrom.fieldRef.apiVersion', 'v1');
  for (const name of PROBES) fillProbe(container[name]);
  for (const hook of ['postStart', 'preStop']) fillHttpGet(mapsAt(container, `lifecycle.${hook}.httpGet`)[0]);
}

/** `latest`, said or meant, is pulled each time; what names a digest or another tag is not. */
function pullPolicyOf(image: unknown): string {
  const name = String(image ?? '').replace(/^.*\//, '');
  const tag = name.includes('@') ? (/:([^@]+)@/.exec(name)?.[1] ?? 'digest') : (/:(.+)$/.exec(name)?.[1] ?? 'latest');
  return tag === 'latest' ? 'Always' : 'IfNotPresent';
}

function fillProbe(probe: unknown): void {
  if (!isDraft(probe)) return;
  for (const [name, value] of Object.entries({ timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 })) {
    if (probe[name] === 0) probe[name] = undefined;
    fill(probe, name, value);
  }
  fillHttpGet(probe.httpGet);
  if (isDraft(probe.grpc)) fill(probe.grpc, 'service', '');
}

function fillHttpGet(httpGet: unknown): void {
  if (!isDraft(httpGet)) return;
  fill(httpGet, 'path', '/');
  fill(httpGet, 'scheme', 'HTTP');
}

const VOLUME_DEFAULTS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  secret: { defaultMode: 420 },
  configMap: { defaultMode: 420 },
  downwardAPI: { defaultMode: 420 },
  projected: { defaultMode: 420 },
  hostPath: { type: '' },
  iscsi: { iscsiInterface: 'default' },
  rbd: { pool: 'rbd', user: 'admin', keyring: '/etc/ceph/keyring' },
  azureDisk: { cachingMode: 'ReadWrite', fsType: 'ext4', kind: 'Shared', readOnly: false },
  scaleIO: { storageMode: 'ThinProvisioned', fsType: 'xfs' },
};

function fillVolume(volume: Draft): void {
  if (Object.keys(volume).every((key) => key === 'name')) volume.emptyDir = {};
  for (const [source, defaults] of Object.entries(VOLUME_DEFAULTS)) {
    for (const [field, value] of Object.entries(defaults)) if (isDraft(volume[source])) fill(volume[source], field, value);
  }
  fill(volume, 'downwardAPI.items[].fieldRef.apiVersion', 'v1');
  fill(volume, 'projected.sources[].downwardAPI.items[].fieldRef.apiVersion', 'v1');
  fill(volume, 'projected.sources[].serviceAccountToken.expirationSeconds', 3600);
  fill(volume, 'ephemeral.volumeClaimTemplate.spec.volumeMode', 'Filesystem');
}

/** What is filled into a Pod itself and into no template: requests from limits, and what the built-in admission plugins add. */
export function fillPod(pod: Draft): void {
  const { spec } = pod;
  if (!isDraft(spec)) return;
  for (const list of CONTAINERS) for (const container of mapsAt(spec, `${list}[]`)) requestLimits(container.resources);
  fill(spec, 'enableServiceLinks', true);
  fill(spec, 'priority', spec.priorityClassName === undefined ? 0 : undefined);
  if (spec.priorityClassName === undefined) fill(spec, 'preemptionPolicy', 'PreemptLowerPriority');
  fill(spec, 'serviceAccountName', 'default');
  fill(spec, 'serviceAccount', spec.serviceAccountName);
  tolerateLostNodes(spec);
  if (spec.automountServiceAccountToken !== false) mountToken(spec);
}

function requestLimits(resources: unknown): void {
  if (!isDraft(resources) || !isDraft(resources.limits)) return;
  resources.requests = { ...resources.limits, ...(isDraft(resources.requests) ? resources.requests : {}) };
}

/** Plugin DefaultTolerationSeconds. */
function tolerateLostNodes(spec: Draft): void {
  const given = mapsAt(spec, 'tolerations[]');
  const missing = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'].filter((key) => {
    return !given.some((one) => (one.key === key || !one.key) && (one.effect === 'NoExecute' || !one.effect));
  });
  const added = missing.map((key) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 }));
  if (added.length > 0) spec.tolerations = [...given, ...added];
}

const TOKEN_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';
const TOKEN_VOLUME = 'kube-api-access-00000';

/** Plugin ServiceAccount. The last five letters of the volume's name are made up by the server. */
function mountToken(spec: Draft): void {
  const mounting = ['containers', 'initContainers']
    .flatMap((list) => mapsAt(spec, `${list}[]`))
    .filter((container) => !mapsAt(container, 'volumeMounts[]').some((mount) => mount.mountPath === TOKEN_PATH));
  for (const container of mounting) {
    container.volumeMounts = [...mapsAt(container, 'volumeMounts[]'), { name: TOKEN_VOLUME, readOnly: true, mountPath: TOKEN_PATH }];
  }
  if (mounting.length === 0) return;
  const sources = [
    { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
    { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
    { downwardAPI: { items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }] } },
  ];
  spec.volumes = [...mapsAt(spec, 'volumes[]'), { name: TOKEN_VOLUME, projected: { sources, defaultMode: 420 } }];
}
