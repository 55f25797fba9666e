import { readField } from '@tier0/core';
import { siblingId } from '../objects/existence.ts';
import { mountedFiles } from '../objects/mounted-file.ts';
import { nameOf } from '../objects/pod-view.ts';
import { listAt, mapAt, textAt } from '../objects/read-object.ts';
import { referencesOf } from '../objects/reference.ts';
import { type LogReading, type SignDraft, specOf } from './log-reading.ts';

/** The cluster DNS finds its pods by this label in every distribution. */
const DNS_LABEL = 'kube-dns';

/** A file below the mount of a ConfigMap or a Secret holds what was written there; of no other file is known who wrote it. */
export function unreadableFile(reading: LogReading, paths: readonly string[]): readonly SignDraft[] {
  const { pod } = reading;
  const mounted = mountedFiles(pod.object, specOf(reading));
  const found = paths.flatMap((path) => mounted.find((file) => file.path === path) ?? []);
  const named = paths.flatMap((path) => mounted.filter((file) => file.path.endsWith(`/${path}`)));
  const below = paths.flatMap((path) => mounted.find((file) => path.startsWith(`${file.folder}/`)) ?? []);
  const [only, ...others] = new Set(mounted.filter((file) => file.kind === 'ConfigMap').map((file) => file.name));
  const sole = paths.length === 0 && others.length === 0 ? mounted.find((file) => file.name === only) : undefined;
  const file = found[0] ?? below[0] ?? named[0] ?? sole;
  if (file === undefined) return [];
  const text = `it cannot read ${found[0]?.path ?? file.path}, which ${file.kind} ${file.name} holds`;
  const isDns = mapAt(pod.object, 'metadata', 'labels')['k8s-app'] === DNS_LABEL || /(?:^|-)coredns/.test(nameOf(pod.workload));
  const code = isDns ? 'T0-LOG-026' : file.kind === 'ConfigMap' ? 'T0-LOG-003' : 'T0-LOG-024';
  return [{ code, subject: siblingId(pod.id, file.kind, file.name), key: file.key, text }];
}

/** A file under the mount of a ConfigMap is a key of it. */
export function missingFile(reading: LogReading, path: string): readonly SignDraft[] {
  const { pod } = reading;
  const spec = specOf(reading);
  const mount = listAt(spec, 'volumeMounts').find((entry) => path.startsWith(`${textAt(entry, 'mountPath') ?? '\0'}/`));
  const map = textAt(readField(pod.object, ['spec', 'volumes', { key: 'name', value: textAt(mount, 'name') ?? '' }]), 'configMap', 'name');
  const key = path.slice((textAt(mount, 'mountPath') ?? '').length + 1);
  if (mount !== undefined && map !== undefined && !key.includes('/') && textAt(mount, 'subPath') === undefined) {
    const item = siblingId(pod.id, 'ConfigMap', map);
    return [{ code: 'T0-POD-007', subject: item, key, text: `${path} is not there, which would be key ${key} of ConfigMap ${map}` }];
  }
  return [{ code: 'T0-LOG-004', key: path, text: `${path} is not there` }];
}

/** The one claim the pod writes to, when there is one only. */
export function diskOf({ pod }: LogReading): Pick<SignDraft, 'subject'> {
  const claims = referencesOf(readField(pod.object, ['spec'])).filter(({ kind }) => kind === 'PersistentVolumeClaim');
  return claims.length === 1 && claims[0] ? { subject: siblingId(pod.id, 'PersistentVolumeClaim', claims[0].name) } : {};
}

const PASSWORD = /PASS(?:WORD|WD)?|SECRET|TOKEN|CREDENTIAL|_URL$|_DSN$|_URI$/i;

/** The one Secret that gives the container its password, when there is one only. */
export function secretOf(reading: LogReading): Pick<SignDraft, 'subject'> {
  const variables = listAt(specOf(reading), 'env').filter((entry) => PASSWORD.test(textAt(entry, 'name') ?? ''));
  const secrets = new Set(variables.flatMap((entry) => textAt(entry, 'valueFrom', 'secretKeyRef', 'name') ?? []));
  const isPlain = variables.some((entry) => textAt(entry, 'value') !== undefined && /PASS/i.test(textAt(entry, 'name') ?? ''));
  const [name] = secrets;
  return secrets.size === 1 && name !== undefined && !isPlain ? { subject: siblingId(reading.pod.id, 'Secret', name) } : {};
}
