import { type CmdbReader, readField } from '@tier0/core';
import { type NodeLoad, nodeLoads } from '../objects/node-fit.ts';
import { matchesNodeTerms } from '../objects/node-match.ts';
import { livePodsByWorkload, type PodView } from '../objects/pod-view.ts';
import { listAt, mapAt, textAt } from '../objects/read-object.ts';
import { someOf } from '../objects/say.ts';

/** A label that a pod insists on and that no node has as it asks. */
export interface UnmetLabel {
  readonly key: string;
  readonly operator: string;
  readonly values: readonly string[];
  /** Values of the key that nodes have, sorted. */
  readonly held: readonly string[];
}

const REQUIRED = ['affinity', 'nodeAffinity', 'requiredDuringSchedulingIgnoredDuringExecution', 'nodeSelectorTerms'];
/** Values named of one key at most. */
const NAMED = 4;

/** Labels that a pod specification insists on (node selector and required node affinity) and that no node has, each key once. */
export function unmetLabels(podSpec: unknown, nodes: readonly NodeLoad[]): readonly UnmetLabel[] {
  const selector = Object.entries(mapAt(podSpec, 'nodeSelector')).map(([key, value]) => ({ key, operator: 'In', values: [value] }));
  const affinity = listAt(podSpec, ...REQUIRED).flatMap((term) =>
    listAt(term, 'matchExpressions').map((entry) => ({
      key: textAt(entry, 'key') ?? '',
      operator: textAt(entry, 'operator') ?? '',
      values: listAt(entry, 'values').map(String),
    })),
  );
  const unmet = [...selector, ...affinity].filter(
    (label) => !nodes.some((node) => matchesNodeTerms(node.object, [{ matchExpressions: [label] }])),
  );
  const byKey = new Map(unmet.map((label) => [`${label.key} ${label.operator} ${label.values.join()}`, label]));
  return [...byKey.values()].map((label) => ({
    ...label,
    held: [...new Set(nodes.flatMap((node) => node.labels[label.key] ?? []))].sort(),
  }));
}

/** Pods that wait mostly ask alike: what was said of the same demand and the same nodes is said again. */
const saidOf = new WeakMap<readonly NodeLoad[], Map<string, string>>();

/** Which labels are asked for and what the nodes have, as part of a sentence; empty where each is met by some node. */
export function sayUnmetLabels(podSpec: unknown, nodes: readonly NodeLoad[]): string {
  const said = saidOf.get(nodes) ?? new Map<string, string>();
  saidOf.set(nodes, said);
  const demand = JSON.stringify([readField(podSpec, ['nodeSelector']) ?? null, readField(podSpec, REQUIRED) ?? null]);
  const text = said.get(demand) ?? sayUnmet(podSpec, nodes);
  said.set(demand, text);
  return text;
}

function sayUnmet(podSpec: unknown, nodes: readonly NodeLoad[]): string {
  return unmetLabels(podSpec, nodes)
    .map(({ key, operator, values, held }) => {
      const have = held.length === 0 ? 'no node has this label' : `nodes have ${someOf(held, NAMED)}`;
      return `it asks for ${key} ${sayAsked(operator, values)}, ${have}`;
    })
    .join('; ');
}

function sayAsked(operator: string, values: readonly string[]): string {
  if (operator === 'In') return values.join(' or ');
  return `${operator}${values.length === 0 ? '' : ` ${values.join(', ')}`}`;
}

/** A node that runs pods of the workload under the same demand, and no longer has the label that they were placed by. */
export interface Relabelled {
  readonly node: NodeLoad;
  readonly key: string;
  readonly value: string;
}

/** Nodes whose label was changed or taken away since pods of the workload were placed on them; one label each, by one value only. */
export function relabelledNodes(reader: CmdbReader, workload: string): readonly Relabelled[] {
  const nodes = nodeLoads(reader);
  const pods = (livePodsByWorkload(reader).get(workload) ?? []).filter(({ object }) => textAt(object, 'spec', 'nodeName') !== undefined);
  const found = pods.flatMap((pod) => lostBy(pod, nodes));
  return [...new Map(found.map((one) => [`${one.node.name} ${one.key}`, one])).values()];
}

function lostBy({ object }: PodView, nodes: readonly NodeLoad[]): readonly Relabelled[] {
  const node = nodes.find(({ name }) => name === textAt(object, 'spec', 'nodeName'));
  if (node === undefined) return [];
  return unmetLabels(readField(object, ['spec']), [node])
    .filter(({ operator, values }) => operator === 'In' && values.length === 1)
    .map(({ key, values }) => ({ node, key, value: values[0] ?? '' }));
}
