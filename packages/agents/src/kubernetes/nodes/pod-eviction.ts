import { parseKubernetesItemId, readField } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import type { Rule } from '../../findings/rule.ts';
import { defaultedLimit, limitFinding } from '../objects/defaulted-limit.ts';
import {
  type ContainerView,
  isUp,
  livePodsByWorkload,
  nodeOf,
  type PodDraft,
  type PodView,
  podFinding,
  podViews,
} from '../objects/pod-view.ts';
import { instantAt, listAt, numberAt, textAt } from '../objects/read-object.ts';
import { tellingWords } from '../objects/telling-words.ts';

/** Pods that the kubelet threw out. What a healthy workload left behind is history. */
export const podEvictionRule: Rule = {
  name: 'pod-eviction',
  check: (reader) => podViews(reader).filter(isEvicted).flatMap(eviction),
};

/** An eviction longer ago than this is history, whatever came of it. */
const RECENT_MS = 3_600_000;
const OWN_LIMIT =
  /exceed(?:s|ed) (?:its local ephemeral storage limit|the (?:total )?limit)|ephemeral local storage usage exceeds|usage of emptydir volume/i;

function isEvicted({ object }: PodView): boolean {
  return textAt(object, 'status', 'reason') === 'Evicted';
}

function eviction(pod: PodView): readonly FindingDraft[] {
  const message = textAt(pod.object, 'status', 'message') ?? '';
  const atMs = evictedAt(pod.object);
  if (atMs !== undefined && Date.parse(pod.reader.at) - atMs > RECENT_MS) return [];
  const isOwnLimit = OWN_LIMIT.test(message);
  // A workload that is well again after the node's trouble is well; one that fills its own limit will do it again.
  if (isReplaced(pod) && (!isOwnLimit || evictedOf(pod) < 2)) return [];
  const paths = [
    ['status', 'reason'],
    ['status', 'message'],
  ];
  if (isOwnLimit) return [ownLimit(pod, message, { sinceMs: atMs, paths })];
  const suspects = [nodeOf(pod) ?? []].flat();
  return [
    podFinding(pod, {
      code: 'T0-POD-071',
      facts: { node: textAt(pod.object, 'spec', 'nodeName') ?? '', said: tellingWords(message) },
      sinceMs: atMs,
      suspects,
      paths,
    }),
  ];
}

/** An evicted pod often keeps no status of its containers: they are taken as they are declared. */
function declaredContainers(pod: PodView): readonly ContainerView[] {
  return listAt(pod.object, 'spec', 'containers').flatMap((spec): readonly ContainerView[] => {
    const name = textAt(spec, 'name');
    const path = { key: 'name', value: name ?? '' };
    const [specPath, statusPath] = [
      ['spec', 'containers', path],
      ['status', 'containerStatuses', path],
    ];
    return name === undefined ? [] : [{ pod, name, isInit: false, spec, specPath, status: undefined, statusPath }];
  });
}

/** The limit of the one container that the kubelet names, or that has one, is written in the template or given by a LimitRange. */
function ownLimit(pod: PodView, told: string, rest: Pick<PodDraft, 'sinceMs' | 'paths'>): FindingDraft {
  const named = /^Container (\S+) exceeded/.exec(told)?.[1];
  const views = declaredContainers(pod).filter(({ name }) => named === undefined || name === named);
  const given = views.map((view) => defaultedLimit(view, 'ephemeral-storage')).find((limit) => limit !== undefined);
  const message = `its pod was evicted: ${tellingWords(told)}${given === undefined ? '' : ` (a limit${given.told})`}`;
  const [view] = views;
  if (view === undefined || given?.changed === undefined) return podFinding(pod, { code: 'T0-POD-070', message, ...rest });
  return limitFinding(view, { code: 'T0-POD-070', rangeCode: 'T0-LIMITRANGE-004', message, ...rest, given });
}

/** The newest instant that the status holds; undefined when it holds none, as with older kubelets. */
function evictedAt(pod: unknown): number | undefined {
  const changed = listAt(pod, 'status', 'conditions').map((entry) => instantAt(entry, 'lastTransitionTime'));
  const ended = listAt(pod, 'status', 'containerStatuses').map((status) => instantAt(status, 'state', 'terminated', 'finishedAt'));
  const known = [...changed, ...ended].flatMap((atMs) => atMs ?? []);
  return known.length === 0 ? undefined : Math.max(...known);
}

function evictedOf(pod: PodView): number {
  return podViews(pod.reader).filter((other) => other.workload === pod.workload && isEvicted(other)).length;
}

function isReplaced(pod: PodView): boolean {
  if (pod.workload === pod.id) return false;
  const owner = pod.reader.object(pod.workload);
  if (owner === undefined) return true;
  const kind = parseKubernetesItemId(pod.workload)?.kind ?? '';
  if (kind === 'Job' || kind === 'CronJob') return true;
  const ready = (livePodsByWorkload(pod.reader).get(pod.workload) ?? []).filter(({ object }) => isUp(object)).length;
  const wanted = kind === 'DaemonSet' ? numberAt(owner, 'status', 'desiredNumberScheduled') : readField(owner, ['spec', 'replicas']);
  return ready >= (typeof wanted === 'number' ? wanted : 1);
}
