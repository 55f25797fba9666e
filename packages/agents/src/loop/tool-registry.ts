import { type ModelTool, Tier0Error } from '@tier0/core';
import { jsonSchemaOf } from '../models/structured-output.ts';
import type { AnyTool } from './guard/tool.ts';

/** The tools a run may use, and how they are described to a model. */
export interface ToolRegistry {
  readonly tools: readonly AnyTool[];
  readonly described: readonly ModelTool[];
  /** The tool of that name; undefined when the model made it up. */
  find(name: string): AnyTool | undefined;
}

const NAME = /^[a-z0-9][a-z0-9_-]{0,63}$/;

/** The allow-list: what is not in it does not exist for a model. Throws INVALID_INPUT for a name that is wrong or taken. */
export function createToolRegistry(tools: readonly AnyTool[]): ToolRegistry {
  const byName = new Map<string, AnyTool>();
  for (const tool of tools) {
    if (!NAME.test(tool.name) || byName.has(tool.name)) throw badName(tool.name, byName.has(tool.name));
    byName.set(tool.name, tool);
  }
  const described = tools.map(({ name, description, input, parameters }) => ({
    name,
    description,
    parameters: parameters ?? jsonSchemaOf(input),
  }));
  return { tools, described, find: (name) => byName.get(name) };
}

function badName(name: string, taken: boolean): Tier0Error {
  return new Tier0Error({
    code: 'INVALID_INPUT',
    message: taken ? `Two tools are called "${name}".` : `"${name.slice(0, 80)}" cannot be the name of a tool.`,
    hint: taken ? 'Give one of them another name.' : 'Use verb_noun: at most 64 of a-z, 0-9, _ and -.',
  });
}
