import { qualifiedKind } from '@tier0/core/kubernetes';

/** A Kubernetes object as the API server sent it. Only identity is certain; everything else is read with care. */
export interface KubernetesObject {
  readonly apiVersion?: string;
  readonly kind: string;
  readonly metadata: KubernetesMetadata;
  readonly spec?: unknown;
  readonly status?: unknown;
  readonly data?: unknown;
}

export interface KubernetesMetadata {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly labels?: unknown;
  readonly annotations?: unknown;
  readonly ownerReferences?: unknown;
  readonly creationTimestamp?: string;
  readonly managedFields?: unknown;
}

/** The kind as item ids name it: with its group where another kind is at home in the name. */
export function kindOf({ apiVersion, kind }: Pick<KubernetesObject, 'apiVersion' | 'kind'>): string {
  return qualifiedKind(typeof apiVersion === 'string' ? apiVersion : undefined, kind);
}

/** Whether `value` has what an item id is made of: a kind and a name, and text where text belongs. */
export function isKubernetesObject(value: unknown): value is KubernetesObject {
  if (!isRecord(value) || typeof value.kind !== 'string' || value.kind === '' || !isRecord(value.metadata)) return false;
  const { name, namespace } = value.metadata;
  return typeof name === 'string' && name !== '' && (namespace === undefined || typeof namespace === 'string');
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `value` when it is a list, else no entries. */
export function entriesOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The text entries of a map such as labels; anything else in it is left out. */
export function textMap(value: unknown): Readonly<Record<string, string>> {
  if (!isRecord(value)) return {};
  let isText = true;
  for (const key in value) isText &&= typeof value[key] === 'string';
  if (isText) return value as Readonly<Record<string, string>>;
  return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
