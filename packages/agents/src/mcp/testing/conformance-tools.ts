import { z } from 'zod';
import { type AnyTool, defineTool } from '../../loop/guard/tool.ts';

const none = z.strictObject({});
const after = (ms: number, signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    const stop = () => {
      clearTimeout(timer);
      resolve();
    };
    signal.addEventListener('abort', stop, { once: true });
  });

/** The tools of the conformance suite that answer in text: they stand in the registry like every other tool. */
export const CONFORMANCE_TOOLS: readonly AnyTool[] = [
  defineTool({
    name: 'test_simple_text',
    description: 'Answers with a text.',
    input: none,
    risk: 'read',
    run: async () => ({ text: 'This is a simple text response for testing.' }),
  }),
  defineTool({
    name: 'test_error_handling',
    description: 'Fails.',
    input: none,
    risk: 'read',
    run: async () => ({ text: 'This tool intentionally returns an error for testing', isError: true }),
  }),
  defineTool({
    name: 'test_streaming_elicitation',
    description: 'Answers without asking anything.',
    input: none,
    risk: 'read',
    run: async () => ({ text: 'no request of its own was in the stream' }),
  }),
  defineTool({
    name: 'greet',
    description: 'Greets.',
    input: z.strictObject({ name: z.string() }),
    risk: 'read',
    run: async ({ name }) => ({ text: `Hello, ${name}!` }),
  }),
  defineTool({
    name: 'slow_compute',
    description: 'Takes its time.',
    input: z.strictObject({ seconds: z.number(), label: z.string().optional() }),
    risk: 'read',
    task: 'optional',
    run: async ({ seconds, label = 'it' }, { signal }) => {
      await after(seconds * 1_000, signal);
      return { text: `computed ${label}` };
    },
  }),
  defineTool({
    name: 'failing_job',
    description: 'Fails after a while, and says so.',
    input: none,
    risk: 'read',
    task: 'required',
    run: async (_, { signal }) => {
      await after(1_000, signal);
      return { text: 'the job failed', isError: true };
    },
  }),
  defineTool({
    name: 'protocol_error_job',
    description: 'Never becomes a result.',
    input: none,
    risk: 'read',
    task: 'optional',
    run: () => Promise.reject(new Error('a bug')),
  }),
  defineTool({
    name: 'confirm_delete',
    description: 'Asks one question.',
    input: z.strictObject({ filename: z.string() }),
    risk: 'read',
    task: 'optional',
    run: async ({ filename }, { ask }) => {
      const said = await ask?.({ message: `Delete ${filename}?`, fields: { confirm: 'boolean' } });
      return { text: said?.action === 'accept' && said.content.confirm === true ? `${filename} is deleted` : 'nothing is deleted' };
    },
  }),
  defineTool({
    name: 'multi_input',
    description: 'Asks two questions at once.',
    input: none,
    risk: 'read',
    task: 'optional',
    run: async (_, { ask }) => {
      const said = await Promise.all(
        ['first', 'second'].map((which) => ask?.({ message: `The ${which} name?`, fields: { name: 'string' } })),
      );
      return { text: said.map((reply) => (reply?.action === 'accept' ? reply.content.name : 'nobody')).join(' and ') };
    },
  }),
];
