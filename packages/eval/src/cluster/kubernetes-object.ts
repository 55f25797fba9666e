import { Tier0Error } from '@tier0/core';

/** Points from a dependent to the object that made it. */
export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid?: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}

/** Which fields one writer last set, and when: the Kubernetes record of who changed what. */
export interface ManagedFieldsEntry {
  readonly manager?: string;
  readonly operation?: string;
  readonly apiVersion?: string;
  /** RFC 3339, UTC, whole seconds. */
  readonly time?: string;
  readonly fieldsType?: string;
  readonly fieldsV1?: Readonly<Record<string, unknown>>;
  readonly subresource?: string;
}

/** The metadata of a Kubernetes object, as far as this cluster reads it. */
export interface ObjectMetadata {
  readonly name: string;
  readonly namespace?: string;
  readonly generateName?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly OwnerReference[];
  readonly finalizers?: readonly string[];
  readonly managedFields?: readonly ManagedFieldsEntry[];
  readonly [field: string]: unknown;
}

/** Any object as it stands in YAML: the embedded cluster neither knows nor checks more of its shape. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMetadata;
  readonly [field: string]: unknown;
}

export type JsonObject = Readonly<Record<string, unknown>>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What stands at `path`, or undefined as soon as a step is missing. */
export function valueAt(value: unknown, path: readonly string[]): unknown {
  let current = value;
  for (const step of path) {
    if (!isJsonObject(current) || !Object.hasOwn(current, step)) return undefined;
    current = current[step];
  }
  return current;
}

/** A Kubernetes timestamp: RFC 3339 in UTC, whole seconds. */
export function toTimestamp(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** Objects with every `List` (and typed list such as `PodList`) opened up. */
export function flattenLists(objects: readonly KubernetesObject[]): readonly KubernetesObject[] {
  return objects.flatMap((object) => {
    if (!isJsonObject(object)) throw notAnObject(object);
    if (!object.kind?.endsWith('List') || !Array.isArray(object.items)) return [requireNamed(object)];
    const kind = object.kind.slice(0, -'List'.length);
    const items = object.items as readonly KubernetesObject[];
    return flattenLists(
      items.map((item) => (kind === '' ? item : { ...item, apiVersion: item.apiVersion ?? object.apiVersion, kind: item.kind ?? kind })),
    );
  });
}

function requireNamed(object: KubernetesObject): KubernetesObject {
  const named = typeof object.apiVersion === 'string' && typeof object.kind === 'string' && typeof object.metadata?.name === 'string';
  if (!named) throw notAnObject(object);
  return object;
}

function notAnObject(value: unknown): Tier0Error {
  return new Tier0Error({
    code: 'INVALID_INPUT',
    message: `Not a Kubernetes object: ${(JSON.stringify(value) ?? String(value)).slice(0, 120)}`,
    hint: 'Give every object apiVersion, kind and metadata.name.',
  });
}
