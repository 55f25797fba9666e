import type { JsonValue } from '@tier0/core';
import { z } from 'zod';
import { type AnyTool, defineTool } from '../loop/guard/tool.ts';
import { redactJson } from '../models/wire/redact-request.ts';
import { isItem, itemOf, wrong } from './answer.ts';
import type { OperationsWorld } from './operations-world.ts';

/** The raw object of an item. Values of Secrets are never shown. */
export function showManifestTool(world: OperationsWorld): AnyTool {
  return defineTool({
    name: 'show_manifest',
    description: 'Shows the object of an item as JSON, without managed fields and without secrets.',
    input: z.strictObject({ item: z.string().max(500) }),
    risk: 'read',
    run: async ({ item: id }) => {
      const reader = world.reader();
      const item = itemOf(world, reader, id);
      if (!isItem(item)) return item;
      if (item.kind.split('/').at(-1) === 'Secret') return wrong('Secrets are not shown.');
      const object = reader.object(id);
      if (object === undefined) return wrong('The object of that item was not kept.');
      return { text: `as of ${reader.at}:\n${JSON.stringify(redactJson(withoutNoise(object)), null, 1)}`, cites: [id] };
    },
  });
}

function withoutNoise(object: unknown): JsonValue {
  const noise = new Set(['managedFields', 'kubectl.kubernetes.io/last-applied-configuration']);
  return JSON.parse(JSON.stringify(object, (key, value: unknown) => (noise.has(key) ? undefined : value))) as JsonValue;
}
