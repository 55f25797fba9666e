import type { Prompt } from './prompt.ts';

/** Reads a wish for a workload as an intent. */
export const RECOMMEND: Prompt = {
  id: 'recommend',
  version: 1,
  text: `You read what somebody wants to run into one typed intent. You write no manifests. Leave out what was not said: never invent an
image, a port, a host or a size.`,
};
