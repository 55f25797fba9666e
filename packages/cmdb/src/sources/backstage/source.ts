import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { type Coverage, type InventorySource, Tier0Error, toTimestamp } from '@tier0/core';
import { LineCounter, parseAllDocuments } from 'yaml';
import type { KubernetesObject } from '../../kinds/kubernetes-object.ts';
import { ENTITY_KINDS, entityInventory, isEntity } from './entity-inventory.ts';

/** Where the catalog is. */
export interface BackstageSourceOptions {
  /** A `catalog-info.yaml`, one or more documents. */
  readonly file: string;
}

/** Inventory from a Backstage catalog file: who owns what, and what is meant to depend on what. */
export function createBackstageSource(options: BackstageSourceOptions): InventorySource {
  return {
    name: 'backstage',
    async discover({ now }) {
      const observedAt = toTimestamp(now());
      const { entities, failure } = parseCatalog(basename(options.file), await readCatalog(options.file));
      const coverage = ENTITY_KINDS.map(
        (kind): Coverage => (failure ? { kind, state: 'failed', reason: failure } : { kind, state: 'complete' }),
      );
      return entityInventory(entities, { scope: `backstage:${basename(options.file)}`, coverage, observedAt });
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
