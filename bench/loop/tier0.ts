import { type AnyTool, createMemoryArtifactStore, createMemoryRunLog, createToolRegistry, defineTool, runAgent } from '@tier0/agents/loop';
import { createScriptedModel } from '@tier0/agents/models';
import { z } from 'zod';
import { ANSWER, CALLS, callsOf, INSTRUCTIONS, type LoopSubject, TASK } from './subject.ts';

/** Our loop, with its event log on. */
export function tier0Subject(): LoopSubject {
  let made = 0;
  let runs = 0;
  const tools: readonly AnyTool[] = Array.from({ length: CALLS }, (_, place) =>
    defineTool({
      name: `look_${place}`,
      description: 'Looks at an item.',
      input: z.object({ item: z.string(), depth: z.number() }),
      risk: 'read',
      run: async ({ item, depth }) => {
        made += 1;
        return { text: `${item} at ${depth}: ok` };
      },
    }),
  );
  const registry = createToolRegistry(tools);
  const log = createMemoryRunLog();
  const artifacts = createMemoryArtifactStore();
  return {
    name: 'tier0',
    async run(steps) {
      made = 0;
      let turn = 0;
      const model = createScriptedModel({
        replies: () => (turn++ < steps ? { calls: callsOf(turn).map(({ input, ...call }) => ({ ...call, arguments: input })) } : ANSWER),
      });
      const run = `run-${runs++}`;
      const agent = {
        name: 'bench',
        instructions: INSTRUCTIONS,
        tools: registry,
        limits: { steps: steps + 2, toolCalls: steps * CALLS + 1 },
      };
      const result = await runAgent(
        { run, agent, task: TASK, models: [model], log, artifacts },
        { signal: new AbortController().signal, now: Date.now },
      );
      log.forget(run);
      artifacts.forget(run);
      if (result.state !== 'finished' || result.answer !== ANSWER) throw new Error(`tier0 ended with ${JSON.stringify(result)}`);
      return made;
    },
  };
}
