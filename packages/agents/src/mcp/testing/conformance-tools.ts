import { z } from 'zod';
import { type AnyTool, defineTool } from '../../loop/guard/tool.ts';

const none = z.strictObject({});

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
];
