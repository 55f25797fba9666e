import type { CmdbReader } from '@tier0/core';
import { indexed } from './indexed.ts';
import { isReadCompletely, objectsOf } from './objects.ts';
import { patienceMs } from './patience.ts';
import { podIndex } from './pod-index.ts';
import { listAt, textAt } from './read-object.ts';

/** Finalizers that parts of Kubernetes itself take away. */
const BUILT_IN = /^(?:[a-z0-9.-]*\.)?(?:kubernetes\.io|k8s\.io)(?:\/|$)|^(?:foregroundDeletion|orphan|kubernetes)$/;
/** Parts of a name that many controllers share. */
const COMMON = /^(?:finalizers?|controller|operator|manager|cluster|protection|resources?|cleanup|com|www|api|apis)$/;

/** Everything that a controller could be recognised by: names, namespaces, labels, images and commands of pods, and groups of custom kinds. */
const traces = indexed((reader): string => tracesOf(reader, []));

/** The same without the pods of some: a workload is not the controller of what holds its own pods because it is called alike. */
function tracesOf(reader: CmdbReader, without: readonly string[]): string {
  const pods = podIndex(reader).all.filter((pod) => !pod.over && !without.includes(pod.id));
  const texts = pods.flatMap(({ name, namespace, labels, object }) => {
    const containers = listAt(object, 'spec', 'containers');
    const said = containers.flatMap((entry) => [
      textAt(entry, 'image') ?? '',
      ...['command', 'args'].flatMap((field) => listAt(entry, field)),
    ]);
    return [name, namespace, ...Object.values(labels), ...said.map(String)];
  });
  const groups = objectsOf(reader, 'CustomResourceDefinition').map(({ object }) => textAt(object, 'spec', 'group') ?? '');
  const hooks = ['ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration'].flatMap((kind) =>
    objectsOf(reader, kind).flatMap(({ object }) => listAt(object, 'webhooks').map((hook) => textAt(hook, 'name') ?? '')),
  );
  const keepers = objectsOf(reader, 'ClusterRole').flatMap(({ object }) =>
    listAt(object, 'rules').flatMap((rule) => listAt(rule, 'apiGroups')),
  );
  return [...new Set([...texts, ...groups, ...hooks, ...keepers.map(String)])].join('\n').toLowerCase();
}

function wordsOf(label: string): readonly string[] {
  return label.split(/[_-]/).filter((word) => word.length > 2 && !COMMON.test(word));
}

/**
 * Whether anything in the cluster is called after a finalizer, a gate or a scheduler, and so may be on its way to act on it. `without` are
 * item ids of pods that do not count: those which it holds, and their siblings.
 */
export function hasController(reader: CmdbReader, finalizer: string, without: readonly string[] = []): boolean {
  if (BUILT_IN.test(finalizer)) return true;
  const known = without.length === 0 ? traces(reader) : tracesOf(reader, without);
  const [domain = '', name] = finalizer.toLowerCase().split('/');
  // The last part of a domain names nobody; where there is no domain, the finalizer is its own name.
  const labels = domain.includes('.') ? domain.split('.').slice(0, -1) : [name ?? domain];
  // `target-health.elbv2.k8s.aws`: the group of an API that somebody is allowed to use.
  const group = labels.length > 2 ? domain.slice(domain.indexOf('.') + 1) : undefined;
  if (group !== undefined && known.split('\n').includes(group)) return true;
  const words = labels.map(wordsOf).find((own) => own.length > 0) ?? [];
  return words.length === 0 || words.some((word) => known.includes(word));
}

/**
 * How long a deletion may take that finalizers hold, milliseconds: minutes while a controller may be cleaning up, seconds where nothing in
 * the cluster is called after a finalizer. `without` as for `hasController`.
 */
export function deletionPatienceMs(reader: CmdbReader, finalizers: readonly unknown[], without: readonly string[] = []): number {
  const isOrphaned = isReadCompletely(reader, 'Pod') && finalizers.some((name) => !hasController(reader, String(name), without));
  return patienceMs(isOrphaned ? 'delete-orphaned' : 'delete-object');
}
