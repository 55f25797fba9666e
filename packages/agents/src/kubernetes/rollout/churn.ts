import { type CmdbReader, parseKubernetesItemId } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import { quote } from '../../findings/quote.ts';
import type { Rule } from '../../findings/rule.ts';
import { eventsAbout, type ObjectEvent } from '../objects/events.ts';
import { ageMs, containersOf, livePodsByWorkload, nameOf, type PodView, restartsOf } from '../objects/pod-view.ts';
import { instantAt, numberAt } from '../objects/read-object.ts';
import { sayDuration } from '../objects/say.ts';

/** Pods that somebody deletes again and again: each is well for its short life, and its controller only says that it makes another one. */
export const churnRule: Rule = {
  name: 'churn',
  check: (reader) => [...livePodsByWorkload(reader)].flatMap(([workload, pods]) => churned(reader, workload, pods)),
};

/** Within this time pods of one template are made at most once for each replica, and once more for each that a person deletes. */
const WINDOW_MS = 300_000;
/** Rounds in which all of the replicas were made anew, at least, after they had been made the first time. */
const ROUNDS = 3;
/** Older than this no pod is that is deleted all the time. */
const OLDEST_MS = 120_000;
/** Whoever ends pods for a reason says so. */
const SAID = /^(?:Preempted|Evicted|TaintManagerEviction|NodeNotReady|NodeShutdown|DisruptionTarget|BackOff)$/;

function churned(reader: CmdbReader, workload: string, pods: readonly PodView[]): readonly FindingDraft[] {
  const replicas = numberAt(reader.object(workload), 'spec', 'replicas') ?? 1;
  if (
    pods.length === 0 ||
    replicas === 0 ||
    pods.some((pod) => (ageMs(pod) ?? OLDEST_MS) >= OLDEST_MS || containersOf(pod).some((view) => restartsOf(view) > 0))
  )
    return [];
  const makers = [...new Set(pods.flatMap(({ id }) => reader.relations(id, 'out', 'managedBy').map(({ to }) => to)))];
  const [maker, ...others] = makers;
  if (maker === undefined || others.length > 0) return [];
  const nowMs = Date.parse(reader.at);
  const events = eventsAbout(reader, maker).filter(({ lastMs }) => lastMs !== undefined && nowMs - lastMs <= WINDOW_MS);
  const made = countOf(events, 'SuccessfulCreate');
  const anew = made - replicas;
  if (anew < ROUNDS * replicas || countOf(events, 'SuccessfulDelete') > 0) return [];
  if (pods.some((pod) => eventsAbout(reader, pod.id).some(({ reason }) => SAID.test(reason)))) return [];
  const firstMs = Math.min(...events.flatMap(({ reason, firstMs: at }) => (reason === 'SuccessfulCreate' ? (at ?? []) : [])));
  const { kind } = parseKubernetesItemId(workload) ?? {};
  const facts = { kind: kind ?? '', name: nameOf(workload), made, within: sayDuration(nowMs - firstMs) };
  const evidence = [quote(reader, pods[0]?.id ?? '', ['metadata', 'creationTimestamp'])];
  return [
    {
      code: 'T0-REPLICASET-012',
      subject: workload,
      key: '',
      facts,
      sinceMs: instantAt(reader.object(maker), 'metadata', 'creationTimestamp'),
      evidence,
    },
  ];
}

function countOf(events: readonly ObjectEvent[], wanted: string): number {
  return events.reduce((sum, { reason, count }) => (reason === wanted ? sum + count : sum), 0);
}
