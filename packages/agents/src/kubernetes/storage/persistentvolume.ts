import { type CmdbReader, readField } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import { quote } from '../../findings/quote.ts';
import type { Rule } from '../../findings/rule.ts';
import { siblingId } from '../objects/existence.ts';
import { isNodeChosen, matchesNodeTerms } from '../objects/node-match.ts';
import { type HeldObject, isReadCompletely, objectsOf } from '../objects/objects.ts';
import { listAt, textAt } from '../objects/read-object.ts';
import { podsUsing } from './persistentvolumeclaim.ts';

/** Volumes that no pod can reach, or that were left over. */
export const persistentVolumeRule: Rule = {
  name: 'persistentvolume',
  check: (reader) =>
    objectsOf(reader, 'PersistentVolume', '').flatMap((volume) => [...unreachable(reader, volume), ...leftOver(reader, volume)]),
};

/** The pod that needs the volume is not placed, and no node is both the volume's and the pod's. */
function unreachable(reader: CmdbReader, volume: HeldObject): readonly FindingDraft[] {
  const terms = listAt(volume.object, 'spec', 'nodeAffinity', 'required', 'nodeSelectorTerms');
  const name = textAt(volume.object, 'spec', 'claimRef', 'name');
  if (terms.length === 0 || name === undefined || !isReadCompletely(reader, 'Node')) return [];
  const namespace = textAt(volume.object, 'spec', 'claimRef', 'namespace') ?? '';
  const claim: HeldObject = { id: siblingId(volume.id, 'PersistentVolumeClaim', name, namespace), name, namespace, object: undefined };
  const waiting = podsUsing(reader, claim).filter((pod) => pod.node === undefined);
  const own = objectsOf(reader, 'Node').filter((node) => matchesNodeTerms(node.object, terms));
  const stuck = waiting.find((pod) => !own.some((node) => isNodeChosen(readField(pod.object, ['spec']), node.object)));
  if (stuck === undefined) return [];
  const asked = [...JSON.stringify(terms ?? '').matchAll(/"values":\[([^\]]*)\]/g)]
    .map(([, values = '']) => values.replaceAll('"', ''))
    .join(', ');
  const nodes =
    own.map((node) => node.name).join(', ') || (asked === '' ? 'no node of this cluster' : `${asked}, which no node of this cluster is,`);
  return [
    {
      code: 'T0-PERSISTENTVOLUME-001',
      subject: volume.id,
      facts: { volume: volume.name, nodes, pod: stuck.name },
      evidence: [quote(reader, volume.id, ['spec', 'nodeAffinity']), quote(reader, stuck.id, ['status', 'conditions'])],
    },
  ];
}

function leftOver(reader: CmdbReader, volume: HeldObject): readonly FindingDraft[] {
  const phase = textAt(volume.object, 'status', 'phase');
  if (phase !== 'Failed' && phase !== 'Released') return [];
  const code = phase === 'Failed' ? 'T0-PERSISTENTVOLUME-002' : 'T0-PERSISTENTVOLUME-003';
  const message = `volume ${volume.name} is ${phase}${phase === 'Failed' ? `: ${textAt(volume.object, 'status', 'message') ?? 'no message'}` : ''}`;
  return [{ code, subject: volume.id, message, evidence: [quote(reader, volume.id, ['status'])] }];
}
