import { KUBERNETES_KINDS, type KubernetesKind } from '../../kinds/kubernetes-kinds.ts';
import { entriesOf, isRecord, textOf } from '../../kinds/kubernetes-object.ts';
import type { ApiConnection } from './connection.ts';

/** What an API server serves, asked once. */
export interface Discovery {
  /** Every kind that can be listed, with the version it is listed in. Empty when the server only told its groups. */
  readonly listable: readonly KubernetesKind[];
  /** The kind as this server serves it; undefined when it does not. */
  find(kind: KubernetesKind): KubernetesKind | undefined;
}

const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json';

/**
 * Asks for the groups and kinds of a server in two requests (aggregated discovery, Kubernetes 1.26 and later; older servers tell their
 * groups only). Undefined when discovery is refused: then each kind must be tried.
 */
export async function discoverKinds(connection: ApiConnection, signal: AbortSignal): Promise<Discovery | undefined> {
  const [core, groups] = await Promise.all(['/api', '/apis'].map((path) => connection.get(path, signal, AGGREGATED)));
  if (core?.status !== 200 || groups?.status !== 200) return undefined;
  const listable = [core, groups].flatMap((answer) => kindsIn(parse(answer.body)));
  if (listable.length > 0) return fromKinds(listable);
  const versions = versionsIn(parse(groups.body));
  return versions.size === 0 ? undefined : fromVersions(versions);
}

function fromKinds(listable: readonly KubernetesKind[]): Discovery {
  const find = (wanted: KubernetesKind) => {
    const served = listable.filter((kind) => kind.kind === wanted.kind && groupOf(kind) === groupOf(wanted));
    return served.find((kind) => kind.apiVersion === wanted.apiVersion) ?? served[0];
  };
  return { listable, find: (wanted) => find(wanted) };
}

function fromVersions(versions: ReadonlyMap<string, string>): Discovery {
  const find = (wanted: KubernetesKind) => {
    if (groupOf(wanted) === '' || versions.has(wanted.apiVersion)) return wanted;
    const preferred = versions.get(groupOf(wanted));
    return preferred === undefined ? undefined : { ...wanted, apiVersion: preferred };
  };
  return { listable: [], find };
}

/** Kinds of an APIGroupDiscoveryList, in the server's order of preference. */
function kindsIn(document: unknown): readonly KubernetesKind[] {
  if (!isRecord(document) || document.kind !== 'APIGroupDiscoveryList') return [];
  return entriesOf(document.items).flatMap((group) => {
    const name = isRecord(group) && isRecord(group.metadata) ? (textOf(group.metadata.name) ?? '') : '';
    const versions = isRecord(group) ? entriesOf(group.versions).filter(isRecord) : [];
    return versions.flatMap((version) => {
      const apiVersion = name === '' ? String(version.version) : `${name}/${String(version.version)}`;
      return entriesOf(version.resources)
        .filter(isRecord)
        .flatMap((resource) => toKind(resource, apiVersion));
    });
  });
}

function toKind(resource: Record<string, unknown>, apiVersion: string): readonly KubernetesKind[] {
  const kind = isRecord(resource.responseKind) ? textOf(resource.responseKind.kind) : undefined;
  const name = textOf(resource.resource);
  if (!kind || !name || !entriesOf(resource.verbs).includes('list')) return [];
  const known = KUBERNETES_KINDS.find((candidate) => candidate.kind === kind && candidate.apiVersion === apiVersion);
  return [
    { kind, apiVersion, resource: name, namespaced: resource.scope === 'Namespaced', ...(known?.optional ? { optional: true } : {}) },
  ];
}

/** Served group versions of an APIGroupList; the bare group leads to its preferred version. */
function versionsIn(document: unknown): ReadonlyMap<string, string> {
  const versions = new Map<string, string>();
  for (const group of isRecord(document) ? entriesOf(document.groups).filter(isRecord) : []) {
    const served = entriesOf(group.versions)
      .filter(isRecord)
      .flatMap((version) => textOf(version.groupVersion) ?? []);
    for (const version of served) versions.set(version, version);
    const preferred = isRecord(group.preferredVersion) ? textOf(group.preferredVersion.groupVersion) : undefined;
    const name = textOf(group.name);
    const first = preferred ?? served[0];
    if (name && first) versions.set(name, first);
  }
  return versions;
}

function groupOf({ apiVersion }: KubernetesKind): string {
  return apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
