import { parseQuantity, readField } from '@tier0/core';
import { listAt, mapAt, textAt } from './read-object.ts';

/** Whether a node satisfies one of the terms of a node selector (terms are alternatives, their parts all must hold). */
export function matchesNodeTerms(node: unknown, terms: readonly unknown[]): boolean {
  return terms.some((term) => {
    const labels = mapAt(node, 'metadata', 'labels');
    const fields = { 'metadata.name': textAt(node, 'metadata', 'name') ?? '' };
    const expressions = listAt(term, 'matchExpressions');
    const byField = listAt(term, 'matchFields');
    if (expressions.length + byField.length === 0) return false;
    return expressions.every((expression) => holds(labels, expression)) && byField.every((expression) => holds(fields, expression));
  });
}

function holds(labels: Readonly<Record<string, string>>, expression: unknown): boolean {
  const value = labels[textAt(expression, 'key') ?? ''];
  const values = listAt(expression, 'values');
  switch (textAt(expression, 'operator')) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return Number(value) > Number(values[0]);
    case 'Lt':
      return Number(value) < Number(values[0]);
    default:
      return false;
  }
}

/** Whether the nodeSelector and the required node affinity of a pod specification let it run on a node. */
export function isNodeChosen(podSpec: unknown, node: unknown): boolean {
  const labels = mapAt(node, 'metadata', 'labels');
  const chosen = Object.entries(mapAt(podSpec, 'nodeSelector')).every(([key, value]) => labels[key] === value);
  const required = readField(podSpec, ['affinity', 'nodeAffinity', 'requiredDuringSchedulingIgnoredDuringExecution']);
  return chosen && (required === undefined || matchesNodeTerms(node, listAt(required, 'nodeSelectorTerms')));
}

/** The taint that the scheduler puts on a cordoned node. */
export const CORDON_TAINT = 'node.kubernetes.io/unschedulable';

/** Whether a pod specification tolerates every taint of a node that keeps pods away, the one of a cordon left out. */
export function toleratesTaints(podSpec: unknown, node: unknown): boolean {
  const tolerations = listAt(podSpec, 'tolerations');
  return listAt(node, 'spec', 'taints').every((taint) => {
    const effect = textAt(taint, 'effect');
    if (textAt(taint, 'key') === CORDON_TAINT || (effect !== 'NoSchedule' && effect !== 'NoExecute')) return true;
    return tolerations.some((toleration) => tolerates(toleration, taint));
  });
}

function tolerates(toleration: unknown, taint: unknown): boolean {
  const effect = textAt(toleration, 'effect');
  if (effect !== undefined && effect !== textAt(taint, 'effect')) return false;
  const key = textAt(toleration, 'key');
  if (textAt(toleration, 'operator') === 'Exists') return key === undefined || key === textAt(taint, 'key');
  return key === textAt(taint, 'key') && (textAt(toleration, 'value') ?? '') === (textAt(taint, 'value') ?? '');
}

/** CPU in cores and memory in bytes that a pod asks for: the sum of its containers, or the largest init container if that is more. */
export function requestsOf(podSpec: unknown): { readonly cpu: number; readonly memory: number } {
  const ask = (container: unknown, resource: string) => parseQuantity(readField(container, ['resources', 'requests', resource])) ?? 0;
  const total = (resource: string) => {
    const sum = listAt(podSpec, 'containers').reduce<number>((all, container) => all + ask(container, resource), 0);
    return Math.max(sum, ...listAt(podSpec, 'initContainers').map((container) => ask(container, resource)));
  };
  return { cpu: total('cpu'), memory: total('memory') };
}
