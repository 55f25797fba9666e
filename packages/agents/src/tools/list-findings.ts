import { z } from 'zod';
import { type AnyTool, defineTool } from '../loop/guard/tool.ts';
import { linesAnswer, mayReadAll } from './answer.ts';
import type { OperationsWorld } from './operations-world.ts';

/** What deterministic rules found, with the evidence they quote. */
export function listFindingsTool(world: OperationsWorld): AnyTool {
  return defineTool({
    name: 'list_findings',
    description: 'Lists what rules found, with evidence ids to cite. `item` narrows to one item.',
    input: z.strictObject({ item: z.string().max(500).optional() }),
    risk: 'read',
    run: async ({ item }, context) => {
      const reader = world.reader();
      const all = (await world.findings?.(reader, context)) ?? [];
      const seen = all.filter(({ subject }) => (item === undefined || subject === item) && mayReadAll(world, [subject]));
      const lines = seen.flatMap(({ code, severity, subject, message, evidence }) => [
        `${severity} ${code} ${subject}: ${message}`,
        ...evidence.slice(0, 3).map(({ id, excerpt }) => `  [${id}] ${excerpt.slice(0, 200)}`),
      ]);
      return linesAnswer(
        reader,
        lines,
        seen.flatMap(({ subject, evidence }) => [subject, ...evidence.map(({ id }) => id)]),
      );
    },
  });
}
