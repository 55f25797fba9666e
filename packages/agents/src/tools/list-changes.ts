import type { CmdbReader, NearbyChange } from '@tier0/core';
import { z } from 'zod';
import { type AnyTool, defineTool } from '../loop/guard/tool.ts';
import { isItem, itemOf, linesAnswer, mayReadAll } from './answer.ts';
import type { OperationsWorld } from './operations-world.ts';

/** What changed at and near an item. */
export function listChangesTool(world: OperationsWorld): AnyTool {
  return defineTool({
    name: 'list_changes',
    description: 'Lists what changed at an item and near it, nearest first.',
    input: z.strictObject({
      item: z.string().max(500),
      hours: z
        .number()
        .positive()
        .max(24 * 90)
        .default(24),
      hops: z.int().min(0).max(4).default(2),
    }),
    risk: 'read',
    run: async ({ item: id, hours, hops }) => {
      const reader = world.reader();
      const item = itemOf(world, reader, id);
      if (!isItem(item)) return item;
      const changes = changesNear(reader, id, { hours, hops }).filter(({ change }) => mayReadAll(world, [change.item]));
      return linesAnswer(
        reader,
        changes.map(tellChange),
        changes.map(({ change }) => change.item),
      );
    },
  });
}

function changesNear(reader: CmdbReader, id: string, { hours, hops }: { readonly hours: number; readonly hops: number }) {
  return reader.whatChanged(id, { windowMs: hours * 3_600_000, hops });
}

function tellChange({ change, distance }: NearbyChange): string {
  const fields = change.fields.slice(0, 5).map((field) => JSON.stringify(field).slice(0, 200));
  return `${change.at} ${change.item} (${distance} away) by ${change.actor ?? 'unknown'}: ${fields.join('; ')}`;
}
