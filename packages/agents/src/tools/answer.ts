import type { CmdbReader, ConfigurationItem } from '@tier0/core';
import type { ToolAnswer } from '../loop/guard/tool.ts';
import type { OperationsWorld } from './operations-world.ts';

/** Lines of one answer at most. */
export const MAX_LINES = 60;

/** An answer of lines with the moment it is true for; what is left out is counted. */
export function linesAnswer(reader: CmdbReader, lines: readonly string[], cites: readonly string[] = []): ToolAnswer {
  const shown = lines.slice(0, MAX_LINES);
  const rest = lines.length > shown.length ? [`… and ${lines.length - shown.length} more: ask narrower`] : [];
  const none = lines.length === 0 ? ['nothing'] : [];
  return { text: [`as of ${reader.at}:`, ...shown, ...none, ...rest].join('\n'), cites: [...new Set(cites)].slice(0, 200) };
}

/** An answer that says what is wrong with the question. */
export function wrong(text: string): ToolAnswer {
  return { text, isError: true };
}

/** The item, or why there is none to speak of. What the caller may not read is not told from what does not exist. */
export function itemOf(world: OperationsWorld, reader: CmdbReader, id: string): ConfigurationItem | ToolAnswer {
  const found = (world.mayRead?.(id) ?? true) ? reader.get(id) : { state: 'absent' as const };
  if (found.state === 'found') return found.item;
  return wrong(found.state === 'absent' ? 'There is no such item. Use find_items to get ids.' : `Unknown: ${found.reason}.`);
}

/** Whether it is an item and no answer. */
export function isItem(value: ConfigurationItem | ToolAnswer): value is ConfigurationItem {
  return 'kind' in value;
}

/** Whether the caller may know of every one of the items. */
export function mayReadAll({ mayRead }: OperationsWorld, ids: readonly string[]): boolean {
  return mayRead === undefined || ids.every((id) => mayRead(id));
}
