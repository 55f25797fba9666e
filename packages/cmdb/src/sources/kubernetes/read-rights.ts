import { type CallContext, type CmdbReader, parseKubernetesItemId, Tier0Error } from '@tier0/core';
import { KUBERNETES_KINDS } from '../../kinds/kubernetes-kinds.ts';
import { isRecord } from '../../kinds/kubernetes-object.ts';
import { type ApiConnection, connect } from './connection.ts';
import { type Discovery, discoverKinds } from './discovery.ts';
import type { KubernetesSourceOptions } from './source.ts';
import { createTurns } from './turns.ts';

/** Somebody as the API server knows them. */
export interface KubernetesSubject {
  readonly user: string;
  readonly groups?: readonly string[] | undefined;
}

/** What others may read of a cluster, by the word of its API server. */
export interface ReadRights {
  /**
   * Which items of the graph a subject may read. What the server cannot be asked about (things of other sources, kinds it does not serve),
   * and what it did not answer, may not be read. Throws PERMISSION_DENIED where tier0 itself may not ask.
   */
  of(subject: KubernetesSubject, reader: CmdbReader, context: CallContext): Promise<(itemId: string) => boolean>;
}

/** Questions asked at the same time. */
const PARALLEL = 8;

/** Asks SubjectAccessReviews: tier0's account needs "create" on subjectaccessreviews, and no right to impersonate anybody. */
export function createReadRights(options: Omit<KubernetesSourceOptions, 'namespaces'>): ReadRights {
  const { kubeconfig, context: name, cluster, requestTimeoutMs = 30_000, maxBytes = 64 * 1024 * 1024 } = options;
  let connecting: Promise<{ readonly api: ApiConnection; readonly discovery: Discovery | undefined }> | undefined;
  const open = async (signal: AbortSignal) => {
    const api = await connect({ kubeconfig, context: name, requestTimeoutMs, maxBytes });
    return { api, discovery: await discoverKinds(api, signal) };
  };
  return {
    async of(subject, reader, { signal }) {
      connecting ??= open(signal).catch((error) => {
        connecting = undefined;
        throw error;
      });
      const { api, discovery } = await connecting;
      const places = placesIn(reader, cluster, discovery);
      const allowed = await allowedPlaces(places, (resource, namespace) => mayList(api, { subject, resource, namespace, signal }));
      return (itemId) => {
        const identity = parseKubernetesItemId(itemId);
        if (identity?.cluster !== cluster) return false;
        const key = keyOf(reader, itemId);
        return allowed.has(key) || (identity.namespace !== undefined && allowed.has(`${key} ${identity.namespace}`));
      };
    },
  };
}

interface ListedResource {
  readonly group: string;
  readonly resource: string;
}

interface Place {
  readonly key: string;
  readonly resource: ListedResource;
  readonly namespaces: Set<string>;
}

/** Kinds that may be listed everywhere, and kinds with a namespace in which they may. Namespaces are asked of only where it is needed. */
async function allowedPlaces(
  places: readonly Place[],
  ask: (resource: ListedResource, namespace?: string) => Promise<boolean>,
): Promise<ReadonlySet<string>> {
  const turn = createTurns(PARALLEL);
  const everywhere = await Promise.all(places.map(({ resource }) => turn(() => ask(resource))));
  const narrower = places.flatMap(({ key, resource, namespaces }, index) =>
    everywhere[index] ? [] : [...namespaces].map((namespace) => ({ key: `${key} ${namespace}`, resource, namespace })),
  );
  const there = await Promise.all(narrower.map(({ resource, namespace }) => turn(() => ask(resource, namespace))));
  const wide = places.filter((_, index) => everywhere[index]).map(({ key }) => key);
  return new Set([...wide, ...narrower.filter((_, index) => there[index]).map(({ key }) => key)]);
}

/** Kind and group of an item: from its object, and by its name where that was not kept. */
function keyOf(reader: CmdbReader, itemId: string): string {
  const object = reader.object(itemId);
  const { apiVersion, kind }: Record<string, unknown> = isRecord(object) ? object : {};
  if (typeof apiVersion === 'string' && apiVersion !== '') return `${groupOf(apiVersion)}/${String(kind)}`;
  return `?/${parseKubernetesItemId(itemId)?.kind ?? ''}`;
}

/** Every kind of the cluster's items with the namespaces they are in. A kind whose resource is not known has no place, and is not read. */
function placesIn(reader: CmdbReader, cluster: string, discovery: Discovery | undefined): readonly Place[] {
  const places = new Map<string, Place>();
  for (const { id } of reader.items({}).items) {
    const identity = parseKubernetesItemId(id);
    if (identity?.cluster !== cluster) continue;
    const key = keyOf(reader, id);
    const place = places.get(key) ?? newPlace(key, discovery);
    if (!place) continue;
    if (identity.namespace !== undefined) place.namespaces.add(identity.namespace);
    places.set(key, place);
  }
  return [...places.values()];
}

function newPlace(key: string, discovery: Discovery | undefined): Place | undefined {
  const [group = '', kind = ''] = key.split('/');
  const known = [...(discovery?.listable ?? []), ...KUBERNETES_KINDS].filter((one) => one.kind === kind);
  const found = group === '?' ? (known.length > 0 ? known[0] : undefined) : known.find((one) => groupOf(one.apiVersion) === group);
  return found && { key, resource: { group: groupOf(found.apiVersion), resource: found.resource }, namespaces: new Set() };
}

function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
}

interface Asking {
  readonly subject: KubernetesSubject;
  readonly resource: ListedResource;
  readonly namespace: string | undefined;
  readonly signal: AbortSignal;
}

/** Whether the subject may list it there. A question the server could not answer is no yes. */
async function mayList(api: ApiConnection, { subject, resource, namespace, signal }: Asking): Promise<boolean> {
  const resourceAttributes = { verb: 'list', ...resource, ...(namespace === undefined ? {} : { namespace }) };
  const spec = { user: subject.user, groups: [...(subject.groups ?? [])], resourceAttributes };
  const answer = await api.review({ apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', spec }, signal);
  if (answer.status === 401 || answer.status === 403) throw mayNotAsk();
  return (answer.status === 200 || answer.status === 201) && saysYes(answer.body);
}

function saysYes(body: string): boolean {
  try {
    const { status } = JSON.parse(body) as { readonly status?: { readonly allowed?: unknown; readonly denied?: unknown } };
    return status?.allowed === true && status.denied !== true;
  } catch {
    return false;
  }
}

function mayNotAsk(): Tier0Error {
  return new Tier0Error({
    code: 'PERMISSION_DENIED',
    message: 'The API server does not let tier0 ask what others may read.',
    hint: 'Grant its account "create" on subjectaccessreviews.authorization.k8s.io (the ClusterRole system:auth-delegator has it).',
  });
}
