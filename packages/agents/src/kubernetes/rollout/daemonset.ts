import { type CmdbReader, parseKubernetesItemId } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import { quote } from '../../findings/quote.ts';
import type { Rule } from '../../findings/rule.ts';
import { closestName } from '../objects/close-name.ts';
import { isReadCompletely, objectsIn, objectsOf } from '../objects/objects.ts';
import { patienceMs } from '../objects/patience.ts';
import { isUp, livePodsByWorkload, nameOf, nodeOf } from '../objects/pod-view.ts';
import { conditionOf, instantAt, mapAt, numberAt, textAt } from '../objects/read-object.ts';
import { rolloutOf } from '../objects/workload.ts';
import { isLate } from './statefulset.ts';

/** DaemonSets that do not run where they should. */
export const daemonsetRule: Rule = {
  name: 'daemonset',
  check: (reader) =>
    reader.items({ kind: 'DaemonSet' }).items.flatMap(({ id }) => [...gaps(reader, id), ...misplaced(reader, id), ...nowhere(reader, id)]),
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

/** No node is chosen, and one has nearly the label that is asked for. A selector that no node comes near may wait for nodes to come. */
function nowhere(reader: CmdbReader, id: string): readonly FindingDraft[] {
  const object = reader.object(id);
  const wanted = mapAt(object, 'spec', 'template', 'spec', 'nodeSelector');
  if (numberAt(object, 'status', 'desiredNumberScheduled') !== 0 || !isReadCompletely(reader, 'Node')) return [];
  const slip = Object.entries(wanted).flatMap(([key, value]) => nearestLabel(reader, key, value) ?? [])[0];
  const missed = servicesOf(reader, id).filter((service) => reader.relations(service, 'in', 'dependsOn').length > 0);
  if (slip === undefined && missed.length > 0 && Object.keys(wanted).length > 0) return [missedEverywhere(reader, id, { wanted, missed })];
  if (slip === undefined) return [];
  const message = `${nameOf(id)}: runs on no node: it asks for ${slip.asked}, and no node has it; nodes have ${slip.there}`;
  const evidence = [
    quote(reader, id, ['spec', 'template', 'spec', 'nodeSelector']),
    quote(reader, id, ['status', 'desiredNumberScheduled']),
  ];
  return [{ code: 'T0-DAEMONSET-003', subject: id, key: slip.asked, message, evidence }];
}

/** Services whose selector its pods would match. */
function servicesOf(reader: CmdbReader, id: string): readonly string[] {
  const labels = mapAt(reader.object(id), 'spec', 'template', 'metadata', 'labels');
  const { namespace = '' } = parseKubernetesItemId(id) ?? {};
  return objectsIn(reader, 'Service', namespace)
    .filter(({ object }) => {
      const selector = Object.entries(mapAt(object, 'spec', 'selector'));
      return selector.length > 0 && selector.every(([key, value]) => labels[key] === value);
    })
    .map((service) => service.id);
}

/** Others are told to use its Service, and no node is chosen for a pod that could stand behind it. */
function missedEverywhere(
  reader: CmdbReader,
  id: string,
  { wanted, missed }: { readonly wanted: Readonly<Record<string, string>>; readonly missed: readonly string[] },
): FindingDraft {
  const asked = Object.entries(wanted)
    .map(([key, value]) => (value === '' ? key : `${key}=${value}`))
    .join(', ');
  const message = `${nameOf(id)}: runs on no node: no node has what its nodeSelector asks for (${asked}), and others need ${missed.map(nameOf).join(', ')}`;
  const evidence = [
    quote(reader, id, ['spec', 'template', 'spec', 'nodeSelector']),
    quote(reader, id, ['status', 'desiredNumberScheduled']),
  ];
  return { code: 'T0-DAEMONSET-003', subject: id, key: asked, message, evidence, seenOn: missed };
}

/** The label of a node that is the one asked for with a slip of the hand; undefined where a node has the label, or none comes near. */
function nearestLabel(reader: CmdbReader, key: string, value: string): { readonly asked: string; readonly there: string } | undefined {
  const labels = objectsOf(reader, 'Node').map((node) => mapAt(node.object, 'metadata', 'labels'));
  if (labels.some((own) => own[key] === value)) return undefined;
  const asked = `${key}=${value}`;
  const values = new Set(labels.flatMap((own) => own[key] ?? []));
  const near = closestName(value, values);
  if (near !== undefined) return { asked, there: `${key}=${near}` };
  const keys = new Set(labels.flatMap((own) => Object.keys(own).filter((name) => own[name] === value)));
  const nearKey = closestName(key, keys);
  return nearKey === undefined ? undefined : { asked, there: `${nearKey}=${value}` };
}

function misplaced(reader: CmdbReader, id: string): readonly FindingDraft[] {
  const count = numberAt(reader.object(id), 'status', 'numberMisscheduled') ?? 0;
  if (count === 0) return [];
  const message = `${nameOf(id)}: runs on ${count} nodes that it is no longer meant for`;
  return [{ code: 'T0-DAEMONSET-002', subject: id, message, evidence: [quote(reader, id, ['status', 'numberMisscheduled'])] }];
}
