import { uidOf } from '../deterministic-id.ts';
import { type KubernetesObject, toTimestamp } from '../kubernetes-object.ts';
import type { ClusterStore } from '../store.ts';
import type { EventReport } from './simulation.ts';

/** Writes Events; the same report about the same object raises `count` instead of making another. */
export function createEventRecorder(store: ClusterStore, now: () => number): (about: KubernetesObject, report: EventReport) => void {
  const names = new Map<string, string>();
  return (about, report) => {
    const namespace = about.metadata.namespace ?? 'default';
    const key = JSON.stringify([about.metadata.uid, report.reason, report.message, report.component]);
    const name = names.get(key) ?? `${about.metadata.name}.${uidOf(key, names.size).replaceAll('-', '').slice(0, 16)}`;
    names.set(key, name);
    const known = store.get({ apiVersion: 'v1', kind: 'Event', namespace, name });
    const lastTimestamp = toTimestamp(now());
    if (known !== undefined) store.update({ ...known, count: Number(known.count ?? 1) + 1, lastTimestamp });
    else store.create(toEvent(about, report, { namespace, name, lastTimestamp }));
  };
}

function toEvent(
  about: KubernetesObject,
  report: EventReport,
  { namespace, name, lastTimestamp }: { readonly namespace: string; readonly name: string; readonly lastTimestamp: string },
): KubernetesObject {
  const { uid, resourceVersion } = about.metadata;
  const fieldPath = report.container === undefined ? {} : { fieldPath: `spec.containers{${report.container}}` };
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { namespace, name },
    involvedObject: {
      apiVersion: about.apiVersion,
      kind: about.kind,
      namespace,
      name: about.metadata.name,
      uid,
      resourceVersion,
      ...fieldPath,
    },
    type: report.type ?? 'Normal',
    reason: report.reason,
    message: report.message,
    source: { component: report.component },
    reportingComponent: report.component,
    firstTimestamp: lastTimestamp,
    lastTimestamp,
    count: 1,
  };
}
