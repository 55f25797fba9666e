import { readField } from '@tier0/core';
import { indexed } from '../objects/indexed.ts';
import type { NodeLoad } from '../objects/node-fit.ts';
import { toleratesTaints } from '../objects/node-match.ts';
import { livePods, type PodView } from '../objects/pod-view.ts';
import { instantAt, listAt, textAt } from '../objects/read-object.ts';

/** Nodes that were tainted after pods had been placed there. */
export interface LateTaints {
  /** Item ids. */
  readonly nodes: readonly string[];
  /** `key=value:effect`, of the first node. */
  readonly taints: readonly string[];
}

/** Taints that Kubernetes and clouds set by themselves; what they tell of stands elsewhere. */
const BY_ITSELF = /(?:^|\.)(?:kubernetes\.io|k8s\.io|cloudprovider\.kubernetes\.io)\//;

/**
 * The taints by which nodes shut a pod out, where they came after pods that do not tolerate them either: who tainted the nodes is at fault, not the
 * template that was placed there before. Undefined where one of the nodes was always so, or nothing tells.
 */
export function lateTaints(pod: PodView, nodes: readonly NodeLoad[]): LateTaints | undefined {
  const late = nodes.map((node) => ({ node, taints: lateOn(pod, node) }));
  const [first] = late;
  if (first === undefined || late.some(({ taints }) => taints.length === 0)) return undefined;
  return { nodes: late.map(({ node }) => node.id).sort(), taints: first.taints };
}

function lateOn(pod: PodView, { name, object }: NodeLoad): readonly string[] {
  const shut = listAt(object, 'spec', 'taints').filter(
    (taint) =>
      !BY_ITSELF.test(textAt(taint, 'key') ?? '') && !toleratesTaints(readField(pod.object, ['spec']), { spec: { taints: [taint] } }),
  );
  const madeMs = instantAt(pod.reader.object(pod.workload), 'metadata', 'creationTimestamp') ?? Number.POSITIVE_INFINITY;
  const late = shut.filter((taint) => (instantAt(taint, 'timeAdded') ?? 0) > madeMs || isEndured(pod, name, taint));
  return late.length < shut.length ? [] : late.map(sayTaint);
}

/** Pods that were placed by the scheduler and run, by the name of their node. */
const placedByNode = indexed((reader) =>
  Map.groupBy(
    livePods(reader).filter(
      ({ object, workloadKind }) =>
        workloadKind !== 'DaemonSet' &&
        textAt(object, 'status', 'phase') === 'Running' &&
        readField(object, ['metadata', 'annotations', 'kubernetes.io/config.mirror']) === undefined,
    ),
    ({ object }) => textAt(object, 'spec', 'nodeName') ?? '',
  ),
);

/** A pod that does not tolerate the taint runs on the node: it was placed there before. */
function isEndured({ reader }: PodView, node: string, taint: unknown): boolean {
  const placed = placedByNode(reader).get(node) ?? [];
  return placed.some(({ object }) => !toleratesTaints(readField(object, ['spec']), { spec: { taints: [taint] } }));
}

function sayTaint(taint: unknown): string {
  const value = textAt(taint, 'value');
  return `${textAt(taint, 'key')}${value === undefined ? '' : `=${value}`}:${textAt(taint, 'effect')}`;
}
