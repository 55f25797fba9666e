import { type FieldPath, type FieldPathSegment, readField } from '@tier0/core';
import { type FieldType, kubernetesType } from './kubernetes-schema.ts';
import { nearestName } from './near-name.ts';

/** What the schema of Kubernetes says of a field of an object. */
export type TypeAt =
  | { readonly status: 'known'; readonly type: FieldType }
  /** Fields stand there, none of this name. `depth` counts the segments that are known. */
  | { readonly status: 'unknown'; readonly depth: number; readonly nearest?: string | undefined }
  /** The kind is not built in, or the schema says nothing about this place. */
  | { readonly status: 'no-schema' };

/** The type of a field. `metadata` is the same in every kind that has an `apiVersion`. */
export function typeAt(object: unknown, path: FieldPath): TypeAt {
  const apiVersion = readField(object, ['apiVersion']);
  const kind = readField(object, ['kind']);
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') return { status: 'no-schema' };
  const own = kubernetesType(apiVersion, kind);
  const root = own ?? (path[0] === 'metadata' ? kubernetesType('v1', 'ConfigMap') : undefined);
  let type = root;
  for (const [depth, segment] of path.entries()) {
    const next = type && stepTo(type, segment);
    if (next === 'nowhere') return { status: 'unknown', depth, nearest: nearestField(type, segment) };
    type = next;
  }
  return type && type.is !== 'anything' ? { status: 'known', type } : { status: 'no-schema' };
}

function stepTo(type: FieldType, segment: FieldPathSegment): FieldType | 'nowhere' | undefined {
  if (type.is === 'anything') return undefined;
  if (type.is === 'list') return typeof segment === 'string' ? 'nowhere' : type.of;
  if (typeof segment !== 'string') return 'nowhere';
  if (type.is === 'map') return type.of;
  return type.is === 'object' ? (type.fields.get(segment)?.type ?? 'nowhere') : 'nowhere';
}

function nearestField(type: FieldType | undefined, segment: FieldPathSegment): string | undefined {
  return type?.is === 'object' && typeof segment === 'string' ? nearestName(segment, [...type.fields.keys()]) : undefined;
}
