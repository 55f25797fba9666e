import { type AnyTool, createMemoryArtifactStore, createMemoryRunLog, createToolRegistry, runAgent } from '@tier0/agents/loop';
import type { CallContext, LanguageModel } from '@tier0/core';
import type { LoopTool, ToolLoop } from '@tier0/eval';
import { z } from 'zod';
import { heardModel } from './heard-model.ts';

/** The same for every set of tools. */
const LIMITS = { steps: 20, toolCalls: 40 };

/** tier0's own agent loop as the one that drives everybody's tools. */
export function createToolLoop(model: LanguageModel): ToolLoop {
  return {
    model: model.model,
    isScripted: model.name === 'scripted',
    async run({ instructions, question, tools }, context) {
      const heard = heardModel(model);
      const agent = { name: 'comparison', instructions, tools: createToolRegistry(tools.map((tool) => toolOf(tool))), limits: LIMITS };
      const log = createMemoryRunLog();
      const run = { run: 'trial', agent, task: question, models: [heard.model] as const, log, artifacts: createMemoryArtifactStore() };
      // The clock of a trial stands still; limits of time need one that goes.
      const ended = await runAgent(run, { signal: context.signal, now: Date.now });
      if (ended.state === 'waiting') return { answer: '', gaveUp: 'it waits for an approval that nobody gives', use: heard.use() };
      const gaveUp = ended.outcome === 'answered' ? undefined : (ended.why ?? ended.outcome);
      return { answer: ended.answer, ...(gaveUp === undefined ? {} : { gaveUp }), use: heard.use() };
    },
  };
}

/** Everything may be called: the cluster is a recording, and what was done to it is judged from its log. */
function toolOf({ name, description, parameters, call }: LoopTool): AnyTool {
  return {
    name: name
      .toLowerCase()
      .replace(/[^a-z0-9_-]/g, '_')
      .slice(0, 64),
    description,
    parameters,
    input: z.record(z.string(), z.unknown()),
    risk: 'read',
    run: async (input: Record<string, unknown>, { signal }: CallContext) => await call(input, signal),
  };
}
