import type { CmdbReader } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import { quote } from '../../findings/quote.ts';
import type { Rule } from '../../findings/rule.ts';
import { patienceMs } from '../objects/patience.ts';
import { isUp, livePodsByWorkload, nameOf, nodeOf } from '../objects/pod-view.ts';
import { conditionOf, instantAt, numberAt, textAt } from '../objects/read-object.ts';
import { rolloutOf } from '../objects/workload.ts';
import { isLate } from './statefulset.ts';

/** DaemonSets that do not run where they should. */
export const daemonsetRule: Rule = {
  name: 'daemonset',
  check: (reader) => reader.items({ kind: 'DaemonSet' }).items.flatMap(({ id }) => [...gaps(reader, id), ...misplaced(reader, id)]),
};

function gaps(reader: CmdbReader, id: string): readonly FindingDraft[] {
  const object = reader.object(id);
  const wanted = numberAt(object, 'status', 'desiredNumberScheduled') ?? 0;
  const ready = numberAt(object, 'status', 'numberReady') ?? 0;
  if (rolloutOf(object, 'DaemonSet') === 'unknown' || ready >= wanted) return [];
  const pods = livePodsByWorkload(reader).get(id) ?? [];
  const late = pods.filter(isLate);
  const uncovered = nodesWithout(reader, new Set(pods.flatMap((pod) => nodeOf(pod) ?? [])));
  const scheduled = numberAt(object, 'status', 'currentNumberScheduled') ?? wanted;
  if (late.length === 0 && (scheduled >= wanted || uncovered.young >= wanted - ready)) return [];
  const missing = late.length > 0 ? late : pods.filter((pod) => !isUp(pod.object));
  const suspects = missing.flatMap((pod) => nodeOf(pod) ?? []).filter((node) => isUnready(reader, node));
  const evidence = [quote(reader, id, ['status'])];
  const message = `${nameOf(id)}: runs ready on ${ready} of ${wanted} nodes`;
  return [{ code: 'T0-DAEMONSET-001', subject: id, message, evidence, suspects }];
}

function isUnready(reader: CmdbReader, node: string): boolean {
  return textAt(conditionOf(reader.object(node), 'Ready'), 'status') !== 'True';
}

function nodesWithout(reader: CmdbReader, covered: ReadonlySet<string>): { readonly young: number } {
  const nowMs = Date.parse(reader.at);
  const open = reader.items({ kind: 'Node' }).items.filter(({ id }) => !covered.has(id));
  return {
    young: open.filter(({ id }) => nowMs - (instantAt(reader.object(id), 'metadata', 'creationTimestamp') ?? 0) < patienceMs('node-pods'))
      .length,
  };
}

function misplaced(reader: CmdbReader, id: string): readonly FindingDraft[] {
  const count = numberAt(reader.object(id), 'status', 'numberMisscheduled') ?? 0;
  if (count === 0) return [];
  const message = `${nameOf(id)}: runs on ${count} nodes that it is no longer meant for`;
  return [{ code: 'T0-DAEMONSET-002', subject: id, message, evidence: [quote(reader, id, ['status', 'numberMisscheduled'])] }];
}
