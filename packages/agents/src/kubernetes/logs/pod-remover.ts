import { parseKubernetesItemId } from '@tier0/core';
import { nameOf, type PodView } from '../objects/pod-view.ts';
import { REMOVES_PODS, saidBy } from './facts.ts';
import type { Words } from './last-words.ts';
import type { LogEntry } from './read-log.ts';

const REMOVES = /\b(?:delet|reap|evict|kill|terminat|prun|remov|clean|recycl|purg|expir)\w*\b/i;
/** Said so often it is no single pod. */
const REPEATED = 3;

interface Removing {
  readonly pod: PodView;
  readonly entries: readonly LogEntry[];
  /** Workloads whose pods never grow old. */
  readonly churned: ReadonlySet<string>;
}

/** A program that says, whatever it thinks of it, that it removes pods of a workload whose pods never grow old. */
export function removesPods({ pod, entries, churned }: Removing): Words | undefined {
  const removing = entries.filter(({ message }) => REMOVES.test(message));
  for (const workload of churned) {
    const { namespace } = parseKubernetesItemId(workload) ?? {};
    const named = new RegExp(`(?<![\\w-])${nameOf(workload)}-[a-z0-9]+(?:-[a-z0-9]+)?(?![\\w-])`);
    const told = removing.filter(({ message }) => named.test(message));
    const entry = told.at(-1);
    if (entry === undefined || told.length < REPEATED || workload === pod.workload) continue;
    const isNear = namespace === parseKubernetesItemId(pod.id)?.namespace;
    const said = saidBy(REMOVES_PODS, { workload: nameOf(workload), ...(isNear ? {} : { elsewhere: namespace }) });
    return { draft: { code: 'T0-LOG-077', key: workload, ...said, seenOn: [workload] }, entry, count: told.length };
  }
  return undefined;
}
