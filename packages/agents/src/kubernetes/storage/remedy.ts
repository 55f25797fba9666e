import { type CmdbReader, parseQuantity, readField } from '@tier0/core';
import type { RemedyCase, RemedyDraft } from '../../findings/remedy-draft.ts';
import { siblingId } from '../objects/existence.ts';
import { objectsOf } from '../objects/objects.ts';
import { formatBytes } from '../objects/quantity.ts';
import { mapAt, textAt } from '../objects/read-object.ts';
import { editOf, editsOf, kindOf, nameOf, remedyOf } from '../objects/remedy-edits.ts';
import { workloadOf } from '../objects/workload.ts';

const IMMUTABLE =
  'The claim was never bound, so nothing is on it. Its class cannot be edited: it is made anew with the other class, and so is the template of a StatefulSet.';

/** Asks for the class that is the default of the cluster, where the one asked for does not exist. */
export function useDefaultStorageClass({ reader, rootCause }: RemedyCase): readonly RemedyDraft[] {
  const missing = rootCause.subject;
  const standard = objectsOf(reader, 'StorageClass').find(isDefaultClass);
  if (kindOf(missing) !== 'StorageClass' || standard === undefined || reader.get(missing).state === 'found') return [];
  const claims = objectsOf(reader, 'PersistentVolumeClaim').filter(
    ({ object }) => isUnbound(object) && classOf(object) === nameOf(missing),
  );
  return otherClass(
    reader,
    claims.map(({ id }) => id),
    { name: standard.name, why: `There is no class ${nameOf(missing)}; ${standard.name} is the default of the cluster.` },
  );
}

/** Asks for a class that gave volumes to other claims, where the one asked for cannot. */
export function useProvenStorageClass({ reader, rootCause }: RemedyCase): readonly RemedyDraft[] {
  const claim = rootCause.subject;
  const object = reader.object(claim);
  if (kindOf(claim) !== 'PersistentVolumeClaim' || !isUnbound(object)) return [];
  const own = classOf(object);
  const provisioner = (name: string | undefined) => textAt(reader.object(siblingId(claim, 'StorageClass', name ?? '', '')), 'provisioner');
  const bound = objectsOf(reader, 'PersistentVolumeClaim').filter((held) => textAt(held.object, 'status', 'phase') === 'Bound');
  const others = objectsOf(reader, 'StorageClass').filter(({ name }) => name !== own && provisioner(name) !== undefined);
  const proofs = (name: string) => bound.filter((held) => classOf(held.object) === name).length;
  const like = (name: string) => Number(provisioner(name) === provisioner(own));
  const best = others
    .filter(({ name }) => proofs(name) > 0 || like(name) > 0)
    .sort((a, b) => proofs(b.name) - proofs(a.name) || like(b.name) - like(a.name) || (a.name < b.name ? -1 : 1))[0];
  if (best === undefined) return [];
  const why = `${own ?? 'Its class'} gives no volume; ${proofs(best.name) > 0 ? `${proofs(best.name)} claims have one of class ${best.name}` : `class ${best.name} is of the same provisioner`}.`;
  return otherClass(reader, [claim], { name: best.name, why });
}

function otherClass(
  reader: CmdbReader,
  claims: readonly string[],
  { name, why }: { readonly name: string; readonly why: string },
): readonly RemedyDraft[] {
  return remedyOf(
    claims.flatMap((claim) => editOf(reader, claim, ['spec', 'storageClassName'], name) ?? []),
    {
      id: 'use-other-storage-class',
      title: `Let ${claims.map(nameOf).join(', ')} ask for class ${name}`,
      why,
      precondition: IMMUTABLE,
      risk: 'medium',
      verify: 'The claim is bound and the pods that wait for it start.',
      rollback: 'Make the claim with its former class again, as long as it is empty.',
      assumption: `class ${name} has room for the volume`,
    },
  );
}

function isDefaultClass({ object }: { readonly object: unknown }): boolean {
  return mapAt(object, 'metadata', 'annotations')['storageclass.kubernetes.io/is-default-class'] === 'true';
}

function isUnbound(claim: unknown): boolean {
  return textAt(claim, 'status', 'phase') !== 'Bound' && textAt(claim, 'spec', 'volumeName') === undefined;
}

function classOf(claim: unknown): string | undefined {
  return textAt(claim, 'spec', 'storageClassName');
}

/** Enlarges a full volume by half, where its class can. A volume never shrinks again. */
export function enlargeClaim({ reader, rootCause }: RemedyCase): readonly RemedyDraft[] {
  const claim = rootCause.subject;
  const object = reader.object(claim);
  const size = readField(object, ['spec', 'resources', 'requests', 'storage']);
  const bytes = parseQuantity(size);
  const storageClass = reader.object(siblingId(claim, 'StorageClass', classOf(object) ?? '', ''));
  if (kindOf(claim) !== 'PersistentVolumeClaim' || bytes === undefined || readField(storageClass, ['allowVolumeExpansion']) !== true)
    return [];
  const unit = 2 ** 30;
  const larger = formatBytes(Math.ceil((bytes * 1.5) / unit) * unit, String(size));
  return remedyOf(editsOf(editOf(reader, claim, ['spec', 'resources', 'requests', 'storage'], larger)), {
    id: 'enlarge-claim',
    title: `Enlarge ${nameOf(claim)} from ${String(size)} to ${larger}`,
    why: 'It is full, and its class can enlarge volumes.',
    precondition:
      'The quota and the budget have room. What fills it is meant to be kept; the template of a StatefulSet keeps the old size.',
    risk: 'medium',
    verify: 'The claim reports the new capacity and the program writes again.',
    rollback: 'None: a volume cannot be made smaller.',
    assumption: 'the storage enlarges the volume as its class says',
  });
}

/** Ends the old pod before the new one starts, where both need a volume that one node holds at a time. */
export function recreatePods({ reader, rootCause }: RemedyCase): readonly RemedyDraft[] {
  const users = reader.relations(rootCause.subject, 'in').map(({ from }) => workloadOf(reader, from));
  const deployment = [...new Set(users)]
    .sort()
    .find((id) => kindOf(id) === 'Deployment' && Number(readField(reader.object(id), ['spec', 'replicas']) ?? 1) === 1);
  if (deployment === undefined || textAt(reader.object(deployment), 'spec', 'strategy', 'type') === 'Recreate') return [];
  const edits = [
    editOf(reader, deployment, ['spec', 'strategy', 'type'], 'Recreate'),
    editOf(reader, deployment, ['spec', 'strategy', 'rollingUpdate'], undefined),
  ];
  return remedyOf(
    edits.flatMap((edit) => edit ?? []),
    {
      id: 'recreate-pods',
      title: `Let ${nameOf(deployment)} end its old pod before it starts the new one`,
      why: `${nameOf(rootCause.subject)} can be used on one node at a time; a rolling update starts the new pod while the old one holds it.`,
      precondition: 'A short interruption at each rollout is acceptable.',
      risk: 'medium',
      verify: 'The new pod gets the volume and becomes ready.',
      rollback: 'Set the strategy as it was.',
      assumption: 'the old pod lets go of the volume once it has ended',
    },
  );
}
