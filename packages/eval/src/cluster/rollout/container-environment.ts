import { parseQuantity } from '@tier0/core';
import { isJsonObject, type KubernetesObject, valueAt } from '../kubernetes-object.ts';
import type { ClusterStore } from '../store.ts';
import type { Container, EnvironmentVariable, KeyReference, Pod } from './workload-objects.ts';

/** The environment of a container, or why it cannot be put together (kubelet's words). */
export type ContainerEnvironment = { readonly env: Readonly<Record<string, string>> } | { readonly missing: string };

/** Raised while resolving; becomes `missing`. */
class MissingReference extends Error {}

/** Resolves literal values, ConfigMap and Secret keys, `envFrom`, fields of the pod and `$(NAME)` references. */
export function resolveEnvironment(pod: Pod, container: Container, store: ClusterStore): ContainerEnvironment {
  try {
    const resolved = new Map<string, string>([['HOSTNAME', pod.metadata.name]]);
    for (const [name, value] of fromSources(pod, container, store)) resolved.set(name, value);
    for (const variable of container.env ?? []) {
      const value = variableValue(variable, { pod, container, store });
      if (value !== undefined) resolved.set(variable.name, expand(value, resolved));
    }
    return { env: Object.fromEntries(resolved) };
  } catch (error) {
    if (error instanceof MissingReference) return { missing: error.message };
    throw error;
  }
}

function fromSources(pod: Pod, container: Container, store: ClusterStore): readonly (readonly [string, string])[] {
  return (container.envFrom ?? []).flatMap(({ prefix = '', configMapRef, secretRef }) => {
    const kind = configMapRef === undefined ? 'Secret' : 'ConfigMap';
    const reference = configMapRef ?? secretRef;
    if (reference === undefined) return [];
    const values = valuesOf(find(pod, { kind, name: reference.name, store }));
    if (values === undefined && !reference.optional) throw new MissingReference(`${kind.toLowerCase()} "${reference.name}" not found`);
    return Object.entries(values ?? {}).map(([key, value]) => [`${prefix}${key}`, value] as const);
  });
}

interface Origin {
  readonly pod: Pod;
  readonly container: Container;
  readonly store: ClusterStore;
}

function variableValue({ value, valueFrom }: EnvironmentVariable, origin: Origin): string | undefined {
  if (valueFrom?.configMapKeyRef) return keyOf('ConfigMap', valueFrom.configMapKeyRef, origin);
  if (valueFrom?.secretKeyRef) return keyOf('Secret', valueFrom.secretKeyRef, origin);
  if (valueFrom?.fieldRef) return fieldOf(origin.pod, valueFrom.fieldRef.fieldPath);
  if (valueFrom?.resourceFieldRef) return resourceOf(origin.container, valueFrom.resourceFieldRef.resource);
  return value ?? '';
}

function keyOf(kind: 'ConfigMap' | 'Secret', reference: KeyReference, { pod, store }: Origin): string | undefined {
  const values = valuesOf(find(pod, { kind, name: reference.name, store }));
  if (values !== undefined && Object.hasOwn(values, reference.key)) return values[reference.key];
  if (reference.optional) return undefined;
  if (values === undefined) throw new MissingReference(`${kind.toLowerCase()} "${reference.name}" not found`);
  throw new MissingReference(`couldn't find key ${reference.key} in ${kind} ${pod.metadata.namespace}/${reference.name}`);
}

function find(pod: Pod, { kind, name, store }: { readonly kind: string; readonly name: string; readonly store: ClusterStore }) {
  return store.get({ apiVersion: 'v1', kind, namespace: pod.metadata.namespace, name });
}

function valuesOf(object: KubernetesObject | undefined): Readonly<Record<string, string>> | undefined {
  if (object === undefined) return undefined;
  const data = Object.entries(isJsonObject(object.data) ? object.data : {}).map(([key, value]) => [key, String(value)] as const);
  if (object.kind !== 'Secret') return Object.fromEntries(data);
  const plain = Object.entries(isJsonObject(object.stringData) ? object.stringData : {}).map(
    ([key, value]) => [key, String(value)] as const,
  );
  return Object.fromEntries([...data.map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')] as const), ...plain]);
}

function fieldOf(pod: Pod, path: string): string {
  const mapped = /^metadata\.(labels|annotations)\['([^']*)'\]$/.exec(path);
  const steps = mapped === null ? path.split('.') : ['metadata', mapped[1]!, mapped[2]!];
  return String(valueAt(pod, steps) ?? '');
}

function resourceOf(container: Container, resource: string): string {
  const [kind, name] = resource.split('.') as [string, string | undefined];
  return String(parseQuantity(valueAt(container.resources, [kind, name ?? ''])) ?? 0);
}

function expand(value: string, resolved: ReadonlyMap<string, string>): string {
  return value.replace(/\$\$|\$\(([^()]+)\)/g, (text, name?: string) => (name === undefined ? '$' : (resolved.get(name) ?? text)));
}
