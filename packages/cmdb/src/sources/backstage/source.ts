import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import {
  type ColumnValue,
  type ConfigurationItem,
  type Coverage,
  digestOf,
  type InventorySource,
  type Relation,
  readField,
  Tier0Error,
  toTimestamp,
} from '@tier0/core';
import { LineCounter, parseAllDocuments } from 'yaml';
import { CATALOG_ID } from '../../kinds/kubernetes-item.ts';
import { isKubernetesObject, type KubernetesObject, textMap, textOf } from '../../kinds/kubernetes-object.ts';
import { backstageId, entityRelations } from './entity-relations.ts';

/** Where the catalog is. */
export interface BackstageSourceOptions {
  /** A `catalog-info.yaml`, one or more documents. */
  readonly file: string;
}

/** Kinds of the Backstage catalog that become items. */
const KINDS = ['API', 'Component', 'Domain', 'Group', 'Resource', 'System', 'User'] as const;

/** Inventory from a Backstage catalog file: who owns what, and what is meant to depend on what. */
export function createBackstageSource(options: BackstageSourceOptions): InventorySource {
  return {
    name: 'backstage',
    async discover({ now }) {
      const observedAt = toTimestamp(now());
      const { entities, failure } = parseCatalog(basename(options.file), await readCatalog(options.file));
      const items = entities.map((entity) => toItem(entity, observedAt));
      return {
        scope: `backstage:${basename(options.file)}`,
        contract: 'snapshot',
        items,
        relations: distinct(entities.flatMap(entityRelations)),
        objects: new Map(items.map((item, index) => [item.id, entities[index]])),
        coverage: KINDS.map((kind): Coverage => (failure ? { kind, state: 'failed', reason: failure } : { kind, state: 'complete' })),
        changes: [],
        observedAt,
      };
    },
  };
}

async function readCatalog(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new Tier0Error({
      code: 'UNAVAILABLE',
      message: `The catalog file "${file}" cannot be read.`,
      hint: 'Name an existing catalog-info.yaml that this process may read.',
      cause,
    });
  }
}

function parseCatalog(name: string, text: string): { readonly entities: readonly KubernetesObject[]; readonly failure?: string } {
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text, { lineCounter: lines });
  const documents = Array.isArray(parsed) ? parsed : [];
  const sound = documents.filter((document) => document.errors.length === 0);
  const entities = sound.map((document) => document.toJS({ maxAliasCount: 100 }) as unknown).filter(isEntity);
  const error = documents.flatMap((document) => document.errors)[0];
  if (!error) return { entities };
  return { entities, failure: `${name}:${lines.linePos(error.pos[0]).line}: ${error.message.split('\n')[0]}` };
}

function isEntity(value: unknown): value is KubernetesObject {
  return (
    isKubernetesObject(value) && (KINDS as readonly string[]).includes(value.kind) && String(value.apiVersion).startsWith('backstage.io/')
  );
}

function toItem(entity: KubernetesObject, observedAt: string): ConfigurationItem {
  const { name, namespace = 'default' } = entity.metadata;
  const columns: Record<string, ColumnValue> = {};
  for (const key of ['type', 'lifecycle', 'owner', 'system']) {
    const value = textOf(readField(entity, ['spec', key]));
    if (value) columns[key] = value;
  }
  const catalogId = textMap(entity.metadata.annotations)[CATALOG_ID];
  if (catalogId) columns.catalogId = catalogId;
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

function distinct(relations: readonly Relation[]): readonly Relation[] {
  return [...new Map(relations.map((relation) => [`${relation.from} ${relation.type} ${relation.to}`, relation])).values()];
}
