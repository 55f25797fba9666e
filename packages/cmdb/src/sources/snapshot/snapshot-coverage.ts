import type { Coverage } from '@tier0/core';
import { KUBERNETES_KINDS } from '../../kinds/kubernetes-kinds.ts';
import { type KubernetesObject, kindOf } from '../../kinds/kubernetes-object.ts';

/** A file of a recording, and what it gave. */
export interface SnapshotFile {
  /** Path inside the recording. */
  readonly file: string;
  readonly objects: readonly KubernetesObject[];
  readonly failure?: string | undefined;
}

/** Every namespace has one of each, made by the control plane: where there is none, nobody recorded them. */
const IN_EVERY_NAMESPACE = ['ConfigMap', 'ServiceAccount'];

/**
 * What a recording can answer for. A kind that occurs was recorded, and so was one with a file of its name (`networkpolicies.json` with an
 * empty List); of the others nothing is known. Where a file is unreadable, any kind may lack something.
 */
export function snapshotCoverage(files: readonly SnapshotFile[], objects: readonly KubernetesObject[]): readonly Coverage[] {
  const failures = files.flatMap((file) => file.failure ?? []);
  const kinds = [...new Set([...objects.map(kindOf), ...files.flatMap(kindOfName)])].sort();
  if (failures.length > 0) {
    const reason = failures.join('; ');
    return [...kinds, '*'].map((kind) => ({ kind, state: 'failed', reason }));
  }
  return kinds.flatMap((kind): readonly Coverage[] => {
    const gaps = IN_EVERY_NAMESPACE.includes(kind) ? namespacesWithout(objects, kind) : [];
    return [
      { kind, state: 'complete' },
      ...gaps.map((namespace): Coverage => ({ kind, namespace, state: 'failed', reason: `no ${kind} of ${namespace} was recorded` })),
    ];
  });
}

function kindOfName({ file }: SnapshotFile): readonly string[] {
  const stem = (file.split('/').at(-1) ?? '').replace(/\.(ya?ml|json)$/i, '').toLowerCase();
  const known = KUBERNETES_KINDS.find(({ kind, resource }) => [resource, kind.toLowerCase()].includes(stem.split('.')[0] ?? ''));
  return known ? [known.kind] : [];
}

function namespacesWithout(objects: readonly KubernetesObject[], kind: string): readonly string[] {
  const having = new Set(objects.filter((object) => kindOf(object) === kind).map((object) => object.metadata.namespace));
  const all = new Set(objects.flatMap((object) => (object.kind === 'Pod' ? (object.metadata.namespace ?? []) : [])));
  return [...all].filter((namespace) => !having.has(namespace)).sort();
}
