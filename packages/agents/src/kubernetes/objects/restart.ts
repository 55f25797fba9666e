import { type CmdbReader, type FieldPath, type ItemEdit, type JsonValue, parseKubernetesItemId, readField } from '@tier0/core';

/** Annotation on the pod template whose change makes the controller restart the pods. */
export const RESTART_ANNOTATION: FieldPath = ['spec', 'template', 'metadata', 'annotations', 'tier0.dev/restartedAt'];

/** Controllers that make their pods anew when their template changes. */
const REPLACING: ReadonlySet<string> = new Set(['DaemonSet', 'Deployment', 'StatefulSet']);

/** The edit that makes the pods of a workload anew; undefined for kinds whose pods are not replaced. `at` is ISO 8601, UTC. */
export function restartEdit(reader: CmdbReader, item: string, at: string): ItemEdit | undefined {
  if (!REPLACING.has(parseKubernetesItemId(item)?.kind ?? '') || reader.object(item) === undefined) return undefined;
  const current = readField(reader.object(item), RESTART_ANNOTATION) as JsonValue | undefined;
  return { item, fieldPath: RESTART_ANNOTATION, ...(current === undefined ? {} : { expectOld: current }), value: at };
}
