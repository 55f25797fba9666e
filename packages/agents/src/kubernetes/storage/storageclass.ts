import { type CmdbReader, readField } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import { quote } from '../../findings/quote.ts';
import type { Rule } from '../../findings/rule.ts';
import { siblingId } from '../objects/existence.ts';
import { type HeldObject, isYoungerThan, objectsOf } from '../objects/objects.ts';
import { mapAt, textAt } from '../objects/read-object.ts';
import { provisionerDown } from './provisioner.ts';

const DEFAULT_MARKS = ['storageclass.kubernetes.io/is-default-class', 'storageclass.beta.kubernetes.io/is-default-class'];

export function isDefaultClass(storageClass: HeldObject): boolean {
  const annotations = mapAt(storageClass.object, 'metadata', 'annotations');
  return DEFAULT_MARKS.some((mark) => annotations[mark] === 'true');
}

/** Storage classes that are ambiguous, or whose provisioner is down while a claim waits. */
export const storageClassRule: Rule = {
  name: 'storageclass',
  check: (reader) => [...severalDefaults(reader), ...waitedFor(reader)],
};

function severalDefaults(reader: CmdbReader): readonly FindingDraft[] {
  const defaults = objectsOf(reader, 'StorageClass').filter(isDefaultClass);
  const [first] = defaults;
  if (first === undefined || defaults.length < 2) return [];
  return [
    {
      code: 'T0-STORAGECLASS-001',
      subject: first.id,
      message: `${defaults.length} storage classes are marked as the default: ${defaults.map((held) => held.name).join(', ')}`,
      evidence: defaults.map((held) => quote(reader, held.id, ['metadata', 'annotations'])),
    },
  ];
}

const SETTLING_MS = 120_000;

function waitedFor(reader: CmdbReader): readonly FindingDraft[] {
  const waiting = objectsOf(reader, 'PersistentVolumeClaim').filter(
    (claim) => textAt(claim.object, 'status', 'phase') === 'Pending' && !isYoungerThan(reader, claim.object, SETTLING_MS),
  );
  const provisioners = waiting.flatMap((claim) => {
    const name = readField(claim.object, ['spec', 'storageClassName']);
    const held = typeof name === 'string' ? reader.object(siblingId(claim.id, 'StorageClass', name, '')) : undefined;
    const isWaiting = textAt(held, 'volumeBindingMode') === 'WaitForFirstConsumer';
    const isPlaced = mapAt(claim.object, 'metadata', 'annotations')['volume.kubernetes.io/selected-node'] !== undefined;
    return isWaiting && !isPlaced ? [] : (textAt(held, 'provisioner') ?? []);
  });
  return [...new Set(provisioners)].sort().flatMap((provisioner) => provisionerDown(reader, provisioner));
}
