import { readField } from '@tier0/core';
import { isClusterDns } from '../network/cluster-dns.ts';
import { earlierCommand } from '../objects/command.ts';
import { siblingId } from '../objects/existence.ts';
import { type MountedFile, mountedFiles } from '../objects/mounted-file.ts';
import { listAt, mapAt, numberAt, textAt } from '../objects/read-object.ts';
import { referencesOf } from '../objects/reference.ts';
import { changedFields } from '../objects/template-change.ts';
import { type LogReading, type SignDraft, specOf } from './log-reading.ts';

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
  const path = found[0]?.path ?? paths.find((candidate) => candidate.startsWith(`${file.folder}/`)) ?? file.path;
  const text =
    path === file.folder
      ? `it cannot read its configuration in ${path}, which ${file.kind} ${file.name} holds`
      : `it cannot read ${path}, which ${file.kind} ${file.name} holds`;
  const code = isClusterDns(pod) ? 'T0-LOG-026' : file.kind === 'ConfigMap' ? 'T0-LOG-003' : 'T0-LOG-024';
  return [{ code, subject: siblingId(pod.id, file.kind, file.name), key: file.key, text }];
}

/** Files that programs are made of: nobody puts them there as configuration. */
const CODE = /\.(?:m?js|cjs|ts|py|pyc|rb|php|pl|jar|war|class|dll|exe|so|wasm|sh)$|\/(?:node_modules|site-packages|dist|bin|lib|vendor)\//;

/** A file under the mount of a ConfigMap is a key of it; unless the mount lies over the program's own folder. */
export function missingFile(reading: LogReading, path: string): readonly SignDraft[] {
  const { pod } = reading;
  if (path.startsWith(ACCOUNT_FOLDER)) {
    const without = accountWithheld(reading, path);
    if (without !== undefined) return [without];
  }
  const single = mountedFiles(pod.object, specOf(reading)).find((file) => file.folder === undefined && file.path === path);
  if (single !== undefined && lacksKey(reading, single)) {
    const text = `${path} is not there, which would be key ${single.key} of ${single.kind} ${single.name}`;
    const code = single.kind === 'ConfigMap' ? 'T0-POD-007' : 'T0-POD-009';
    const { kind, name, key } = single;
    return [{ code, subject: siblingId(pod.id, kind, name), key, text, facts: { kind, name, key } }];
  }
  const mount = mountAbove(reading, path);
  const volume = readField(pod.object, ['spec', 'volumes', { key: 'name', value: textAt(mount, 'name') ?? '' }]);
  const map = textAt(volume, 'configMap', 'name');
  const key = path.slice((textAt(mount, 'mountPath') ?? '').length + 1);
  if (mount !== undefined && hidesProgram(reading, { mount, map, key })) {
    const place = textAt(mount, 'mountPath') ?? '';
    const what = map === undefined ? `volume ${textAt(mount, 'name')}` : `ConfigMap ${map}`;
    return [
      {
        code: 'T0-LOG-031',
        key: place,
        text: `${path} is not there: ${what} is mounted over ${place} and hides what the image holds there`,
      },
    ];
  }
  if (mount !== undefined && map !== undefined && !key.includes('/') && textAt(mount, 'subPath') === undefined) {
    const item = siblingId(pod.id, 'ConfigMap', map);
    const held = mapAt(pod.reader.object(item), 'data')[key];
    if (held !== undefined) return interpreterMissing({ path, item, key, held });
    const text = `${path} is not there, which would be key ${key} of ConfigMap ${map}`;
    return [{ code: 'T0-POD-007', subject: item, key, text, facts: { kind: 'ConfigMap', name: map, key } }];
  }
  const secret = textAt(volume, 'secret', 'secretName');
  const isRenamed = listAt(volume, 'secret', 'items').length > 0;
  if (secret !== undefined && !key.includes('/') && !isRenamed && !holdsKey(reading, secret, key)) {
    const item = siblingId(pod.id, 'Secret', secret);
    const text = `${path} is not there, which would be key ${key} of Secret ${secret}`;
    return [{ code: 'T0-POD-009', subject: item, key, text, facts: { kind: 'Secret', name: secret, key } }];
  }
  return [{ code: 'T0-LOG-004', key: path, text: `${path} is not there` }];
}

/** A script that is there cannot be run when what its first line names is not: a carriage return at its end belongs to that name. */
function interpreterMissing({
  path,
  item,
  key,
  held,
}: {
  readonly path: string;
  readonly item: string;
  readonly key: string;
  readonly held: string;
}): readonly SignDraft[] {
  const [first = ''] = held.split('\n', 1);
  const interpreter = /^#!\s*(\S+)/.exec(first)?.[1];
  if (interpreter === undefined) return [];
  const text = first.endsWith('\r')
    ? `${path} cannot be run: its lines end in CRLF (carriage return, \\r), so its interpreter "${interpreter}\\r" is not found`
    : `${path} cannot be run: its interpreter ${interpreter} is not in the image`;
  return [{ code: 'T0-LOG-003', subject: item, key, text }];
}

const ACCOUNT_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';

/** The token of the service account is not mounted, since the pod or the account says so. */
function accountWithheld({ pod }: LogReading, path: string): SignDraft | undefined {
  const account = textAt(pod.object, 'spec', 'serviceAccountName') ?? 'default';
  const item = siblingId(pod.id, 'ServiceAccount', account);
  const ofPod = readField(pod.object, ['spec', 'automountServiceAccountToken']);
  const ofAccount = readField(pod.reader.object(item), ['automountServiceAccountToken']);
  const text = `${path} is not there: the token is not mounted (automountServiceAccountToken: false`;
  if (ofPod === false) return { code: 'T0-LOG-044', key: path, text: `${text} in the pod template)` };
  return ofPod !== true && ofAccount === false
    ? { code: 'T0-LOG-044', subject: item, key: path, text: `${text} at ServiceAccount ${account})` }
    : undefined;
}

/** The object that fills a mounted file was read, and has no such key. The keys of a Secret are read, its values are not. */
/** A live cluster's Secrets are not read: a file that is not there below the mount of one is a key that it does not have. */
function holdsKey(reading: LogReading, name: string, key: string): boolean {
  const isRead = reading.pod.reader.object(siblingId(reading.pod.id, 'Secret', name)) !== undefined;
  return isRead && !lacksKey(reading, { kind: 'Secret', name, key });
}

function lacksKey({ pod }: LogReading, { kind, name, key }: Pick<MountedFile, 'kind' | 'name' | 'key'>): boolean {
  const object = pod.reader.object(siblingId(pod.id, kind, name));
  return object !== undefined && !['data', 'binaryData', 'stringData'].some((part) => readField(object, [part, key]) !== undefined);
}

/** The mount that a path lies below, the innermost one. */
function mountAbove(reading: LogReading, path: string): unknown {
  const above = listAt(specOf(reading), 'volumeMounts').filter((entry) =>
    path.startsWith(`${(textAt(entry, 'mountPath') ?? '\0').replace(/\/$/, '')}/`),
  );
  return above.toSorted((a, b) => (textAt(b, 'mountPath') ?? '').length - (textAt(a, 'mountPath') ?? '').length)[0];
}

/** The revision before ran the same image without the mount, or what is missing is code and the mount brings none of its sort. */
function hidesProgram(
  { pod, container }: LogReading,
  { mount, map, key }: { readonly mount: unknown; readonly map: string | undefined; readonly key: string },
): boolean {
  const place = textAt(mount, 'mountPath') ?? '';
  if (textAt(mount, 'subPath') !== undefined || place.startsWith('/var/run/secrets')) return false;
  const earlier = earlierCommand({ pod, name: container });
  const own = readField(pod.object, ['spec', 'containers', { key: 'name', value: container }]);
  const isNew =
    earlier !== undefined &&
    earlier.image === textAt(own, 'image') &&
    !listAt(earlier.container, 'volumeMounts').some((entry) => textAt(entry, 'mountPath') === place);
  if (isNew) return true;
  if (!CODE.test(`/${key}`)) return false;
  const object = map === undefined ? undefined : pod.reader.object(siblingId(pod.id, 'ConfigMap', map));
  const ending = /\.[a-z]+$/.exec(key)?.[0] ?? '';
  return (
    map === undefined ||
    (object !== undefined && !Object.keys(mapAt(object, 'data')).some((name) => ending !== '' && name.endsWith(ending)))
  );
}

/** A place that nobody may write to: the root of the container by its security context, or a mount that says so. */
export function readOnly(reading: LogReading, path: string): readonly SignDraft[] {
  const spec = specOf(reading);
  const mount = mountAbove(reading, path);
  if (mount !== undefined) {
    const place = textAt(mount, 'mountPath') ?? '';
    return [
      {
        code: 'T0-LOG-030',
        key: place,
        text: `it cannot write ${path}: ${place} is mounted read-only from volume ${textAt(mount, 'name')}`,
      },
    ];
  }
  const isRoot = readField(spec, ['securityContext', 'readOnlyRootFilesystem']) === true;
  const why = isRoot
    ? 'the root file system is read-only (readOnlyRootFilesystem), and no volume is mounted there'
    : 'the file system is read-only (EROFS)';
  return [{ code: 'T0-LOG-030', key: path, text: `it cannot write ${path}: ${why}` }];
}

/** Fields by which a revision changes as whom a container works, or what its files are. */
const RIGHTS = /^(?:securityContext|volumes|volumeMounts|serviceAccountName)\b/;

/** A file that the user of the program may not use; where the revision changed the user or the volumes, that is the first suspect. */
export function permissionDenied(reading: LogReading, path: string): SignDraft {
  const { pod, container } = reading;
  const changed = (changedFields({ pod, name: container, spec: specOf(reading) }) ?? []).filter((field) => RIGHTS.test(field));
  const user = userOf(reading);
  const whom = user === undefined ? '' : ` as user ${user}`;
  const text = `it is not allowed to use ${path}${whom} (permission denied)`;
  if (changed.length === 0) return { code: 'T0-LOG-005', key: path, text };
  return { code: 'T0-LOG-039', key: path, text: `${text}, since its revision changed ${changed.join(', ')}` };
}

/** The numeric user that the template names, of the container before the pod's. */
function userOf(reading: LogReading): number | undefined {
  return numberAt(specOf(reading), 'securityContext', 'runAsUser') ?? numberAt(reading.pod.object, 'spec', 'securityContext', 'runAsUser');
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
