import { type CmdbReader, parseKubernetesItemId, readField } from '@tier0/core';
import type { ApiAccess, LogSign } from '../logs/classify.ts';
import { instantAt, listAt, mapAt, numberAt, textAt } from '../workload/read-object.ts';
import type { RuleCode } from './codes.ts';
import { commandNames } from './command.ts';
import { nearNameOf } from './configuration.ts';
import { existence, siblingId } from './existence.ts';
import { serviceIdOf } from './host-name.ts';
import { indexed } from './indexed.ts';
import { mountedFiles } from './mounted-file.ts';
import { nameOf, type PodView } from './pod-view.ts';
import { referencesOf } from './reference.ts';
import { selects } from './selector-match.ts';
import { writtenEndpoints } from './written-endpoints.ts';

/** A sign in the log of one container. */
export interface LogReading {
  readonly pod: PodView;
  readonly container: string;
  readonly message: string;
  readonly sign: LogSign;
}

/** What a sign means in this cluster. */
export interface SignDraft {
  readonly code: RuleCode;
  /** Undefined: the workload of the pod. */
  readonly subject?: string | undefined;
  readonly key?: string | undefined;
  /** Goes behind "says that". */
  readonly text: string;
  readonly suspects?: readonly string[] | undefined;
}

/** Ties a sign to items of the cluster; nothing when the cluster contradicts it. */
export function signDrafts(reading: LogReading): readonly SignDraft[] {
  const { sign } = reading;
  switch (sign.kind) {
    case 'missing-variable':
      return missingVariable(reading, sign.name);
    case 'invalid-value':
      return invalidValue(reading, sign.name);
    case 'missing-file':
      return missingFile(reading, sign.path);
    case 'permission-denied':
      return [{ code: 'T0-LOG-005', key: sign.path, text: `it is not allowed to use ${sign.path}` }];
    case 'disk-full':
      return [{ code: 'T0-LOG-006', ...diskOf(reading), text: 'there is no space left on its disk' }];
    case 'authentication-failed':
      return [
        { code: 'T0-LOG-007', ...secretOf(reading), text: `its credentials are refused${sign.user === '' ? '' : ` (user ${sign.user})`}` },
      ];
    case 'forbidden-api':
      return forbidden(reading, sign.access);
    case 'connection-refused':
      return refused(reading, sign.host, sign.port);
    case 'timeout':
      return timedOut(reading, sign.host, sign.port);
    case 'bad-usage':
      return badUsage(reading, sign.word);
    case 'unreadable-file':
      return unreadableFile(reading, sign.paths);
    case 'bad-value':
      return sign.values.flatMap((value) => badValue(reading, value)).slice(0, 1);
    case 'dns-failure':
      return unresolved(reading, sign.host);
    case 'address-in-use':
      return [{ code: 'T0-LOG-020', key: String(sign.port ?? ''), text: `port ${sign.port ?? ''} is already taken`.replace('  ', ' ') }];
    default:
      return [PLAIN[sign.kind]];
  }
}

const PLAIN: Readonly<
  Record<'out-of-memory' | 'certificate-expired' | 'certificate-untrusted' | 'exec-format' | 'pool-exhausted' | 'rate-limited', SignDraft>
> = {
  'out-of-memory': { code: 'T0-LOG-022', text: 'it has no memory left' },
  'certificate-expired': { code: 'T0-LOG-009', text: 'a certificate has expired' },
  'certificate-untrusted': { code: 'T0-LOG-010', text: 'it does not trust a certificate' },
  'exec-format': { code: 'T0-LOG-021', text: 'its program is for another processor' },
  'pool-exhausted': { code: 'T0-LOG-012', text: 'no connection is left' },
  'rate-limited': { code: 'T0-LOG-013', text: 'it is asked to send fewer requests' },
};

function specOf({ pod, container }: LogReading): unknown {
  const entry = { key: 'name', value: container };
  return readField(pod.object, ['spec', 'containers', entry]) ?? readField(pod.object, ['spec', 'initContainers', entry]);
}

/** Where a variable's value is written: the template, or a ConfigMap or Secret it is taken from. */
interface VariableSource {
  /** Undefined: the template. */
  readonly item?: string | undefined;
  readonly kind: 'template' | 'ConfigMap' | 'Secret';
  readonly value?: string | undefined;
}

function variableOf(reading: LogReading, name: string): VariableSource | undefined {
  const { pod } = reading;
  const spec = specOf(reading);
  const entry = listAt(spec, 'env').findLast((variable) => textAt(variable, 'name') === name);
  const map = textAt(entry, 'valueFrom', 'configMapKeyRef', 'name');
  const secret = textAt(entry, 'valueFrom', 'secretKeyRef', 'name');
  if (map !== undefined) {
    const item = siblingId(pod.id, 'ConfigMap', map);
    return {
      kind: 'ConfigMap',
      item,
      value: mapAt(pod.reader.object(item), 'data')[textAt(entry, 'valueFrom', 'configMapKeyRef', 'key') ?? ''],
    };
  }
  if (secret !== undefined) return { kind: 'Secret', item: siblingId(pod.id, 'Secret', secret) };
  if (entry !== undefined) return { kind: 'template', value: textAt(entry, 'value') };
  return fromWholesale(reading, spec, name);
}

function fromWholesale({ pod }: LogReading, spec: unknown, name: string): VariableSource | undefined {
  for (const source of listAt(spec, 'envFrom')) {
    const map = textAt(source, 'configMapRef', 'name');
    const item = map === undefined ? undefined : siblingId(pod.id, 'ConfigMap', map);
    const value =
      item === undefined ? undefined : mapAt(pod.reader.object(item), 'data')[name.slice((textAt(source, 'prefix') ?? '').length)];
    if (value !== undefined) return { kind: 'ConfigMap', item, value };
  }
  return undefined;
}

/** Set after all, and not empty: then the message is about something else. */
function missingVariable(reading: LogReading, name: string): readonly SignDraft[] {
  const source = variableOf(reading, name);
  if (source && source.kind !== 'Secret' && (source.value ?? '') !== '') return invalidValue(reading, name);
  if (source?.kind === 'ConfigMap') return [{ code: 'T0-LOG-003', subject: source.item, key: name, text: `${name} is empty` }];
  return [{ code: 'T0-LOG-001', key: name, text: `variable ${name} is not set` }];
}

/** Only a variable that the container has can have a wrong value. */
function invalidValue(reading: LogReading, name: string): readonly SignDraft[] {
  const source = variableOf(reading, name);
  if (!source) return [];
  const text = `it cannot use the value of ${name}`;
  if (source.kind === 'ConfigMap') return [{ code: 'T0-LOG-003', subject: source.item, key: name, text }];
  if (source.kind === 'Secret') return [{ code: 'T0-LOG-024', subject: source.item, key: name, text }];
  return [{ code: 'T0-LOG-002', key: name, text }];
}

/** A quoted text that is the whole value of a variable: then that variable is what could not be used. */
function badValue(reading: LogReading, value: string): readonly SignDraft[] {
  if (value.trim().length < 2) return [];
  const names = variableNames(reading).filter((name) => variableOf(reading, name)?.value?.trim() === value.trim());
  const [name] = names;
  return names.length === 1 && name !== undefined ? invalidValue(reading, name) : [];
}

/** Variables whose value can be seen: those of the template, and those taken over from ConfigMaps. */
function variableNames(reading: LogReading): readonly string[] {
  const spec = specOf(reading);
  const wholesale = listAt(spec, 'envFrom').flatMap((source) => {
    const map = textAt(source, 'configMapRef', 'name');
    const data = map === undefined ? {} : mapAt(reading.pod.reader.object(siblingId(reading.pod.id, 'ConfigMap', map)), 'data');
    return Object.keys(data).map((key) => `${textAt(source, 'prefix') ?? ''}${key}`);
  });
  return [...new Set([...listAt(spec, 'env').flatMap((entry) => textAt(entry, 'name') ?? []), ...wholesale])];
}

/** A word of the command line that a variable or a ConfigMap holds was written there. */
function badUsage(reading: LogReading, word: string): readonly SignDraft[] {
  if (!hasEnded(reading)) return [];
  const holder = /^-{1,2}\w{2}/.test(word) && !isCommandWord(reading, word) ? holderOf(reading, word) : undefined;
  const text = word === '' ? 'it is not called as it wants to be' : `it does not take ${word}`;
  if (holder?.item !== undefined) return [{ code: 'T0-LOG-003', subject: holder.item, key: holder.name, text }];
  return holder ? [{ code: 'T0-LOG-002', key: holder.name, text }] : [{ code: 'T0-LOG-025', key: word, text }];
}

/** A program that refuses its command line ends; one that runs on speaks of something else. */
function hasEnded({ pod, container }: LogReading): boolean {
  const statuses = ['containerStatuses', 'initContainerStatuses'].flatMap((list) => listAt(pod.object, 'status', list));
  const status = statuses.find((entry) => textAt(entry, 'name') === container);
  return ['state', 'lastState'].some((state) => readField(status, [state, 'terminated']) !== undefined);
}

function isCommandWord(reading: LogReading, word: string): boolean {
  return commandNames(specOf(reading)).some((part) => part === word || part.startsWith(`${word}=`) || part.includes(` ${word}`));
}

/** The cluster DNS finds its pods by this label in every distribution. */
const DNS_LABEL = 'kube-dns';

/** A file below the mount of a ConfigMap or a Secret holds what was written there; of no other file is known who wrote it. */
function unreadableFile(reading: LogReading, paths: readonly string[]): readonly SignDraft[] {
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
function missingFile(reading: LogReading, path: string): readonly SignDraft[] {
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
function diskOf({ pod }: LogReading): Pick<SignDraft, 'subject'> {
  const claims = referencesOf(readField(pod.object, ['spec'])).filter(({ kind }) => kind === 'PersistentVolumeClaim');
  return claims.length === 1 && claims[0] ? { subject: siblingId(pod.id, 'PersistentVolumeClaim', claims[0].name) } : {};
}

const PASSWORD = /PASS(?:WORD|WD)?|SECRET|TOKEN|CREDENTIAL|_URL$|_DSN$|_URI$/i;

/** The one Secret that gives the container its password, when there is one only. */
function secretOf(reading: LogReading): Pick<SignDraft, 'subject'> {
  const variables = listAt(specOf(reading), 'env').filter((entry) => PASSWORD.test(textAt(entry, 'name') ?? ''));
  const secrets = new Set(variables.flatMap((entry) => textAt(entry, 'valueFrom', 'secretKeyRef', 'name') ?? []));
  const isPlain = variables.some((entry) => textAt(entry, 'value') !== undefined && /PASS/i.test(textAt(entry, 'name') ?? ''));
  const [name] = secrets;
  return secrets.size === 1 && name !== undefined && !isPlain ? { subject: siblingId(reading.pod.id, 'Secret', name) } : {};
}

interface Grant {
  readonly binding: string;
  readonly role: string;
}

const grantsByAccount = indexed((reader) => {
  const grants = new Map<string, Grant[]>();
  for (const kind of ['ClusterRoleBinding', 'RoleBinding'])
    for (const { id } of reader.items({ kind }).items) {
      const object = reader.object(id);
      const isLocal = textAt(object, 'roleRef', 'kind') === 'Role';
      const role = siblingId(id, isLocal ? 'Role' : 'ClusterRole', textAt(object, 'roleRef', 'name') ?? '', isLocal ? undefined : '');
      for (const subject of listAt(object, 'subjects')) {
        if (textAt(subject, 'kind') !== 'ServiceAccount') continue;
        const key = `${textAt(subject, 'namespace') ?? parseKubernetesItemId(id)?.namespace}/${textAt(subject, 'name')}`;
        grants.set(key, [...(grants.get(key) ?? []), { binding: id, role }]);
      }
    }
  return grants;
});

/** The role that should hold the verb: the one that already speaks of the resource, else the first that the account has, else the account. */
function forbidden({ pod }: LogReading, access: ApiAccess): readonly SignDraft[] {
  const { reader } = pod;
  const { account, accountNamespace, verb, resource, group, namespace } = access;
  const grants = (grantsByAccount(reader).get(`${accountNamespace}/${account}`) ?? []).filter(({ binding }) => reaches(binding, namespace));
  // A binding to a role that does not exist is a fault of its own, which explains the refusal.
  const empty = grants.filter(({ role }) => reader.get(role).state === 'absent');
  const speaks = ({ role }: Grant) =>
    listAt(reader.object(role), 'rules').some(
      (rule) => listAt(rule, 'resources').includes(resource) || listAt(rule, 'apiGroups').includes(group),
    );
  const ranked = [...grants].sort(
    (a, b) => Number(speaks(b)) - Number(speaks(a)) || rank(a.role) - rank(b.role) || (a.role < b.role ? -1 : 1),
  );
  const own = siblingId(pod.id, 'ServiceAccount', account, accountNamespace);
  const subject = empty.length > 0 ? own : (ranked[0]?.role ?? own);
  const where = namespace === undefined ? 'in the whole cluster' : `in namespace ${namespace}`;
  return [
    {
      code: 'T0-LOG-008',
      subject,
      key: `${verb} ${group}/${resource}`,
      suspects: empty.map(({ binding }) => binding),
      text: `service account ${account} may not ${verb} ${resource}${group === '' ? '' : `.${group}`} ${where}`,
    },
  ];
}

/** A RoleBinding speaks for its own namespace only. */
function reaches(binding: string, namespace: string | undefined): boolean {
  const own = parseKubernetesItemId(binding)?.namespace;
  return own === undefined || own === namespace;
}

function rank(role: string): number {
  return parseKubernetesItemId(role)?.kind === 'Role' ? 0 : 1;
}

/** What a host is: a Service that is there or not, a host outside, or this very pod. */
type Host =
  | { readonly kind: 'service'; readonly id: string }
  | { readonly kind: 'absent'; readonly id: string }
  /** A Service without a selector, whose addresses a person wrote. */
  | { readonly kind: 'by-hand'; readonly id: string; readonly holder: string }
  /** A name that only the cluster can mean, of a Service that was not recorded. */
  | { readonly kind: 'unread'; readonly id: string }
  | { readonly kind: 'outside' | 'own' | 'unknown' };

const servicesByAddress = indexed((reader) => {
  const addresses = new Map<string, string>();
  for (const { id } of reader.items({ kind: 'Service' }).items)
    for (const address of [textAt(reader.object(id), 'spec', 'clusterIP'), ...listAt(reader.object(id), 'spec', 'clusterIPs')])
      if (typeof address === 'string' && address !== 'None') addresses.set(address, id);
  return addresses;
});

const servicesByPodAddress = indexed((reader) => {
  const addresses = new Map<string, string>();
  for (const { id } of reader.items({ kind: 'Pod' }).items) {
    const address = textAt(reader.object(id), 'status', 'podIP');
    const service = reader.relations(id, 'in', 'selects')[0]?.from;
    if (address !== undefined && service !== undefined) addresses.set(address, service);
  }
  return addresses;
});

const servicesByHandAddress = indexed(
  (reader) => new Map([...writtenEndpoints(reader)].flatMap(([service, { addresses }]) => addresses.map((address) => [address, service]))),
);

function hostOf({ reader, id }: PodView, host: string): Host {
  if (/^(?:localhost|127\.|0\.0\.0\.0|::1)/.test(host)) return { kind: 'own' };
  if (/^\d+\.\d+\.\d+\.\d+$/.test(host)) {
    const service =
      servicesByAddress(reader).get(host) ?? servicesByPodAddress(reader).get(host) ?? servicesByHandAddress(reader).get(host);
    return service === undefined
      ? { kind: /^(?:10|172\.(?:1[6-9]|2\d|3[01])|192\.168)\./.test(host) ? 'unknown' : 'outside' }
      : served(reader, service);
  }
  const service = serviceIdOf(id, host) ?? inNamespace(reader, id, host) ?? podOfService(id, host);
  if (service === undefined) return { kind: 'outside' };
  const identity = parseKubernetesItemId(service);
  const state = identity ? existence(reader, identity) : 'unknown';
  if (state === 'unknown') return /\.svc(?:\.|$)/.test(host) ? { kind: 'unread', id: service } : { kind: 'unknown' };
  return state === 'found' ? served(reader, service) : { kind: 'absent', id: service };
}

function served(reader: CmdbReader, service: string): Host {
  const holder = writtenEndpoints(reader).get(service);
  return holder === undefined ? { kind: 'service', id: service } : { kind: 'by-hand', id: service, holder: holder.id };
}

/** `db-0.db` and `db-0.db.ns.svc`: a member of a StatefulSet by its governing Service. */
function podOfService(item: string, host: string): string | undefined {
  const [, name, namespace] = /^[a-z0-9-]+-\d+\.([a-z0-9-]+)(?:\.([a-z0-9-]+)\.svc.*)?$/.exec(host) ?? [];
  return name === undefined ? undefined : siblingId(item, 'Service', name, namespace);
}

/** `name.namespace`, when there is such a namespace. */
function inNamespace(reader: CmdbReader, item: string, host: string): string | undefined {
  const [name = '', namespace, more] = host.split('.');
  if (namespace === undefined || more !== undefined) return undefined;
  const space = parseKubernetesItemId(siblingId(item, 'Namespace', namespace, ''));
  const isSpace = space !== undefined && existence(reader, space) === 'found';
  return isSpace ? siblingId(item, 'Service', name, namespace) : undefined;
}

function refused(reading: LogReading, host: string, port: number | undefined): readonly SignDraft[] {
  const target = hostOf(reading.pod, host);
  const at = port === undefined ? host : `${host}:${port}`;
  if (target.kind === 'outside')
    return [{ code: 'T0-LOG-016', key: host, text: `${at}, which is outside the cluster, refuses its connection` }];
  if (target.kind === 'absent') return absent(reading, target.id);
  if (target.kind === 'unread') return [{ code: 'T0-LOG-017', subject: target.id, key: '', text: `${at} refuses its connection` }];
  if (target.kind !== 'service' && target.kind !== 'by-hand') return [];
  const wrong = wrongPort(reading, { service: target.id, host, port });
  if (wrong) return [wrong];
  if (target.kind === 'by-hand') return [byHand(target, `${at} refuses its connection`)];
  return [{ code: 'T0-LOG-017', key: target.id, text: `${at} refuses its connection`, suspects: [target.id] }];
}

/** Nothing but the person who wrote it says that there is somebody at this address. */
function byHand(target: { readonly id: string; readonly holder: string }, text: string): SignDraft {
  return {
    code: 'T0-LOG-028',
    subject: target.holder,
    key: '',
    text: `${text}; the addresses of Service ${nameOf(target.id)} are written by hand`,
  };
}

interface AskedPort {
  readonly service: string;
  readonly host: string;
  readonly port: number | undefined;
}

/** A port that the Service does not have was written somewhere: in a variable, or in a ConfigMap that the pod reads. */
function wrongPort(reading: LogReading, { service, host, port }: AskedPort): SignDraft | undefined {
  const object = reading.pod.reader.object(service);
  const ports = listAt(object, 'spec', 'ports');
  const isDirect = textAt(object, 'spec', 'clusterIP') === 'None' || textAt(object, 'spec', 'type') === 'ExternalName';
  if (port === undefined || isDirect || ports.length === 0 || ports.some((entry) => numberAt(entry, 'port') === port)) return undefined;
  // The address of a pod is asked at the port of the pod.
  if (servicesByPodAddress(reading.pod.reader).has(host)) return undefined;
  const offered = ports.flatMap((entry) => numberAt(entry, 'port') ?? []).join(', ');
  const text = `it cannot reach port ${port} of ${nameOf(service)}, which offers ${offered}`;
  const holder = holderOf(reading, String(port));
  if (holder?.item === undefined)
    return { code: 'T0-LOG-027', key: service, text: holder ? `${text}; the port stands in ${holder.name}` : text };
  return { code: 'T0-LOG-003', subject: holder.item, key: holder.name, text: `${text}; the port stands in key ${holder.name}` };
}

/** The variable or ConfigMap key whose value holds a word. */
function holderOf(
  reading: LogReading,
  word: string,
): { readonly kind: 'template' | 'ConfigMap'; readonly item?: string; readonly name: string } | undefined {
  const { pod } = reading;
  const holds = (value: string | undefined) =>
    value !== undefined && new RegExp(`(?:^|[^\\w.-])${word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\w-])`).test(value);
  for (const entry of listAt(specOf(reading), 'env')) {
    const name = textAt(entry, 'name') ?? '';
    const source = variableOf(reading, name);
    if (source && source.kind !== 'Secret' && holds(source.value))
      return source.item === undefined ? { kind: 'template', name } : { kind: 'ConfigMap', item: source.item, name };
  }
  const maps = referencesOf(readField(pod.object, ['spec'])).filter(({ kind }) => kind === 'ConfigMap');
  for (const { name: map } of maps) {
    const item = siblingId(pod.id, 'ConfigMap', map);
    const key = Object.entries(mapAt(pod.reader.object(item), 'data')).find(([, value]) => holds(value))?.[0];
    if (key !== undefined) return { kind: 'ConfigMap', item, name: key };
  }
  return undefined;
}

/** Misspelt when a Service of nearly this name is there; else the Service is what is missing. */
function absent(reading: LogReading, service: string): readonly SignDraft[] {
  const outdated = outdatedMap(reading, nameOf(service));
  if (outdated !== undefined) {
    const text = `it looks for ${nameOf(service)}, which nothing names any more: ConfigMap ${nameOf(outdated)} was changed after it was started`;
    return [{ code: 'T0-LOG-029', key: outdated, text }];
  }
  const near = nearNameOf(reading.pod.reader, service);
  if (near === undefined)
    return [{ code: 'T0-LOG-015', subject: service, key: '', text: `it needs Service ${nameOf(service)}, which does not exist` }];
  const text = `it looks for ${nameOf(service)}, which does not exist; Service ${near} does`;
  const holder = holderOf(reading, nameOf(service));
  return [{ code: 'T0-LOG-014', ...(holder?.item === undefined ? {} : { subject: holder.item }), key: nameOf(service), text }];
}

/** The ConfigMap that gave the container its variables and was changed since it was started, when nothing it is given holds the word. */
function outdatedMap(reading: LogReading, word: string): string | undefined {
  const { pod, container } = reading;
  if (holderOf(reading, word) !== undefined || commandNames(specOf(reading)).some((part) => part.includes(word))) return undefined;
  const status = listAt(pod.object, 'status', 'containerStatuses').find((entry) => textAt(entry, 'name') === container);
  const startedMs = instantAt(status, 'state', 'running', 'startedAt') ?? instantAt(status, 'lastState', 'terminated', 'startedAt');
  const sources = referencesOf(readField(pod.object, ['spec'])).filter(
    ({ kind, container: asker }) => kind === 'ConfigMap' && asker === container,
  );
  const items = sources.map(({ name }) => siblingId(pod.id, 'ConfigMap', name));
  return items.find((item) => startedMs !== undefined && changedMs(pod.reader.object(item)) > startedMs);
}

/** When a field was last written, as the API server notes it; the creation where it notes nothing. */
function changedMs(object: unknown): number {
  const written = listAt(object, 'metadata', 'managedFields').map((entry) => instantAt(entry, 'time') ?? 0);
  return Math.max(instantAt(object, 'metadata', 'creationTimestamp') ?? 0, ...written);
}

function timedOut(reading: LogReading, host: string, port: number | undefined): readonly SignDraft[] {
  const target = hostOf(reading.pod, host);
  if (target.kind === 'absent') return absent(reading, target.id);
  if (target.kind === 'outside') {
    const text = `${host}, which is outside the cluster, does not answer in time`;
    return [{ code: 'T0-LOG-016', key: host, text, suspects: policiesAround(reading.pod, undefined) }];
  }
  if (target.kind === 'unread') return [{ code: 'T0-LOG-018', subject: target.id, key: '', text: `${host} does not answer in time` }];
  if (target.kind !== 'service' && target.kind !== 'by-hand') return [];
  const wrong = wrongPort(reading, { service: target.id, host, port });
  if (wrong) return [wrong];
  const policies = policiesAround(reading.pod, target.id);
  if (target.kind === 'by-hand') return [{ ...byHand(target, `${host} does not answer`), suspects: policies }];
  return [{ code: 'T0-LOG-018', key: target.id, text: `${host} does not answer in time`, suspects: [target.id, ...policies] }];
}

/** A Service that was not recorded: one with pods of its own name may be headless, whose name leads nowhere while none is ready. */
function unreadName(reading: LogReading, service: string, host: string): readonly SignDraft[] {
  const namesakes = ['StatefulSet', 'Deployment', 'DaemonSet'].map((kind) =>
    siblingId(service, kind, nameOf(service), parseKubernetesItemId(service)?.namespace),
  );
  const namesake = namesakes.find((id) => reading.pod.reader.get(id).state === 'found');
  if (namesake === undefined) return absent(reading, service);
  return [{ code: 'T0-LOG-017', subject: namesake, key: service, text: `the name ${host} leads nowhere` }];
}

/** The DNS answered, and said that there is no such name; anything else may be the fault of the DNS. */
const NO_SUCH_NAME = /no such host|NXDOMAIN|ENOTFOUND|name or service not known|UnknownHost|does not exist/i;

function unresolved(reading: LogReading, host: string): readonly SignDraft[] {
  const { pod } = reading;
  const target = hostOf(pod, host);
  const policy = dnsBypass(pod.object);
  if (policy !== undefined && (target.kind === 'service' || target.kind === 'by-hand')) {
    return [
      {
        code: 'T0-LOG-023',
        key: policy,
        text: `the name ${host} cannot be resolved; with dnsPolicy ${policy} its pods do not ask the cluster`,
      },
    ];
  }
  if (target.kind === 'absent') return absent(reading, target.id);
  if (target.kind === 'outside')
    return [{ code: 'T0-LOG-016', key: host, text: `the name ${host}, which is outside the cluster, cannot be resolved` }];
  if (target.kind === 'unread' && NO_SUCH_NAME.test(reading.message)) return unreadName(reading, target.id, host);
  if (target.kind !== 'service' && target.kind !== 'by-hand') return [];
  const dns = ['kube-dns', 'coredns', 'rke2-coredns-rke2-coredns'].map((name) => siblingId(pod.id, 'Service', name, 'kube-system'));
  const known = dns.filter((id) => pod.reader.get(id).state === 'found');
  const suspects = [...(known.length > 0 ? known : dns.slice(0, 1)), ...policiesAround(pod, undefined)];
  return [
    { code: 'T0-LOG-019', key: '', text: `the name ${host} cannot be resolved, though Service ${nameOf(target.id)} exists`, suspects },
  ];
}

/** The DNS policy of a pod whose names are not looked up in the cluster; on the network of the host the default is such a one. */
function dnsBypass(pod: unknown): string | undefined {
  const policy = textAt(pod, 'spec', 'dnsPolicy') ?? 'ClusterFirst';
  if (policy === 'Default' || (policy === 'None' && listAt(pod, 'spec', 'dnsConfig', 'nameservers').length > 0)) return policy;
  return policy === 'ClusterFirst' && readField(pod, ['spec', 'hostNetwork']) === true ? policy : undefined;
}

/** Network policies that speak for the pod itself, or for the pods of the Service it calls. */
function policiesAround(pod: PodView, service: string | undefined): readonly string[] {
  const behind = service === undefined ? [] : pod.reader.relations(service, 'out', 'selects').map(({ to }) => to);
  const pods = [pod.id, ...behind.slice(0, 1)];
  const policies = pod.reader.items({ kind: 'NetworkPolicy' }).items;
  return policies.flatMap(({ id }) => (pods.some((item) => governs(pod.reader, id, item)) ? [id] : []));
}

function governs(reader: CmdbReader, policy: string, pod: string): boolean {
  if (parseKubernetesItemId(policy)?.namespace !== parseKubernetesItemId(pod)?.namespace) return false;
  return selects(readField(reader.object(policy), ['spec', 'podSelector']), mapAt(reader.object(pod), 'metadata', 'labels'));
}
