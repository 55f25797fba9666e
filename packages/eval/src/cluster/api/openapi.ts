import { apiVersionOf, type ResourceKind } from '../kinds.ts';
import type { KubernetesObject } from '../kubernetes-object.ts';
import { schemaOf } from './observed-schema.ts';
import { unknownPath } from './request-target.ts';

/** What is served, and what of it there is. */
export interface OpenApiContext {
  readonly kinds: readonly ResourceKind[];
  readonly objectsOf: (kind: ResourceKind) => readonly KubernetesObject[];
}

/**
 * Just enough OpenAPI v3 for kubectl to leave validation to the server (`fieldValidation`), and for `kubectl explain` to show the fields
 * that the objects here have. No patch strategies are told: kubectl merges by the ones it has built in. The server checks no field names.
 */
export function openApiDocument(path: string, { kinds, objectsOf }: OpenApiContext): unknown {
  const groupVersions = [...new Set(kinds.map(apiVersionOf))];
  if (path === '/openapi/v3') {
    const paths = groupVersions.map((groupVersion) => [rootOf(groupVersion), { serverRelativeURL: `/openapi/v3/${rootOf(groupVersion)}` }]);
    return { paths: Object.fromEntries(paths) };
  }
  const groupVersion = groupVersions.find((known) => path === `/openapi/v3/${rootOf(known)}`);
  if (groupVersion === undefined) throw unknownPath();
  const served = kinds.filter((kind) => apiVersionOf(kind) === groupVersion);
  const schemas = served.map((kind) => [`${kind.group || 'core'}.${kind.version}.${kind.kind}`, namedSchema(kind, objectsOf(kind))]);
  return {
    openapi: '3.0.0',
    info: { title: 'Embedded cluster', version: 'v1' },
    paths: Object.fromEntries(served.map((kind) => [urlOf(kind), pathItem(kind)])),
    components: { schemas: Object.fromEntries(schemas) },
  };
}

function namedSchema(kind: ResourceKind, objects: readonly KubernetesObject[]): unknown {
  const description = `Fields seen in the ${objects.length} objects of this kind in the embedded cluster, which has no other schema.`;
  const identity = { apiVersion: apiVersionOf(kind), kind: kind.kind, metadata: { name: '' } };
  return { ...schemaOf([identity, ...objects]), description, 'x-kubernetes-group-version-kind': [gvkOf(kind)] };
}

function gvkOf({ group, version, kind }: ResourceKind): unknown {
  return { group, version, kind };
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
      'x-kubernetes-group-version-kind': gvkOf(kind),
    },
  };
}
