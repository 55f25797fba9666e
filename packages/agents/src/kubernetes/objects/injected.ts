import { type CmdbReader, parseKubernetesItemId, readField } from '@tier0/core';
import { indexed } from './indexed.ts';
import { objectsOf } from './objects.ts';
import type { ContainerView } from './pod-view.ts';
import { listAt, mapAt, textAt } from './read-object.ts';
import { matchesSelector } from './selector-match.ts';
import { podSpecPath } from './workload.ts';

/**
 * Item id of the webhook configuration that put a container into its pod: the container is in no template, and one configuration alone asks
 * to change such pods. Undefined where the template has it, or where nobody or several may have put it there.
 */
export function injectorOf({ pod, name }: Pick<ContainerView, 'pod' | 'name'>): string | undefined {
  const { reader, workload } = pod;
  const template = readField(reader.object(workload), podSpecPath(parseKubernetesItemId(workload)?.kind ?? ''));
  if (template === undefined || workload === pod.id) return undefined;
  const own = ['containers', 'initContainers'].flatMap((list) => listAt(template, list)).map((entry) => textAt(entry, 'name'));
  if (own.includes(name)) return undefined;
  const { namespace = '' } = parseKubernetesItemId(pod.id) ?? {};
  const labels = mapAt(pod.object, 'metadata', 'labels');
  const [injector, ...others] = podWebhooks(reader)
    .filter(
      ({ webhook }) =>
        isMeant(webhook, 'objectSelector', labels) && isMeant(webhook, 'namespaceSelector', labelsOfNamespace(reader, namespace)),
    )
    .map(({ id }) => id);
  return others.some((other) => other !== injector) ? undefined : injector;
}

function isMeant(webhook: unknown, selector: string, labels: Readonly<Record<string, string>>): boolean {
  const wanted = readField(webhook, [selector]);
  return wanted === undefined || matchesSelector(labels, wanted);
}

function labelsOfNamespace(reader: CmdbReader, namespace: string): Readonly<Record<string, string>> {
  const held = objectsOf(reader, 'Namespace').find(({ name }) => name === namespace);
  // The API server puts its own name on every namespace.
  return { 'kubernetes.io/metadata.name': namespace, ...mapAt(held?.object, 'metadata', 'labels') };
}

/** Webhooks that are asked when a pod is made. */
const podWebhooks = indexed((reader) =>
  objectsOf(reader, 'MutatingWebhookConfiguration').flatMap(({ id, object }) =>
    listAt(object, 'webhooks')
      .filter((webhook) =>
        listAt(webhook, 'rules').some(
          (rule) =>
            listAt(rule, 'resources').some((resource) => resource === 'pods' || resource === '*' || resource === '*/*') &&
            listAt(rule, 'operations').some((operation) => operation === 'CREATE' || operation === '*'),
        ),
      )
      .map((webhook) => ({ id, webhook })),
  ),
);
