import { type CmdbReader, formatItemId, type ItemEdit, parseKubernetesItemId, readField } from '@tier0/core';
import { siblingId } from '../kubernetes/objects/existence.ts';
import { podViews } from '../kubernetes/objects/pod-view.ts';
import { instantAt, textAt } from '../kubernetes/objects/read-object.ts';
import { referencesOf } from '../kubernetes/objects/reference.ts';
import { podSpecPath } from '../kubernetes/objects/workload.ts';
import { writtenMs } from '../kubernetes/objects/written.ts';

/**
 * Why a former template would not start today as it did: a ConfigMap or Secret that it reads was written after the pods that still run from
 * it were started. They hold what they read then; a new one would read what is there now. Undefined where nothing speaks against it.
 */
export function whatChangedUnderneath(reader: CmdbReader, edits: readonly ItemEdit[]): string | undefined {
  const workloads = [...new Set(edits.map(({ item }) => item))];
  return workloads.map((item) => changedSince(reader, item)).find((reason) => reason !== undefined);
}

function changedSince(reader: CmdbReader, workload: string): string | undefined {
  const { kind = '' } = parseKubernetesItemId(workload) ?? {};
  const spec = readField(reader.object(workload), podSpecPath(kind));
  const ready = podViews(reader).filter((pod) => pod.workload === workload && isReady(pod.object));
  const startedMs = Math.max(...ready.map((pod) => instantAt(pod.object, 'status', 'startTime') ?? 0), 0);
  if (spec === undefined || startedMs === 0) return undefined;
  const sources = referencesOf(spec).filter((reference) => reference.kind === 'ConfigMap' || reference.kind === 'Secret');
  const changed = sources
    .map((reference) => siblingId(workload, reference.kind, reference.name))
    .find((item) => writtenMs(reader.object(item)) > startedMs);
  return changed === undefined
    ? undefined
    : `${formatItemId(changed)} was written after the pods that still run were started: a pod of the former template would read it too`;
}

function isReady(pod: unknown): boolean {
  return textAt(readField(pod, ['status', 'conditions', { key: 'type', value: 'Ready' }]), 'status') === 'True';
}
