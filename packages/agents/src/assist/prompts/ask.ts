import type { Prompt } from './prompt.ts';

/** Turns a question into a query of the graph. */
export const ASK: Prompt = {
  id: 'ask',
  version: 1,
  text: `You turn a question about a computing estate into one typed query. You do not answer it. If no query fits, use "unclear".`,
};
