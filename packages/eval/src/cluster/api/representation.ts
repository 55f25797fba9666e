import type { ResourceKind } from '../kinds.ts';
import type { KubernetesObject } from '../kubernetes-object.ts';
import { createTable } from './table.ts';

/** In which form a client wants objects: whole, as a Table for people, or metadata only. */
export type Representation = 'object' | 'table' | 'metadata';

/** The first form in the Accept header that is known here. */
export function representationOf(accept: string | undefined): Representation {
  for (const option of (accept ?? '').split(',')) {
    if (/;\s*as=Table(;|$)/.test(option)) return 'table';
    if (/;\s*as=PartialObjectMetadata(List)?(;|$)/.test(option)) return 'metadata';
    if (option.trim().startsWith('application/json')) return 'object';
  }
  return 'object';
}

export interface RepresentationContext {
  readonly kind: ResourceKind;
  readonly now: number;
  readonly as: Representation;
  /** The CustomResourceDefinition of the kind: its printer columns shape the Table. */
  readonly definition?: KubernetesObject | undefined;
}

/** One object in the form that was asked for. */
export function represent(object: KubernetesObject, context: RepresentationContext): unknown {
  if (context.as === 'table')
    return createTable([object], { ...context, listMetadata: { resourceVersion: object.metadata.resourceVersion } });
  return context.as === 'metadata' ? toPartialMetadata(object) : object;
}

/** A list in the form that was asked for. */
export function representList(objects: readonly KubernetesObject[], listMetadata: object, context: RepresentationContext): unknown {
  if (context.as === 'table') return createTable(objects, { ...context, listMetadata });
  if (context.as === 'metadata') {
    return {
      kind: 'PartialObjectMetadataList',
      apiVersion: 'meta.k8s.io/v1',
      metadata: listMetadata,
      items: objects.map(toPartialMetadata),
    };
  }
  const { group, version, kind } = context.kind;
  return { kind: `${kind}List`, apiVersion: group === '' ? version : `${group}/${version}`, metadata: listMetadata, items: objects };
}

export function toPartialMetadata(object: KubernetesObject): unknown {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata };
}
