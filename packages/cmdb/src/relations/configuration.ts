import { kubernetesItemId, type Relation, readField } from '@tier0/core';
import { WORKLOAD_KINDS } from '../kinds/kubernetes-kinds.ts';
import { entriesOf, isRecord, textOf } from '../kinds/kubernetes-object.ts';
import { containersOf, podSpecOf } from '../kinds/pod-spec.ts';
import { isMadeOfTemplate } from './owner.ts';
import { type RelationRule, relate } from './relation-rule.ts';

/** One reference from a pod specification to another object by name. */
interface Reference {
  readonly kind: 'ConfigMap' | 'Secret' | 'PersistentVolumeClaim' | 'ServiceAccount';
  readonly name: string;
  readonly via: string;
  readonly optional: boolean;
}

/** Workload uses the ConfigMaps, Secrets (names only), claims and service account that its pod specification names. */
export const configurationRelations: RelationRule = (objects) =>
  objects.all.flatMap((object): Relation[] => {
    const podSpec = WORKLOAD_KINDS.has(object.kind) && !isMadeOfTemplate(object) ? podSpecOf(object) : undefined;
    if (!podSpec) return [];
    const from = objects.idOf(object);
    return distinct(referencesOf(podSpec)).map(({ kind, name, via, optional }) =>
      relate(objects, {
        from,
        to: kubernetesItemId({ cluster: objects.cluster, namespace: object.metadata.namespace, kind, name }),
        type: 'uses',
        properties: optional ? { via, optional } : { via },
      }),
    );
  });

function referencesOf(podSpec: Record<string, unknown>): readonly Reference[] {
  return [
    ...containersOf(podSpec).flatMap(containerReferences),
    ...entriesOf(podSpec.volumes).filter(isRecord).flatMap(volumeReferences),
    ...entriesOf(podSpec.imagePullSecrets).flatMap((entry) => reference('Secret', readField(entry, ['name']), 'imagePullSecrets')),
    ...reference('ServiceAccount', podSpec.serviceAccountName, 'serviceAccountName'),
  ];
}

function containerReferences(container: Record<string, unknown>): readonly Reference[] {
  const fromEnv = entriesOf(container.env).flatMap((entry) => {
    const via = `env ${textOf(readField(entry, ['name'])) ?? ''}`;
    return [
      ...named('ConfigMap', readField(entry, ['valueFrom', 'configMapKeyRef']), via),
      ...named('Secret', readField(entry, ['valueFrom', 'secretKeyRef']), via),
    ];
  });
  const wholesale = entriesOf(container.envFrom).flatMap((entry) => [
    ...named('ConfigMap', readField(entry, ['configMapRef']), 'envFrom'),
    ...named('Secret', readField(entry, ['secretRef']), 'envFrom'),
  ]);
  return [...fromEnv, ...wholesale];
}

function volumeReferences(volume: Record<string, unknown>): readonly Reference[] {
  const via = `volume ${textOf(volume.name) ?? ''}`;
  const projected = entriesOf(readField(volume, ['projected', 'sources'])).flatMap((source) => [
    ...named('ConfigMap', readField(source, ['configMap']), via),
    ...named('Secret', readField(source, ['secret']), via),
  ]);
  return [
    ...named('ConfigMap', volume.configMap, via),
    ...named('Secret', volume.secret, via, 'secretName'),
    ...named('PersistentVolumeClaim', volume.persistentVolumeClaim, via, 'claimName'),
    ...projected,
  ];
}

function named(kind: Reference['kind'], holder: unknown, via: string, key = 'name'): readonly Reference[] {
  return reference(kind, readField(holder, [key]), via, readField(holder, ['optional']) === true);
}

function reference(kind: Reference['kind'], name: unknown, via: string, optional = false): readonly Reference[] {
  return typeof name === 'string' && name !== '' ? [{ kind, name, via, optional }] : [];
}

/** One relation for each target; a reference that is required anywhere is required. */
function distinct(references: readonly Reference[]): readonly Reference[] {
  const byTarget = new Map<string, Reference>();
  for (const entry of references) {
    const key = `${entry.kind}/${entry.name}`;
    const known = byTarget.get(key);
    if (!known || (known.optional && !entry.optional)) byTarget.set(key, entry);
  }
  return [...byTarget.values()];
}
