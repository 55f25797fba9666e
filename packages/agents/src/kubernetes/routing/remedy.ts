import type { ItemEdit } from '@tier0/core';
import type { RemedyCase, RemedyDraft } from '../../findings/remedy-draft.ts';
import { closestName } from '../objects/close-name.ts';
import { siblingId } from '../objects/existence.ts';
import { objectsOf } from '../objects/objects.ts';
import { listAt, mapAt, textAt } from '../objects/read-object.ts';
import { editOf, editsOf, kindOf, nameOf, remedyOf } from '../objects/remedy-edits.ts';

/** Hands an Ingress to the closest class there is, else to the default one, else to the only one. */
export function useExistingIngressClass({ reader, rootCause }: RemedyCase): readonly RemedyDraft[] {
  const ingress = rootCause.subject;
  const classes = objectsOf(reader, 'IngressClass');
  const wanted = textAt(reader.object(ingress), 'spec', 'ingressClassName') ?? '';
  const near = closestName(
    wanted,
    classes.map(({ name }) => name),
  );
  const isDefault = (held: { readonly object: unknown }) =>
    mapAt(held.object, 'metadata', 'annotations')['ingressclass.kubernetes.io/is-default-class'] === 'true';
  const right = near ?? classes.find(isDefault)?.name ?? (classes.length === 1 ? classes[0]?.name : undefined);
  if (kindOf(ingress) !== 'Ingress' || right === undefined || classes.some(({ name }) => name === wanted)) return [];
  return remedyOf(editsOf(editOf(reader, ingress, ['spec', 'ingressClassName'], right)), {
    id: 'use-existing-ingress-class',
    title: `Hand Ingress ${nameOf(ingress)} to the class ${right}`,
    why: `There is no class ${wanted}, so no controller serves it.`,
    precondition: `The controller of ${right} is reached by the people this Ingress is for: an inner and an outer entrance are not the same.`,
    risk: 'medium',
    verify: 'The Ingress gets an address and answers.',
    rollback: `Set the class to ${wanted} again.`,
  });
}

/** Attaches a route to a listener that its gateway has. */
export function useExistingListener({ reader, rootCause }: RemedyCase): readonly RemedyDraft[] {
  const route = rootCause.subject;
  const edits = listAt(reader.object(route), 'spec', 'parentRefs').flatMap((parent, index): readonly ItemEdit[] => {
    const section = textAt(parent, 'sectionName');
    const gateway = reader.object(siblingId(route, 'Gateway', textAt(parent, 'name') ?? '', textAt(parent, 'namespace')));
    const names = listAt(gateway, 'spec', 'listeners').flatMap((listener) => textAt(listener, 'name') ?? []);
    if (section === undefined || names.length === 0 || names.includes(section)) return [];
    const right = closestName(section, names) ?? (names.length === 1 ? names[0] : undefined);
    const edit = editOf(reader, route, ['spec', 'parentRefs', index, 'sectionName'], right);
    return edit ? [edit] : [];
  });
  return remedyOf(edits, {
    id: 'use-existing-listener',
    title: `Attach ${kindOf(route)} ${nameOf(route)} to ${edits.map((edit) => (edit.value === undefined ? 'every listener of its gateway' : `the listener ${String(edit.value)}`)).join(', ')}`,
    why: 'Its gateway has no listener of the name it asks for.',
    precondition: 'The listener is for the host names of the route.',
    risk: 'medium',
    verify: 'The route is accepted by its gateway and answers.',
    rollback: 'Set sectionName as it was.',
  });
}
