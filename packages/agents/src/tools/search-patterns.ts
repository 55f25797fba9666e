import { CauseSchema, type PatternLibrary } from '@tier0/core';
import { z } from 'zod';
import { type AnyTool, defineTool } from '../loop/guard/tool.ts';
import { linesAnswer } from './answer.ts';
import type { OperationsWorld } from './operations-world.ts';

/** Known causes and remedies with their track record. */
export function searchPatternsTool(world: OperationsWorld): AnyTool {
  return defineTool({
    name: 'search_patterns',
    description: 'Searches what has been seen before: known causes, remedies and how often they helped.',
    input: z.strictObject({
      text: z.string().max(500),
      cause: CauseSchema.optional(),
      software: z.record(z.string().max(100), z.string().max(100)).default({}),
    }),
    risk: 'read',
    run: async (query, context) => {
      const matches = await (world.patterns as PatternLibrary).search(query, context);
      const lines = matches.map(({ pattern, score, reasons }) => `${pattern.id} (${score.toFixed(2)}): ${reasons.join('; ')}`);
      return linesAnswer(
        world.reader(),
        lines,
        matches.map(({ pattern }) => pattern.id),
      );
    },
  });
}
