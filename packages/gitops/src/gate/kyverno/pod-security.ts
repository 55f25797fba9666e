import { readField } from '@tier0/core';
import { isMap } from '../schema/schema-flaws.ts';
import { matchesWildcard } from './scalars/scalar-pattern.ts';

type Fields = Readonly<Record<string, unknown>>;

/** A level of the Pod Security Standards. */
export type PodSecurityLevel = 'privileged' | 'baseline' | 'restricted';

/** Something in a pod that a control of the Pod Security Standards forbids. */
export interface PodSecurityFlaw {
  /** Name of the control in the standards. */
  readonly control: string;
  /** Image of the container it is about; undefined: the pod itself. */
  readonly image: string | undefined;
  /** It may be mended for the pod or for the container: neither says it. */
  readonly either?: boolean | undefined;
  readonly message: string;
}

/** A pod, or the template that pods are made from. */
interface Pod {
  readonly annotations: Fields;
  readonly spec: Fields;
  readonly containers: readonly Fields[];
  /** Minor version of Kubernetes whose standards hold. */
  readonly minor: number;
  readonly isWindows: boolean;
}

/** A control: what it finds in a pod. */
type Control = (pod: Pod) => readonly PodSecurityFlaw[];

/** Flaws of a pod by the Pod Security Standards of a minor version of Kubernetes; `Infinity` for the latest. */
export function podSecurityFlaws(pod: Fields, level: PodSecurityLevel, minor: number): readonly PodSecurityFlaw[] {
  if (level === 'privileged') return [];
  const spec = isMap(pod.spec) ? pod.spec : {};
  const read: Pod = {
    annotations: mapAt(pod, ['metadata', 'annotations']),
    spec,
    containers: ['initContainers', 'containers', 'ephemeralContainers'].flatMap((list) => mapsAt(spec, [list])),
    minor,
    isWindows: readField(spec, ['os', 'name']) === 'windows',
  };
  return [...BASELINE, ...(level === 'restricted' ? RESTRICTED : [])].flatMap((control) => control(read));
}

/** An exclusion of a rule. Without images it is about the pod itself. */
export interface PodSecurityExclusion {
  readonly controlName: string;
  readonly images: readonly string[];
}

/** Whether exclusions take a flaw away. What pod or container may say needs both of them. */
export function isExcluded({ control, image, either }: PodSecurityFlaw, exclusions: readonly PodSecurityExclusion[]): boolean {
  const own = exclusions.filter(({ controlName }) => controlName === control);
  const ofPod = own.some(({ images }) => images.length === 0);
  const ofContainer = image !== undefined && own.some(({ images }) => images.some((pattern) => matchesWildcard(pattern, image)));
  return either ? ofPod && ofContainer : image === undefined ? ofPod : ofContainer;
}

const SAFE_CAPABILITIES = new Set(
  'AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID SYS_CHROOT'.split(' '),
);
const SAFE_VOLUMES = ['configMap', 'csi', 'downwardAPI', 'emptyDir', 'ephemeral', 'image', 'persistentVolumeClaim', 'projected', 'secret'];
/** Sysctls that are safe, with the minor version they are so from. */
const SAFE_SYSCTLS: readonly (readonly [minor: number, names: readonly string[]])[] = [
  [
    0,
    [
      'kernel.shm_rmid_forced',
      'net.ipv4.ip_local_port_range',
      'net.ipv4.tcp_syncookies',
      'net.ipv4.ping_group_range',
      'net.ipv4.ip_unprivileged_port_start',
    ],
  ],
  [27, ['net.ipv4.ip_local_reserved_ports']],
  [29, ['time', 'intvl', 'probes'].map((part) => `net.ipv4.tcp_keepalive_${part}`).concat('net.ipv4.tcp_fin_timeout')],
  [32, ['net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem']],
];
const SAFE_PROFILES = ['RuntimeDefault', 'Localhost'];
const PROBES = ['livenessProbe', 'readinessProbe', 'startupProbe'];
const HANDLERS = [...PROBES.map((probe) => [probe]), ['lifecycle', 'postStart'], ['lifecycle', 'preStop']];

const hostProcess: Control = (pod) =>
  everywhere(pod, 'HostProcess', ['windowsOptions', 'hostProcess'], (value) => value === true, 'runs as a process of the host');

const hostNamespaces: Control = ({ spec }) =>
  ['hostNetwork', 'hostPID', 'hostIPC']
    .filter((field) => spec[field] === true)
    .map((field) => ({ control: 'Host Namespaces', image: undefined, message: `the pod sets ${field}` }));

const privileged: Control = (pod) =>
  inContainers(pod, 'Privileged Containers', (container) => (contextAt(container, ['privileged']) === true ? ['is privileged'] : []));

const baselineCapabilities: Control = (pod) =>
  inContainers(pod, 'Capabilities', (container) =>
    textsAt(container, ['securityContext', 'capabilities', 'add'])
      .filter((one) => !SAFE_CAPABILITIES.has(one))
      .map((one) => `adds the capability ${one}`),
  );

const hostPaths: Control = ({ spec }) =>
  mapsAt(spec, ['volumes'])
    .filter((volume) => given(volume.hostPath))
    .map((volume) => ({ control: 'HostPath Volumes', image: undefined, message: `the volume ${volume.name} is a path of the host` }));

const hostPorts: Control = (pod) =>
  inContainers(pod, 'Host Ports', (container) =>
    mapsAt(container, ['ports']).flatMap(({ hostPort }) =>
      given(hostPort) && hostPort !== 0 ? [`takes port ${hostPort} of the host`] : [],
    ),
  );

const appArmor: Control = (pod) => [
  ...everywhere(
    pod,
    'AppArmor',
    ['appArmorProfile'],
    (value) => isMap(value) && !SAFE_PROFILES.includes(String(value.type)),
    'sets a forbidden AppArmor profile',
  ),
  ...Object.entries(pod.annotations)
    .filter(
      ([key, value]) =>
        key.startsWith('container.apparmor.security.beta.kubernetes.io/') && !/^(?:$|runtime\/default$|localhost\/)/.test(String(value)),
    )
    .map(([key, value]) => ({ control: 'AppArmor', image: undefined, message: `the annotation ${key} is ${value}` })),
];

const seLinux: Control = (pod) => {
  const types = ['', 'container_t', 'container_init_t', 'container_kvm_t', ...(pod.minor >= 31 ? ['container_engine_t'] : [])];
  const isBad = (value: unknown) => isMap(value) && (!types.includes(String(value.type ?? '')) || filled(value.user) || filled(value.role));
  return everywhere(pod, 'SELinux', ['seLinuxOptions'], isBad, 'sets forbidden SELinux options');
};

const procMounts: Control = (pod) =>
  inContainers(pod, '/proc Mount Type', (container) => {
    const mount = contextAt(container, ['procMount']);
    return given(mount) && mount !== 'Default' ? [`mounts /proc as ${mount}`] : [];
  });

/** Before 1.19 the profile was an annotation. */
const baselineSeccomp: Control = (pod) => {
  if (pod.minor >= 19)
    return everywhere(
      pod,
      'Seccomp',
      ['seccompProfile'],
      (value) => isMap(value) && !SAFE_PROFILES.includes(String(value.type)),
      'sets a forbidden seccomp profile',
    );
  const keys = [
    'seccomp.security.alpha.kubernetes.io/pod',
    ...pod.containers.map(({ name }) => `container.seccomp.security.alpha.kubernetes.io/${name}`),
  ];
  return keys
    .filter(
      (key) => given(pod.annotations[key]) && !/^(?:runtime\/default$|docker\/default$|localhost\/)/.test(String(pod.annotations[key])),
    )
    .map((key) => ({ control: 'Seccomp', image: undefined, message: `the annotation ${key} is ${pod.annotations[key]}` }));
};

const sysctls: Control = ({ spec, minor }) => {
  const safe = SAFE_SYSCTLS.flatMap(([from, names]) => (minor >= from ? names : []));
  return mapsAt(spec, ['securityContext', 'sysctls'])
    .filter(({ name }) => !safe.includes(String(name)))
    .map(({ name }) => ({ control: 'Sysctls', image: undefined, message: `the pod sets the sysctl ${name}` }));
};

const probeHosts: Control = (pod) =>
  pod.minor < 34
    ? []
    : inContainers(pod, 'Host Probes / Lifecycle Hooks', (container) =>
        HANDLERS.flatMap((handler) => ['httpGet', 'tcpSocket'].map((way) => readField(container, [...handler, way, 'host'])))
          .filter(filled)
          .map((host) => `asks the host ${host}`),
      );

const volumeTypes: Control = ({ spec }) =>
  mapsAt(spec, ['volumes'])
    // A volume that says no type is an emptyDir to the API server.
    .filter((volume) => Object.keys(volume).some((key) => key !== 'name' && given(volume[key])))
    .filter((volume) => !SAFE_VOLUMES.some((type) => given(volume[type])))
    .map((volume) => ({ control: 'Volume Types', image: undefined, message: `the volume ${volume.name} is of a restricted type` }));

const escalation: Control = (pod) =>
  pod.minor < 8 || (pod.isWindows && pod.minor >= 25)
    ? []
    : inContainers(pod, 'Privilege Escalation', (container) =>
        contextAt(container, ['allowPrivilegeEscalation']) === false ? [] : ['does not set allowPrivilegeEscalation to false'],
      );

const nonRoot: Control = (pod) =>
  saidSomewhere(pod, {
    control: 'Running as Non-root',
    path: ['runAsNonRoot'],
    isGood: (value) => value === true,
    wanted: 'runAsNonRoot to true',
  });

const nonRootUser: Control = (pod) =>
  pod.minor < 23 ? [] : everywhere(pod, 'Running as Non-root user', ['runAsUser'], (value) => value === 0, 'runs as user 0');

const restrictedSeccomp: Control = (pod) =>
  pod.minor < 19 || (pod.isWindows && pod.minor >= 25)
    ? []
    : saidSomewhere(pod, {
        control: 'Seccomp',
        path: ['seccompProfile'],
        isGood: (value) => isMap(value) && SAFE_PROFILES.includes(String(value.type)),
        wanted: 'seccompProfile.type to RuntimeDefault or Localhost',
      });

const restrictedCapabilities: Control = (pod) =>
  pod.minor < 22 || (pod.isWindows && pod.minor >= 25)
    ? []
    : inContainers(pod, 'Capabilities', (container) => [
        ...(textsAt(container, ['securityContext', 'capabilities', 'drop']).includes('ALL') ? [] : ['does not drop ALL capabilities']),
        ...textsAt(container, ['securityContext', 'capabilities', 'add'])
          .filter((one) => one !== 'NET_BIND_SERVICE')
          .map((one) => `adds the capability ${one}`),
      ]);

const BASELINE: readonly Control[] = [
  hostProcess,
  hostNamespaces,
  privileged,
  baselineCapabilities,
  hostPaths,
  hostPorts,
  appArmor,
  seLinux,
  procMounts,
  baselineSeccomp,
  sysctls,
  probeHosts,
];
const RESTRICTED: readonly Control[] = [volumeTypes, escalation, nonRoot, nonRootUser, restrictedSeccomp, restrictedCapabilities];

function inContainers({ containers }: Pod, control: string, flawsOf: (container: Fields) => readonly string[]): readonly PodSecurityFlaw[] {
  return containers.flatMap((container) =>
    flawsOf(container).map((message) => ({
      control,
      image: String(container.image ?? ''),
      message: `container ${container.name} ${message}`,
    })),
  );
}

/** A field of the security context that the pod and each container may set. */
function everywhere(
  pod: Pod,
  control: string,
  path: readonly string[],
  isBad: (value: unknown) => boolean,
  what: string,
): readonly PodSecurityFlaw[] {
  const ofPod = isBad(contextAt(pod.spec, path)) ? [{ control, image: undefined, message: `the pod ${what}` }] : [];
  return [...ofPod, ...inContainers(pod, control, (container) => (isBad(contextAt(container, path)) ? [what] : []))];
}

interface SaidSomewhere {
  readonly control: string;
  readonly path: readonly string[];
  readonly isGood: (value: unknown) => boolean;
  readonly wanted: string;
}

/** A field that must be well set for every container, by itself or by the pod. */
function saidSomewhere(pod: Pod, { control, path, isGood, wanted }: SaidSomewhere): readonly PodSecurityFlaw[] {
  const ofPod = contextAt(pod.spec, path);
  const explicit = everywhere(pod, control, path, (value) => given(value) && !isGood(value), `does not set ${wanted}`);
  if (isGood(ofPod)) return explicit;
  const silent = pod.containers.filter((container) => !given(contextAt(container, path)));
  const either = silent.map(({ name, image }) => ({
    control,
    image: String(image ?? ''),
    either: true,
    message: `neither the pod nor container ${name} sets ${wanted}`,
  }));
  return [...explicit, ...either];
}

function contextAt(holder: Fields, path: readonly string[]): unknown {
  return readField(holder, ['securityContext', ...path]);
}

function given(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function filled(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

function mapAt(value: unknown, path: readonly string[]): Fields {
  const found = readField(value, [...path]);
  return isMap(found) ? found : {};
}

function mapsAt(value: unknown, path: readonly string[]): readonly Fields[] {
  const found = readField(value, [...path]);
  return Array.isArray(found) ? found.filter(isMap) : [];
}

function textsAt(value: unknown, path: readonly string[]): readonly string[] {
  const found = readField(value, [...path]);
  return Array.isArray(found) ? found.map(String) : [];
}
