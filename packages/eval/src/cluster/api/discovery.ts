import { apiVersionOf, type ResourceKind } from '../kinds.ts';
import { unknownPath } from './request-target.ts';

export interface Discovery {
  readonly kinds: readonly ResourceKind[];
  /** The Accept header: it chooses between legacy and aggregated discovery. */
  readonly accept: string | undefined;
}

export interface DiscoveryAnswer {
  readonly body: unknown;
  readonly contentType: string;
}

const READ_VERBS = ['get', 'list', 'watch'];
const WRITE_VERBS = ['create', 'delete', 'patch', 'update'];
const REVIEWS: readonly ResourceKind[] = ['SelfSubjectAccessReview', 'SelfSubjectRulesReview'].map((kind) => ({
  group: 'authorization.k8s.io',
  version: 'v1',
  kind,
  resource: `${kind.toLowerCase()}s`,
  singular: kind.toLowerCase(),
  namespaced: false,
  shortNames: [],
  categories: [],
  subresources: [],
  shelf: '',
  custom: false,
}));

/** Whether a path is a discovery document: `/api`, `/api/v1`, `/apis`, `/apis/G`, `/apis/G/V`. */
export function isDiscoveryPath(path: string): boolean {
  return /^\/(api(\/[^/]+)?|apis(\/[^/]+){0,2})\/?$/.test(path);
}

/** The discovery document at `path`. */
export function discover(path: string, discovery: Discovery): DiscoveryAnswer {
  const [root, ...rest] = path.split('/').filter((segment) => segment !== '');
  const kinds = [...discovery.kinds, ...REVIEWS].filter((kind) => (kind.group === '') === (root === 'api'));
  if (rest.length === 0)
    return isAggregated(discovery.accept) ? aggregated(kinds) : json(root === 'api' ? legacyVersions() : legacyGroups(kinds));
  if (root === 'apis' && rest.length === 1) return json(legacyGroup(rest[0]!, kinds));
  return json(resourceList(rest.join('/'), kinds));
}

function json(body: unknown): DiscoveryAnswer {
  return { body, contentType: 'application/json' };
}

const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

function isAggregated(accept: string | undefined): boolean {
  const wanted = new Set(AGGREGATED.split(';'));
  return (accept ?? '').split(',').some((option) => {
    const parts = new Set(option.split(';').map((part) => part.trim()));
    return [...wanted].every((part) => parts.has(part));
  });
}

function aggregated(kinds: readonly ResourceKind[]): DiscoveryAnswer {
  const items = groupNames(kinds).map((group) => ({
    metadata: { name: group, creationTimestamp: null },
    versions: versionsOf(group, kinds).map((version) => ({
      version,
      freshness: 'Current',
      resources: kinds.filter((kind) => kind.group === group && kind.version === version).map(aggregatedResource),
    })),
  }));
  return { body: { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', metadata: {}, items }, contentType: AGGREGATED };
}

function aggregatedResource(kind: ResourceKind): unknown {
  const responseKind = { group: kind.group, version: kind.version, kind: kind.kind };
  return {
    resource: kind.resource,
    responseKind,
    scope: kind.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: kind.singular,
    verbs: verbsOf(kind),
    ...(kind.shortNames.length > 0 && { shortNames: kind.shortNames }),
    ...(kind.categories.length > 0 && { categories: kind.categories }),
    ...(kind.subresources.length > 0 && {
      subresources: kind.subresources.map((subresource) => ({
        subresource,
        responseKind: subresourceKind(kind, subresource),
        verbs: subresourceVerbs(subresource),
      })),
    }),
  };
}

function verbsOf(kind: ResourceKind): readonly string[] {
  return kind.shelf === '' ? ['create'] : [...READ_VERBS, ...WRITE_VERBS];
}

function subresourceKind(kind: ResourceKind, subresource: string): { group: string; version: string; kind: string } {
  return subresource === 'scale'
    ? { group: 'autoscaling', version: 'v1', kind: 'Scale' }
    : { group: kind.group, version: kind.version, kind: kind.kind };
}

function subresourceVerbs(subresource: string): readonly string[] {
  return subresource === 'log' ? ['get'] : ['get', 'patch', 'update'];
}

function groupNames(kinds: readonly ResourceKind[]): readonly string[] {
  return [...new Set(kinds.map((kind) => kind.group))];
}

function versionsOf(group: string, kinds: readonly ResourceKind[]): readonly string[] {
  return [...new Set(kinds.filter((kind) => kind.group === group).map((kind) => kind.version))];
}

function legacyVersions(): unknown {
  return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] };
}

function legacyGroups(kinds: readonly ResourceKind[]): unknown {
  const groups = groupNames(kinds).map((group) => groupOf(group, kinds));
  return { kind: 'APIGroupList', apiVersion: 'v1', groups };
}

function groupOf(group: string, kinds: readonly ResourceKind[]) {
  const versions = versionsOf(group, kinds).map((version) => ({ groupVersion: `${group}/${version}`, version }));
  return { name: group, versions, preferredVersion: versions[0] };
}

function legacyGroup(group: string, kinds: readonly ResourceKind[]): unknown {
  if (!groupNames(kinds).includes(group)) throw unknownPath();
  return { kind: 'APIGroup', apiVersion: 'v1', ...groupOf(group, kinds) };
}

function resourceList(groupVersion: string, kinds: readonly ResourceKind[]): unknown {
  const listed = kinds.filter((kind) => apiVersionOf(kind) === groupVersion);
  if (listed.length === 0) throw unknownPath();
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources: listed.flatMap(legacyResources) };
}

function legacyResources(kind: ResourceKind): readonly unknown[] {
  const { kind: name, namespaced, resource, singular: singularName, shortNames, categories } = kind;
  const subresources = kind.subresources.map((subresource) => ({
    name: `${resource}/${subresource}`,
    singularName: '',
    namespaced,
    ...(subresource === 'scale' ? subresourceKind(kind, subresource) : { kind: name }),
    verbs: subresourceVerbs(subresource),
  }));
  return [{ name: resource, singularName, namespaced, kind: name, verbs: verbsOf(kind), shortNames, categories }, ...subresources];
}
