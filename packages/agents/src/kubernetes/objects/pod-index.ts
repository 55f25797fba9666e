import { type CmdbReader, readField } from '@tier0/core';
import { indexed } from './indexed.ts';
import { type HeldObject, objectsOf } from './objects.ts';
import { listAt, mapAt, textAt } from './read-object.ts';
import { hasLabels, matchesSelector } from './selector-match.ts';
import { isPodReady } from './workload.ts';

/** A pod as the rules about what stands around pods see it. */
export interface IndexedPod extends HeldObject {
  readonly labels: Readonly<Record<string, string>>;
  readonly ready: boolean;
  /** Succeeded, Failed or being deleted: it serves nobody and waits for nothing. */
  readonly over: boolean;
  /** Name of the node it is bound to. */
  readonly node: string | undefined;
  /** Bound to the node's own network: policies do not apply to it. */
  readonly hostNetwork: boolean;
}

interface PodIndex {
  readonly all: readonly IndexedPod[];
  readonly byNamespace: ReadonlyMap<string, readonly IndexedPod[]>;
  readonly byNode: ReadonlyMap<string, readonly IndexedPod[]>;
  readonly byLabel: ReadonlyMap<string, readonly IndexedPod[]>;
  readonly byId: ReadonlyMap<string, IndexedPod>;
}

/** Pods of a snapshot by namespace, node and label. */
export const podIndex: (reader: CmdbReader) => PodIndex = indexed((reader) => {
  const all = objectsOf(reader, 'Pod').map(toIndexedPod);
  const byLabel = new Map<string, IndexedPod[]>();
  for (const pod of all) for (const key in pod.labels) append(byLabel, labelKey(pod.namespace, key, pod.labels[key] ?? ''), pod);
  return {
    all,
    byNamespace: Map.groupBy(all, (pod) => pod.namespace),
    byNode: Map.groupBy(all, (pod) => pod.node ?? ''),
    byLabel,
    byId: new Map(all.map((pod) => [pod.id, pod])),
  };
});

function append<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

function labelKey(namespace: string, key: string, value: string): string {
  return `${namespace}\n${key}\n${value}`;
}

function toIndexedPod(held: HeldObject): IndexedPod {
  const { object } = held;
  const phase = textAt(object, 'status', 'phase');
  const over = phase === 'Succeeded' || phase === 'Failed' || readField(object, ['metadata', 'deletionTimestamp']) !== undefined;
  return {
    ...held,
    labels: mapAt(object, 'metadata', 'labels'),
    ready: isPodReady(object),
    over,
    node: textAt(object, 'spec', 'nodeName'),
    hostNetwork: readField(object, ['spec', 'hostNetwork']) === true,
  };
}

/** Pods of a namespace that a plain map of labels selects; none for an empty map. */
export function podsWithLabels(reader: CmdbReader, namespace: string, wanted: Readonly<Record<string, string>>): readonly IndexedPod[] {
  const entries = Object.entries(wanted);
  if (entries.length === 0) return [];
  const known = selections(reader);
  const key = JSON.stringify([namespace, entries.sort()]);
  const held = known.get(key) ?? select(reader, namespace, wanted);
  known.set(key, held);
  return held;
}

/** Many Services and policies ask for the same pods: the answer is one list, and what is worked out of it can be kept beside it. */
const selections = indexed(() => new Map<string, readonly IndexedPod[]>());

/** Begins with the label that the fewest pods carry. */
function select(reader: CmdbReader, namespace: string, wanted: Readonly<Record<string, string>>): readonly IndexedPod[] {
  const lists = Object.entries(wanted).map(([name, value]) => podIndex(reader).byLabel.get(labelKey(namespace, name, value)) ?? []);
  const fewest = lists.reduce((best, list) => (list.length < best.length ? list : best));
  return fewest.filter((pod) => hasLabels(pod.labels, wanted));
}

/** Pods of a namespace that a LabelSelector selects; all for an empty selector. */
export function podsMatching(reader: CmdbReader, namespace: string, selector: unknown): readonly IndexedPod[] {
  const wanted = mapAt(selector, 'matchLabels');
  const base = Object.keys(wanted).length > 0 ? podsWithLabels(reader, namespace, wanted) : podIndex(reader).byNamespace.get(namespace);
  return (base ?? []).filter((pod) => matchesSelector(pod.labels, selector));
}

/** Ports that the containers of a pod specification declare; sidecars that start as init containers count. */
export function declaredPorts(podSpec: unknown): readonly { readonly name: string | undefined; readonly port: number }[] {
  const sidecars = listAt(podSpec, 'initContainers').filter((entry) => textAt(entry, 'restartPolicy') === 'Always');
  return [...listAt(podSpec, 'containers'), ...sidecars].flatMap((container) =>
    listAt(container, 'ports').flatMap((entry) => {
      const port = readField(entry, ['containerPort']);
      return typeof port === 'number' ? [{ name: textAt(entry, 'name'), port }] : [];
    }),
  );
}
