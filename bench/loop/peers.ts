import { loadPeer } from '../frame/peer.ts';
import { ANSWER, CALLS, callsOf, INSTRUCTIONS, type LoopSubject, TASK } from './subject.ts';

// biome-ignore lint/suspicious/noExplicitAny: types must check where no peer is installed.
type Peer = any;

const places = Array.from({ length: CALLS }, (_, place) => place);

function inputSchema(z: Peer) {
  return z.object({ item: z.string(), depth: z.number() });
}

/** Vercel's `ai`: generateText with the model interface of its own test kit, without a recorder. */
export async function vercelAi(): Promise<LoopSubject> {
  const { generateText, tool, isStepCount } = await loadPeer<Peer>('ai');
  const { z } = await loadPeer<Peer>('zod');
  let made = 0;
  const tools = Object.fromEntries(
    places.map((place) => [
      `look_${place}`,
      tool({
        description: 'Looks at an item.',
        inputSchema: inputSchema(z),
        execute: async ({ item, depth }: Peer) => {
          made += 1;
          return `${item} at ${depth}: ok`;
        },
      }),
    ]),
  );
  const usage = { inputTokens: { total: 10 }, outputTokens: { total: 5 } };
  return {
    name: 'ai',
    async run(steps) {
      made = 0;
      let turn = 0;
      const model = {
        specificationVersion: 'v4',
        provider: 'scripted',
        modelId: 'scripted',
        supportedUrls: {},
        doGenerate: async () => {
          const calls = turn++ < steps ? callsOf(turn) : [];
          const content = calls.map(({ id, name, input }) => ({
            type: 'tool-call',
            toolCallId: id,
            toolName: name,
            input: JSON.stringify(input),
          }));
          const reason = calls.length > 0 ? 'tool-calls' : 'stop';
          const said = calls.length > 0 ? content : [{ type: 'text', text: ANSWER }];
          return { content: said, finishReason: { unified: reason, raw: reason }, usage, warnings: [] };
        },
      };
      const { text } = await generateText({
        model,
        tools,
        system: INSTRUCTIONS,
        prompt: TASK,
        stopWhen: isStepCount(steps + 2),
        maxRetries: 0,
      });
      if (text !== ANSWER) throw new Error(`ai ended with ${text}`);
      return made;
    },
  };
}

/** OpenAI Agents with tracing off. */
export async function openAiAgents(): Promise<LoopSubject> {
  const { Agent, Runner, tool, setTracingDisabled, Usage } = await loadPeer<Peer>('@openai/agents');
  const { z } = await loadPeer<Peer>('zod');
  setTracingDisabled(true);
  let made = 0;
  const tools = places.map((place) =>
    tool({
      name: `look_${place}`,
      description: 'Looks at an item.',
      parameters: inputSchema(z),
      execute: async ({ item, depth }: Peer) => {
        made += 1;
        return `${item} at ${depth}: ok`;
      },
    }),
  );
  return {
    name: '@openai/agents',
    async run(steps) {
      made = 0;
      let turn = 0;
      const model = {
        getResponse: async () => {
          const calls = turn++ < steps ? callsOf(turn) : [];
          const asks = calls.map(({ id, name, input }) => {
            return { type: 'function_call', callId: id, id, name, arguments: JSON.stringify(input), status: 'completed' };
          });
          const message = {
            type: 'message',
            role: 'assistant',
            id: 'm',
            status: 'completed',
            content: [{ type: 'output_text', text: ANSWER }],
          };
          return { usage: new Usage(), output: asks.length > 0 ? asks : [message] };
        },
        getStreamedResponse: () => {
          throw new Error('not streamed');
        },
      };
      const agent = new Agent({ name: 'bench', instructions: INSTRUCTIONS, tools, model });
      const result = await new Runner({ tracingDisabled: true }).run(agent, TASK, { maxTurns: steps + 2 });
      if (result.finalOutput !== ANSWER) throw new Error(`openai agents ended with ${result.finalOutput}`);
      return made;
    },
  };
}

/** LangGraph's prebuilt agent. */
export async function langGraph(): Promise<LoopSubject> {
  const { createReactAgent } = await loadPeer<Peer>('@langchain/langgraph/prebuilt');
  const { BaseChatModel } = await loadPeer<Peer>('@langchain/core/language_models/chat_models');
  const { AIMessage } = await loadPeer<Peer>('@langchain/core/messages');
  const { tool } = await loadPeer<Peer>('@langchain/core/tools');
  const { z } = await loadPeer<Peer>('zod');
  let made = 0;
  const tools = places.map((place) =>
    tool(
      async ({ item, depth }: Peer) => {
        made += 1;
        return `${item} at ${depth}: ok`;
      },
      { name: `look_${place}`, description: 'Looks at an item.', schema: inputSchema(z) },
    ),
  );
  class Scripted extends BaseChatModel {
    turn = 0;
    steps: number;
    constructor(steps: number) {
      super({});
      this.steps = steps;
    }
    _llmType() {
      return 'scripted';
    }
    bindTools() {
      return this;
    }
    async _generate() {
      const calls = this.turn++ < this.steps ? callsOf(this.turn) : [];
      const message = new AIMessage({
        content: calls.length > 0 ? '' : ANSWER,
        tool_calls: calls.map(({ id, name, input }) => ({ id, name, args: input, type: 'tool_call' })),
      });
      return { generations: [{ text: '', message }] };
    }
  }
  return {
    name: '@langchain/langgraph',
    async run(steps) {
      made = 0;
      const agent = createReactAgent({ llm: new Scripted(steps), tools, prompt: INSTRUCTIONS });
      const result = await agent.invoke({ messages: [{ role: 'user', content: TASK }] }, { recursionLimit: steps * 2 + 10 });
      if (result.messages.at(-1).content !== ANSWER) throw new Error('langgraph ended without the answer');
      return made;
    },
  };
}
