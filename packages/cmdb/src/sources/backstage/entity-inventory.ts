import { type ColumnValue, type ConfigurationItem, type Coverage, digestOf, type Inventory, readField } from '@tier0/core';
import { CATALOG_ID } from '../../kinds/kubernetes-item.ts';
import { isKubernetesObject, type KubernetesObject, textMap, textOf } from '../../kinds/kubernetes-object.ts';
import { LABEL_SELECTOR_COLUMN, NAMESPACE_COLUMN } from '../../relations/catalog.ts';
import { distinctRelations } from '../../relations/distinct-relations.ts';
import { backstageId, entityRelations } from './entity-relations.ts';

/** Kinds of the Backstage catalog that become items. */
export const ENTITY_KINDS = ['API', 'Component', 'Domain', 'Group', 'Resource', 'System', 'User'] as const;

/** Catalog entities, from a file or from the API, as an inventory. */
export function entityInventory(
  entities: readonly KubernetesObject[],
  { scope, coverage, observedAt }: { readonly scope: string; readonly coverage: readonly Coverage[]; readonly observedAt: string },
): Inventory {
  const items = entities.map((entity) => toItem(entity, observedAt));
  return {
    scope,
    contract: 'snapshot',
    items,
    relations: distinctRelations(entities.flatMap(entityRelations)),
    objects: new Map(items.map((item, index) => [item.id, entities[index]])),
    coverage,
    changes: [],
    observedAt,
  };
}

/** Whether a value is an entity of a kind that becomes an item. */
export function isEntity(value: unknown): value is KubernetesObject {
  return (
    isKubernetesObject(value) &&
    (ENTITY_KINDS as readonly string[]).includes(value.kind) &&
    String(value.apiVersion).startsWith('backstage.io/')
  );
}

function toItem(entity: KubernetesObject, observedAt: string): ConfigurationItem {
  const { name, namespace = 'default' } = entity.metadata;
  const columns: Record<string, ColumnValue> = {};
  for (const key of ['type', 'lifecycle', 'owner', 'system']) {
    const value = textOf(readField(entity, ['spec', key]));
    if (value) columns[key] = value;
  }
  const annotations = textMap(entity.metadata.annotations);
  const catalogId = annotations[CATALOG_ID];
  if (catalogId) columns.catalogId = catalogId;
  const selector = annotations['backstage.io/kubernetes-label-selector'];
  if (selector) columns[LABEL_SELECTOR_COLUMN] = selector;
  const kubernetesNamespace = annotations['backstage.io/kubernetes-namespace'];
  if (kubernetesNamespace) columns[NAMESPACE_COLUMN] = kubernetesNamespace;
  return {
    id: backstageId(entity.kind, namespace, name),
    kind: entity.kind,
    name,
    scope: namespace,
    columns,
    digest: digestOf(entity),
    identifiers: [],
    sources: [{ name: 'backstage', observedAt }],
    observedAt,
  };
}
