import { type CmdbReader, readField } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import { quote } from '../../findings/quote.ts';
import type { Rule } from '../../findings/rule.ts';
import { conditionPatience, isDefinite } from '../objects/condition-patience.ts';
import { siblingId } from '../objects/existence.ts';
import { kindsPresent } from '../objects/kinds-present.ts';
import { groupOf, type HeldObject, objectsOf } from '../objects/objects.ts';
import { hasStood } from '../objects/patience.ts';
import { conditionOf, instantAt, listAt, textAt } from '../objects/read-object.ts';

/** Claims, composites and managed resources: custom resources that say both Synced and Ready, as Crossplane's do. */
export const crossplaneRule: Rule = {
  name: 'crossplane',
  check: (reader) => customKinds(reader).flatMap((kind) => objectsOf(reader, kind).flatMap((held) => checkResource(reader, held))),
};

/** One object of a kind tells whether the kind is worth reading. */
function customKinds(reader: CmdbReader): readonly string[] {
  return kindsPresent(reader).filter((kind) => {
    const group = groupOf(objectsOf(reader, kind)[0]?.object) ?? '';
    return group.includes('.') && !/(?:^|\.)(?:k8s\.io|fluxcd\.io|argoproj\.io|cert-manager\.io|coreos\.com|istio\.io)$/.test(group);
  });
}

function checkResource(reader: CmdbReader, held: HeldObject): readonly FindingDraft[] {
  const synced = conditionOf(held.object, 'Synced');
  const ready = conditionOf(held.object, 'Ready');
  if (synced === undefined || ready === undefined) return [];
  const isReady = textAt(ready, 'status') === 'True';
  if (isReady && textAt(synced, 'status') !== 'False') return [];
  if (readField(held.object, ['metadata', 'deletionTimestamp']) !== undefined) return [];
  const isRefused = textAt(synced, 'status') === 'False' && textAt(synced, 'reason') !== 'ReconcilePaused';
  const parts = partsOf(held);
  // A claim that waits for its parts is synced: the part says why.
  const told = [textAt(ready, 'reason'), textAt(ready, 'message')].filter((part) => part !== undefined).join(': ');
  if (!isRefused && parts.length === 0 && !isDefinite(told)) return [];
  // What the provider says of the thing itself tells more than that it was refused.
  const condition = isRefused && !(isDefinite(told) && !isReady) ? synced : ready;
  const said = [textAt(condition, 'reason'), textAt(condition, 'message')].filter((part) => part !== undefined).join(': ');
  const kind = conditionPatience(reader, held.id, isDefinite(said));
  if (!hasStood(reader, held.id, { kind, toldMs: instantAt(condition, 'lastTransitionTime') })) return [];
  return [
    {
      code: 'T0-CROSSPLANE-001',
      subject: held.id,
      severity: isRefused || (parts.length === 0 && isDefinite(told)) ? 'fault' : 'degraded',
      facts: {
        kind: textAt(held.object, 'kind'),
        name: held.name,
        state: isReady ? 'ready, and not synced' : 'not ready',
        said: said || 'no reason given',
      },
      sinceMs: instantAt(condition, 'lastTransitionTime'),
      evidence: [quote(reader, held.id, ['status', 'conditions'])],
      suspects: parts,
    },
  ];
}

/** What a claim or a composite is made of. */
function partsOf(held: HeldObject): readonly string[] {
  const one = readField(held.object, ['spec', 'resourceRef']);
  const many = [...listAt(held.object, 'spec', 'resourceRefs'), ...listAt(held.object, 'spec', 'crossplane', 'resourceRefs')];
  return [one, ...many].flatMap((reference) => {
    const kind = textAt(reference, 'kind');
    const name = textAt(reference, 'name');
    return kind && name ? [siblingId(held.id, kind, name, textAt(reference, 'namespace') ?? '')] : [];
  });
}
