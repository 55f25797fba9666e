import type { CmdbReader, Finding } from '@tier0/core';
import { listAt, textAt } from '../workload/read-object.ts';
import { siblingId } from './existence.ts';
import { isReadCompletely, isYoungerThan } from './objects.ts';
import { podsWithLabels } from './pod-index.ts';
import { isSettling } from './pod-settling.ts';
import { quote, toFinding } from './rule.ts';
import { type IndexedWorkload, workloadsIn } from './workload-index.ts';

/** The label by which every distribution finds its cluster DNS. */
const DNS_LABEL = { 'k8s-app': 'kube-dns' };
const SETTLING_MS = 60_000;

/** The cluster DNS without a ready pod. Why that is so is found at its workload; what it does to others, here. */
export function clusterDns(reader: CmdbReader): readonly Finding[] {
  if (!isReadCompletely(reader, 'Pod')) return [];
  const workload = workloadsIn(reader, 'kube-system').find((candidate) => candidate.labels['k8s-app'] === DNS_LABEL['k8s-app']);
  if (!workload || isYoungerThan(reader, workload.object, SETTLING_MS)) return [];
  const pods = podsWithLabels(reader, 'kube-system', DNS_LABEL);
  if (pods.some((pod) => !pod.over && (pod.ready || isSettling(reader, pod)))) return [];
  return [
    toFinding({
      code: 'T0-SERVICE-011',
      subject: workload.id,
      message: `the cluster DNS ${workload.name} has no ready pod: names cannot be resolved`,
      evidence: [quote(reader, workload.id, ['status'])],
      suspects: configMapsOf(workload),
    }),
  ];
}

function configMapsOf(workload: IndexedWorkload): readonly string[] {
  const names = listAt(workload.podSpec, 'volumes').flatMap((volume) => textAt(volume, 'configMap', 'name') ?? []);
  return names.map((name) => siblingId(workload.id, 'ConfigMap', name));
}
