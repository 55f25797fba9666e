import { type CmdbReader, type FieldPath, parseKubernetesItemId, readField } from '@tier0/core';
import { type LostPartner, lostPartner } from '../objects/lost-partner.ts';
import { listAt } from '../objects/read-object.ts';
import { podSpecPath } from '../objects/workload.ts';

/** A workload that a required pod affinity is meant for and does not find. */
export interface MissedPartner extends LostPartner {
  /** Of the affinity term, in the workload that asks. */
  readonly path: FieldPath;
}

/** Neighbours that the template of a workload insists on and whose label is another by now. */
export function missedPartners(reader: CmdbReader, workload: string): readonly MissedPartner[] {
  const { kind = '', namespace = '' } = parseKubernetesItemId(workload) ?? {};
  const path: FieldPath = [...podSpecPath(kind), 'affinity', 'podAffinity', 'requiredDuringSchedulingIgnoredDuringExecution'];
  return listAt(reader.object(workload), ...path.map(String)).flatMap((term, index) => {
    const named = listAt(term, 'namespaces').map(String);
    const selector = readField(term, ['labelSelector']);
    const spaces = named.length > 0 ? named : [namespace];
    return spaces.flatMap((space): readonly MissedPartner[] => {
      const partner = lostPartner(reader, { namespace: space, selector, asker: workload });
      return partner === undefined ? [] : [{ ...partner, path: [...path, index, 'labelSelector'] }];
    });
  });
}
