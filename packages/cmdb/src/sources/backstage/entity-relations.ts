import { type Relation, type RelationType, readField } from '@tier0/core';
import { entriesOf, type KubernetesObject } from '../../kinds/kubernetes-object.ts';

/** A field of an entity's spec that names other entities. */
interface ReferenceField {
  readonly field: string;
  readonly type: RelationType;
  /** Kind meant when the reference names none. */
  readonly kind: string;
  /** The relation runs from the named entity to this one, e.g. `members` of a group. */
  readonly reversed?: boolean;
}

const FIELDS: readonly ReferenceField[] = [
  { field: 'owner', type: 'ownedBy', kind: 'Group' },
  { field: 'system', type: 'partOf', kind: 'System' },
  { field: 'domain', type: 'partOf', kind: 'Domain' },
  { field: 'subcomponentOf', type: 'partOf', kind: 'Component' },
  { field: 'dependsOn', type: 'dependsOn', kind: 'Component' },
  { field: 'dependencyOf', type: 'dependsOn', kind: 'Component', reversed: true },
  { field: 'providesApis', type: 'providesApi', kind: 'API' },
  { field: 'consumesApis', type: 'consumesApi', kind: 'API' },
  { field: 'memberOf', type: 'memberOf', kind: 'Group' },
  { field: 'members', type: 'memberOf', kind: 'User', reversed: true },
  { field: 'parent', type: 'childOf', kind: 'Group' },
  { field: 'children', type: 'childOf', kind: 'Group', reversed: true },
];

/** Relations that one catalog entity states. */
export function entityRelations(entity: KubernetesObject): readonly Relation[] {
  const namespace = entity.metadata.namespace ?? 'default';
  const self = backstageId(entity.kind, namespace, entity.metadata.name);
  return FIELDS.flatMap(({ field, type, kind, reversed }) => {
    const value = readField(entity, ['spec', field]);
    const references = typeof value === 'string' ? [value] : entriesOf(value).filter((entry): entry is string => typeof entry === 'string');
    return references.map((reference): Relation => {
      const other = resolveReference(reference, kind, namespace);
      const [from, to] = reversed ? [other, self] : [self, other];
      return { from, to, type, confidence: 1, properties: {}, source: 'backstage' };
    });
  });
}

/** Item id of a Backstage entity: kind and names are case-insensitive. */
export function backstageId(kind: string, namespace: string, name: string): string {
  return `backstage:${kind.toLowerCase()}:${namespace.toLowerCase()}/${name.toLowerCase()}`;
}

/** `[kind:][namespace/]name`, as Backstage reads entity references. */
function resolveReference(reference: string, kind: string, namespace: string): string {
  const match = /^(?:([^:/]+):)?(?:([^:/]+)\/)?(.+)$/.exec(reference.trim());
  return backstageId(match?.[1] ?? kind, match?.[2] ?? namespace, match?.[3] ?? reference);
}
