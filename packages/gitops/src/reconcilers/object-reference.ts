import { type CallContext, parseKubernetesItemId } from '@tier0/core';
import { builtInKind, type GroupKind, groupKindOf } from '../kubernetes/group-kind.ts';
import type { ManifestObject } from '../kubernetes/manifests.ts';

/** Names one object of the Kubernetes API. */
export interface ObjectReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string | undefined;
  readonly name: string;
}

/** Reads live objects. */
export interface ObjectReader {
  /** The live object; undefined when it does not exist. Throws where it cannot be known. */
  get(reference: ObjectReference, context: CallContext): Promise<object | undefined>;
}

/** Versions in which built-in groups are served everywhere; the others are served as `v1`. */
const VERSIONS: Readonly<Record<string, string>> = { autoscaling: 'v2' };

/** Where an item is found in the API: as its manifest says, else as its kind is usually served. Undefined for what is no Kubernetes item. */
export function referenceOf(item: string, declared: readonly ManifestObject[] = []): ObjectReference | undefined {
  const identity = parseKubernetesItemId(item);
  if (!identity) return undefined;
  const { kind, name, namespace } = identity;
  const builtIn = builtInKind(kind);
  const named = declared.filter(
    (object) => object.kind === kind && object.metadata.name === name && (object.metadata.namespace ?? namespace) === namespace,
  );
  // An item's id says no group: the built-in kind comes before another one of the same name.
  const manifest = named.find((object) => groupKindOf(object) === builtIn) ?? named[0];
  return { apiVersion: manifest?.apiVersion ?? usualVersion(builtIn), kind, namespace, name };
}

function usualVersion(kind: GroupKind | undefined): string {
  const [group = 'core'] = kind?.split('/') ?? [];
  return group === 'core' ? 'v1' : `${group}/${VERSIONS[group] ?? 'v1'}`;
}
