import type { Coverage } from '@tier0/core';
import { KUBERNETES_KINDS } from '../../kinds/kubernetes-kinds.ts';
import { type KubernetesObject, kindOf } from '../../kinds/kubernetes-object.ts';

/** A file of a recording, and what it gave. */
export interface SnapshotFile {
  /** Path inside the recording. */
  readonly file: string;
  readonly objects: readonly KubernetesObject[];
  /** Kinds of which it holds a whole List. */
  readonly lists?: readonly string[] | undefined;
  readonly failure?: string | undefined;
}

/** Every namespace has one of each, made by the control plane: where there is none, nobody recorded them. */
const IN_EVERY_NAMESPACE = ['ConfigMap', 'ServiceAccount'];

/** `oc adm inspect` writes each namespace it was asked for beside what stands in it: of the others nothing is known. */
const ONE_NAMESPACE = /(?:^|\/)namespaces\/([^/]+)\/\1\.yaml$/;

/**
 * What a recording can answer for. A kind that occurs was recorded, and so was one with a List of it or a file of its name
 * (`networkpolicies.json`), though it be empty; of the others nothing is known. Where a file is unreadable, any kind may lack something.
 */
export function snapshotCoverage(files: readonly SnapshotFile[], objects: readonly KubernetesObject[]): readonly Coverage[] {
  const failures = files.flatMap((file) => file.failure ?? []);
  const kinds = [...new Set([...objects.map(kindOf), ...files.flatMap(kindsTold)])].sort();
  if (failures.length > 0) {
    const reason = failures.join('; ');
    return [...kinds, '*'].map((kind) => ({ kind, state: 'failed', reason }));
  }
  const isPart = files.some(({ file }) => ONE_NAMESPACE.test(file)) && !files.some(({ lists }) => lists?.includes('Namespace'));
  return kinds.flatMap((kind): readonly Coverage[] => {
    const gaps = IN_EVERY_NAMESPACE.includes(kind) ? namespacesWithout(objects, kind) : [];
    if (kind === 'Namespace' && isPart) return [{ kind, state: 'failed', reason: 'only namespaces that were inspected were recorded' }];
    return [
      { kind, state: 'complete' },
      ...gaps.map((namespace): Coverage => ({ kind, namespace, state: 'failed', reason: `no ${kind} of ${namespace} was recorded` })),
    ];
  });
}

/** Lists of kinds that are not known as they are called by a group of their own are left to the objects. */
function kindsTold(part: SnapshotFile): readonly string[] {
  const listed = (part.lists ?? []).filter((one) => KUBERNETES_KINDS.some(({ kind }) => kind === one));
  return [...listed, ...kindOfName(part)];
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
