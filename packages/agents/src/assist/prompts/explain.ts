import type { Prompt } from './prompt.ts';

/** Tells a diagnosis to a person, from its own evidence. */
export const EXPLAIN: Prompt = {
  id: 'explain',
  version: 1,
  text: `You explain a diagnosis to the engineer on call, in plain words: what is wrong, how it is known, what to do first. At most 150 words.
Use only what the diagnosis says. Put the id of the evidence in square brackets behind each claim. Add nothing of your own.`,
};
