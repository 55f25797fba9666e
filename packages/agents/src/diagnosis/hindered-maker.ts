import { type CmdbReader, type Finding, parseKubernetesItemId } from '@tier0/core';
import { siblingId } from '../kubernetes/objects/existence.ts';
import { type HeldObject, objectsOf } from '../kubernetes/objects/objects.ts';
import { conditionOf, listAt, textAt } from '../kubernetes/objects/read-object.ts';
import { referredTo } from '../kubernetes/objects/referred.ts';

/** An object that somebody needs and that is not there. */
const MISSING: ReadonlySet<string> = new Set([
  'T0-POD-006',
  'T0-POD-008',
  'T0-POD-060',
  'T0-POD-061',
  'T0-CONDITION-006',
  'T0-CONDITION-007',
]);
/** Verbs by which objects come to be. */
const MAKES: ReadonlySet<unknown> = new Set(['create', 'update', 'patch']);
const DELIVERIES = ['Application', 'HelmRelease', 'Kustomization'] as const;

/**
 * Findings of missing objects with a suspect more: whoever says that it may not make objects of that kind there, and the delivery into that namespace
 * which does not come through.
 */
export function withHinderedMakers(findings: readonly Finding[], reader: CmdbReader): readonly Finding[] {
  const faults = findings.filter(({ severity }) => severity === 'fault');
  const refused = faults.filter(({ facts }) => MAKES.has(facts?.verb));
  const deliveries = DELIVERIES.flatMap((kind) => objectsOf(reader, kind)).filter(({ object }) => isHeldUp(object));
  if (refused.length + deliveries.length === 0) return findings;
  return findings.map((finding) => {
    if (!MISSING.has(finding.code)) return finding;
    const { kind = '', namespace } = parseKubernetesItemId(finding.subject) ?? {};
    const hindered = refused.filter(
      ({ facts }) => facts?.resource === `${kind.toLowerCase()}s` && (facts.namespace ?? namespace) === namespace,
    );
    const late = deliveries
      .filter((delivery) => targetNamespace(delivery) === namespace)
      .flatMap((delivery) => comesFrom(reader, delivery));
    const suspects = [...(finding.suspects ?? []), ...hindered.map(({ subject }) => subject), ...late];
    return suspects.length === (finding.suspects ?? []).length ? finding : { ...finding, suspects: [...new Set(suspects)].sort() };
  });
}

function isHeldUp(object: unknown): boolean {
  const health = textAt(object, 'status', 'sync', 'status');
  return textAt(conditionOf(object, 'Ready'), 'status') === 'False' || (health !== undefined && health !== 'Synced');
}

/** Where a delivery puts its objects, unless they say otherwise themselves. */
function targetNamespace({ object, namespace }: HeldObject): string {
  return textAt(object, 'spec', 'destination', 'namespace') ?? textAt(object, 'spec', 'targetNamespace') ?? namespace;
}

/** Deliveries that wait for deliveries, followed at most. */
const STEPS = 3;

/** A delivery, the source that it is of, and what it waits for in turn. */
function comesFrom(reader: CmdbReader, delivery: HeldObject, left = STEPS): readonly string[] {
  const { kind = '' } = parseKubernetesItemId(delivery.id) ?? {};
  const awaited = listAt(delivery.object, 'spec', 'dependsOn').flatMap((entry) => {
    const id = siblingId(delivery.id, kind, textAt(entry, 'name') ?? '', textAt(entry, 'namespace'));
    const held = objectsOf(reader, kind).find((other) => other.id === id);
    return held === undefined || left === 0 ? [] : comesFrom(reader, held, left - 1);
  });
  return [delivery.id, ...referredTo(delivery), ...awaited];
}
