import { Tier0Error } from '@tier0/core';
import type { ToolUnderTest } from './tool-under-test.ts';

/** A tool that belongs into the comparison and has no adapter yet: shown as not run, never left out and never guessed. */
function createNotRunTool(name: string, howToAdd: string): ToolUnderTest {
  return {
    describe: () => ({ name, version: 'unknown', kind: 'peer' }),
    availability: async () => ({ status: 'not-run', reason: 'This evaluation has no adapter for it yet.', howToAdd }),
    diagnose: async () => {
      throw new Tier0Error({ code: 'UNSUPPORTED', message: `There is no adapter for ${name}.`, hint: howToAdd });
    },
  };
}

/** HolmesGPT, to be asked over POST /api/investigate. */
export function createHolmesTool(): ToolUnderTest {
  return createNotRunTool(
    'HolmesGPT',
    'Write a ToolUnderTest that posts to /api/investigate of a HolmesGPT server with a model; createDotAiTool is the example to copy.',
  );
}

/** kubectl-ai, to be run with `--quiet`. */
export function createKubectlAiTool(): ToolUnderTest {
  return createNotRunTool(
    'kubectl-ai',
    'Write a ToolUnderTest that runs kubectl-ai --quiet with a model and reads the last answer; createK8sgptTool is the example to copy.',
  );
}

/** kubernetes-mcp-server, to be driven by the same agent loop as every other set of tools: it has no model inside. */
export function createKubernetesMcpTool(): ToolUnderTest {
  return createNotRunTool(
    'kubernetes-mcp-server',
    'Write a ToolUnderTest that drives its tools with an agent loop and a model over stdio; it competes as a set of tools, not as a diagnostician.',
  );
}
