/** Fields of any Kubernetes kind: the author edits objects as the JSON they are. */
// biome-ignore lint/suspicious/noExplicitAny: a typed model of every kind would be larger than everything that uses it
export type Loose = any;

export interface Metadata {
  name: string;
  namespace?: string;
  uid?: string;
  creationTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: Loose[];
  [field: string]: Loose;
}

/** A Kubernetes object while it is being made. */
export interface Item {
  apiVersion: string;
  kind: string;
  metadata: Metadata;
  [field: string]: Loose;
}

export function copyOf<T>(value: T): T {
  return structuredClone(value);
}

/** Merges objects deeply; lists and scalars of `patch` replace those of `base`; `undefined` removes. */
export function merged(base: Loose, patch: Loose): Loose {
  if (!isRecord(base) || !isRecord(patch)) return patch;
  const result: Loose = { ...base };
  for (const [key, value] of Object.entries(patch)) {
    if (value === undefined) delete result[key];
    else result[key] = merged(base[key], value);
  }
  return result;
}

export function isRecord(value: unknown): value is Record<string, Loose> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether `labels` carry everything that `selector` asks for. An empty selector selects nothing here, as in a Service. */
export function selects(selector: Record<string, string> | undefined, labels: Record<string, string> | undefined): boolean {
  const wanted = Object.entries(selector ?? {});
  return wanted.length > 0 && wanted.every(([key, value]) => labels?.[key] === value);
}

export function ownedBy(owner: Item, controller = true): Loose {
  const { apiVersion, kind, metadata } = owner;
  return { apiVersion, blockOwnerDeletion: true, controller, kind, name: metadata.name, uid: metadata.uid };
}

/** `namespace/name` of the kind, as one key. */
export function keyOf(kind: string, namespace: string | undefined, name: string): string {
  return `${kind}|${namespace ?? ''}|${name}`;
}
