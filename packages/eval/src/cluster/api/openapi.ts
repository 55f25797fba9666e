import { apiVersionOf, type ResourceKind } from '../kinds.ts';
import { unknownPath } from './request-target.ts';

/**
 * Just enough OpenAPI v3 for kubectl to leave validation to the server (`fieldValidation`).
 * There are no schemas: `kubectl explain` has nothing to say, and the server checks no field names.
 */
export function openApiDocument(path: string, kinds: readonly ResourceKind[]): unknown {
  const groupVersions = [...new Set(kinds.map(apiVersionOf))];
  if (path === '/openapi/v3') {
    const paths = groupVersions.map((groupVersion) => [rootOf(groupVersion), { serverRelativeURL: `/openapi/v3/${rootOf(groupVersion)}` }]);
    return { paths: Object.fromEntries(paths) };
  }
  const groupVersion = groupVersions.find((known) => path === `/openapi/v3/${rootOf(known)}`);
  if (groupVersion === undefined) throw unknownPath();
  const paths = kinds.filter((kind) => apiVersionOf(kind) === groupVersion).map((kind) => [urlOf(kind), pathItem(kind)]);
  return { openapi: '3.0.0', info: { title: 'Embedded cluster', version: 'v1' }, paths: Object.fromEntries(paths) };
}

function rootOf(groupVersion: string): string {
  return groupVersion.includes('/') ? `apis/${groupVersion}` : `api/${groupVersion}`;
}

function urlOf(kind: ResourceKind): string {
  return `/${rootOf(apiVersionOf(kind))}/${kind.namespaced ? 'namespaces/{namespace}/' : ''}${kind.resource}/{name}`;
}

function pathItem(kind: ResourceKind): unknown {
  const parameters = ['dryRun', 'fieldManager', 'fieldValidation', 'force'].map((name) => ({
    name,
    in: 'query',
    schema: { type: 'string' },
  }));
  return {
    patch: {
      parameters,
      responses: { 200: { description: 'OK' } },
      'x-kubernetes-action': 'patch',
      'x-kubernetes-group-version-kind': { group: kind.group, version: kind.version, kind: kind.kind },
    },
  };
}
