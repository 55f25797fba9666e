import type { KubernetesObject, SubjectRef } from '../scenario/scenario.ts';

interface Owner {
  readonly kind?: string;
  readonly name?: string;
  readonly controller?: boolean;
}

const MAX_STEPS = 6;

/**
 * The workload that owns what a tool named, so that blaming a pod, its replica set or its deployment counts the same, and so does a webhook inside of a
 * configuration. The rule is one for all tools; an object without an owner in the recording counts as itself.
 */
export function countedSubject(subject: SubjectRef, objects: readonly KubernetesObject[]): SubjectRef {
  let current = configurationOf(subject, objects);
  for (let step = 0; step < MAX_STEPS; step++) {
    const owner = ownerOf(current, objects);
    if (owner === undefined) return current;
    current = owner;
  }
  return current;
}

/** The configuration that holds a webhook of that name; no object bears it itself. */
function configurationOf(subject: SubjectRef, objects: readonly KubernetesObject[]): SubjectRef {
  if (!subject.kind.endsWith('WebhookConfiguration')) return subject;
  const holds = ({ webhooks }: KubernetesObject) =>
    ((webhooks ?? []) as readonly { readonly name?: string }[]).some(({ name }) => name === subject.name);
  const found = objects.find((object) => object.kind === subject.kind && holds(object));
  return found === undefined ? subject : { kind: found.kind, name: found.metadata.name };
}

function ownerOf(subject: SubjectRef, objects: readonly KubernetesObject[]): SubjectRef | undefined {
  const object = objects.find(
    ({ kind, metadata }) =>
      kind === subject.kind &&
      metadata.name === subject.name &&
      (subject.namespace === undefined || metadata.namespace === subject.namespace),
  );
  const owners = (object?.metadata.ownerReferences ?? []) as readonly Owner[];
  const owner = owners.find(({ controller }) => controller) ?? owners[0];
  if (!owner?.kind || !owner.name) return undefined;
  return { kind: owner.kind, namespace: object?.metadata.namespace, name: owner.name };
}
