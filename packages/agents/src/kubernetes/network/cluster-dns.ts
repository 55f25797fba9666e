import type { CmdbReader } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import { quote } from '../../findings/quote.ts';
import { siblingId } from '../objects/existence.ts';
import { indexed } from '../objects/indexed.ts';
import { isReadCompletely, isYoungerThan } from '../objects/objects.ts';
import { podsWithLabels } from '../objects/pod-index.ts';
import { isSettling } from '../objects/pod-settling.ts';
import { nameOf, type PodView } from '../objects/pod-view.ts';
import { listAt, mapAt, textAt } from '../objects/read-object.ts';
import { type IndexedWorkload, workloadsIn } from '../objects/workload-index.ts';

/** The label by which every distribution finds its cluster DNS. */
const DNS_LABEL = { 'k8s-app': 'kube-dns' };
const SETTLING_MS = 60_000;

/** Whether a pod is one of the cluster DNS: by its label, or by the name of its workload where a chart labels it otherwise. */
export function isClusterDns({ object, workload }: PodView): boolean {
  return mapAt(object, 'metadata', 'labels')['k8s-app'] === DNS_LABEL['k8s-app'] || /(?:^|-)coredns/.test(nameOf(workload));
}

/** The cluster DNS without a ready pod. Why that is so is found at its workload; what it does to others, here. */
export function clusterDns(reader: CmdbReader): readonly FindingDraft[] {
  if (!isReadCompletely(reader, 'Pod')) return [];
  const workload = workloadsIn(reader, 'kube-system').find((candidate) => candidate.labels['k8s-app'] === DNS_LABEL['k8s-app']);
  if (!workload || isYoungerThan(reader, workload.object, SETTLING_MS)) return [];
  const pods = podsWithLabels(reader, 'kube-system', DNS_LABEL);
  if (pods.some((pod) => !pod.over && (pod.ready || isSettling(reader, pod)))) return [];
  return [
    {
      code: 'T0-SERVICE-011',
      subject: workload.id,
      facts: { workload: workload.name },
      evidence: [quote(reader, workload.id, ['status'])],
      suspects: configMapsOf(workload),
    },
  ];
}

/** The cluster DNS and its Service where no pod of it is ready; none while it works or was not read. */
export const deadDns: (reader: CmdbReader) => readonly string[] = indexed((reader) => {
  if (!isReadCompletely(reader, 'Pod')) return [];
  const workload = workloadsIn(reader, 'kube-system').find((candidate) => candidate.labels['k8s-app'] === DNS_LABEL['k8s-app']);
  const pods = podsWithLabels(reader, 'kube-system', DNS_LABEL).filter((pod) => !pod.over);
  if (workload === undefined || pods.some((pod) => pod.ready)) return [];
  const service = siblingId(workload.id, 'Service', 'kube-dns');
  return [workload.id, service, ...configMapsOf(workload)];
});

function configMapsOf(workload: IndexedWorkload): readonly string[] {
  const names = listAt(workload.podSpec, 'volumes').flatMap((volume) => textAt(volume, 'configMap', 'name') ?? []);
  return names.map((name) => siblingId(workload.id, 'ConfigMap', name));
}
