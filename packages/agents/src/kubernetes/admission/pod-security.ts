import { type CmdbReader, readField } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import { quote } from '../../findings/quote.ts';
import type { Rule } from '../../findings/rule.ts';
import { siblingId } from '../objects/existence.ts';
import { listAt, mapAt, textAt } from '../objects/read-object.ts';
import { type Shortage, shortagesByNamespace } from './shortage.ts';

const ENFORCE = 'pod-security.kubernetes.io/enforce';

/** Workloads that lack pods because their namespace enforces a Pod Security level that the template does not meet. */
export const podSecurityRule: Rule = {
  name: 'pod-security',
  check: (reader) => [...shortagesByNamespace(reader).values()].flat().flatMap((shortage) => checkShortage(reader, shortage)),
};

function checkShortage(reader: CmdbReader, shortage: Shortage): readonly FindingDraft[] {
  const namespace = siblingId(shortage.shownBy, 'Namespace', shortage.namespace, '');
  const told = /violates PodSecurity "([^":]+)[^"]*":?\s*(.*)/is.exec(shortage.message);
  const level = mapAt(reader.object(namespace), 'metadata', 'labels')[ENFORCE];
  if (!told && /forbidden|denied|quota|error/i.test(shortage.message)) return [];
  const broken = told ? [told[2] ?? ''] : violations(shortage.podSpec, level);
  if (broken.length === 0) return [];
  return [
    {
      code: 'T0-PODSECURITY-001',
      subject: shortage.workload,
      facts: { workload: shortage.name, namespace: shortage.namespace, level: told?.[1] ?? level, broken },
      sinceMs: shortage.sinceMs,
      evidence: [quote(reader, namespace, ['metadata', 'labels']), quote(reader, shortage.shownBy, ['status'])],
    },
  ];
}

/** Capabilities that the level baseline lets a container add. Source: Kubernetes, Pod Security Standards. */
const BASELINE_CAPABILITIES: ReadonlySet<unknown> = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
]);
/** Volumes that the level restricted allows. */
const RESTRICTED_VOLUMES: ReadonlySet<string> = new Set([
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
]);

/** Controls of a Pod Security level that a pod specification breaks. */
export function violations(podSpec: unknown, level: string | undefined): readonly string[] {
  if (podSpec === undefined || (level !== 'baseline' && level !== 'restricted')) return [];
  const containers = ['containers', 'initContainers', 'ephemeralContainers'].flatMap((list) => listAt(podSpec, list));
  const basic = [...baselinePod(podSpec), ...containers.flatMap(baselineContainer)];
  const strict =
    level === 'restricted'
      ? [...restrictedPod(podSpec), ...containers.flatMap((container) => restrictedContainer(podSpec, container))]
      : [];
  return [...new Set([...basic, ...strict])];
}

function baselinePod(podSpec: unknown): readonly string[] {
  const spaces = ['hostNetwork', 'hostPID', 'hostIPC'].filter((field) => readField(podSpec, [field]) === true);
  const hasHostPath = listAt(podSpec, 'volumes').some((volume) => readField(volume, ['hostPath']) !== undefined);
  const seccomp = textAt(podSpec, 'securityContext', 'seccompProfile', 'type');
  return [...spaces, ...(hasHostPath ? ['hostPath volumes'] : []), ...(seccomp === 'Unconfined' ? ['seccompProfile'] : [])];
}

function baselineContainer(container: unknown): readonly string[] {
  const context = readField(container, ['securityContext']);
  const added = listAt(context, 'capabilities', 'add').some((name) => !BASELINE_CAPABILITIES.has(name));
  const hostPort = listAt(container, 'ports').some((port) => Number(readField(port, ['hostPort']) ?? 0) > 0);
  return [
    ...(readField(context, ['privileged']) === true ? ['privileged'] : []),
    ...(added ? ['capabilities'] : []),
    ...(hostPort ? ['hostPort'] : []),
    ...(textAt(context, 'seccompProfile', 'type') === 'Unconfined' ? ['seccompProfile'] : []),
  ];
}

function restrictedPod(podSpec: unknown): readonly string[] {
  const kinds = listAt(podSpec, 'volumes').flatMap((volume) =>
    typeof volume === 'object' && volume !== null ? Object.keys(volume).filter((key) => key !== 'name') : [],
  );
  return kinds.some((kind) => !RESTRICTED_VOLUMES.has(kind)) ? ['volume types'] : [];
}

function restrictedContainer(podSpec: unknown, container: unknown): readonly string[] {
  const own = readField(container, ['securityContext']);
  const setting = (...path: string[]) => readField(own, path) ?? readField(podSpec, ['securityContext', ...path]);
  const drops = listAt(own, 'capabilities', 'drop').includes('ALL');
  const adds = listAt(own, 'capabilities', 'add').some((name) => name !== 'NET_BIND_SERVICE');
  const profile = setting('seccompProfile', 'type');
  return [
    ...(readField(own, ['allowPrivilegeEscalation']) === false ? [] : ['allowPrivilegeEscalation != false']),
    ...(drops && !adds ? [] : ['unrestricted capabilities']),
    ...(setting('runAsNonRoot') === true ? [] : ['runAsNonRoot != true']),
    ...(setting('runAsUser') === 0 ? ['runAsUser=0'] : []),
    ...(profile === 'RuntimeDefault' || profile === 'Localhost' ? [] : ['seccompProfile']),
  ];
}
