import type { CmdbReader } from '@tier0/core';
import type { AnyTool } from '../loop/guard/tool.ts';
import { namesOfOthers } from './names-of-others.ts';
import type { OperationsWorld } from './operations-world.ts';

/** Whether the caller may know of an item. */
export type MayRead = (item: string) => boolean;

/** A world whose caller may not know everything. */
export interface BoundWorld extends OperationsWorld {
  readonly mayRead: MayRead;
}

/** Every tool leaves out what its caller may not read; this stands behind them all, for names in texts that no tool understands. */
export function boundTool(tool: AnyTool, { reader, mayRead }: BoundWorld): AnyTool {
  return {
    ...tool,
    run: async (input, context) => {
      const answer = await tool.run(input, context);
      const now = reader();
      const cites = answer.cites?.filter((id) => !isItemId(now, id) || mayRead(id));
      return { ...answer, text: namesOfOthers(now, mayRead).withhold(answer.text), ...(cites ? { cites } : {}) };
    },
  };
}

function isItemId(reader: CmdbReader, id: string): boolean {
  return id.startsWith('kubernetes:') || reader.get(id).state === 'found';
}
