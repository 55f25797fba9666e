import type { LanguageModel } from '@tier0/core';
import { createCommandTool } from './command.ts';
import { createModelEndpoint } from './model-endpoint.ts';
import type { ToolUnderTest } from './tool-under-test.ts';

/** Which model kubectl-ai gets. */
export interface KubectlAiToolOptions {
  /** Value of PATH for the program. */
  readonly searchPath: string;
  /** Put behind an address on this machine and counted there. Without one it is not run: it has no mode without a model. */
  readonly model?: LanguageModel | undefined;
}

const HOW_TO_ADD =
  'Install a kubectl-ai release so that "kubectl-ai version" works in this terminal, then run with --model URL --model-name ID.';

/** kubectl-ai in quiet mode. It asks before it changes anything and nobody answers, so it changes nothing. */
export function createKubectlAiTool({ searchPath, model }: KubectlAiToolOptions): ToolUnderTest {
  const toolAt = (url: string) => commandTool({ searchPath, name: model?.model ?? '', url });
  const tool = toolAt('');
  return {
    ...tool,
    availability: async () => {
      const availability = await tool.availability();
      if (availability.status === 'not-run' || model !== undefined) return availability;
      return { status: 'not-run', reason: 'It has no mode without a language model.', howToAdd: HOW_TO_ADD };
    },
    async diagnose(access, context) {
      if (model === undefined) return await tool.diagnose(access, context);
      const endpoint = await createModelEndpoint(model, context);
      try {
        const answer = await toolAt(endpoint.url).diagnose(access, context);
        return { ...answer, modelUse: endpoint.use() };
      } finally {
        await endpoint.close();
      }
    },
  };
}

function commandTool({
  searchPath,
  name,
  url,
}: {
  readonly searchPath: string;
  readonly name: string;
  readonly url: string;
}): ToolUnderTest {
  return createCommandTool({
    description: {
      id: 'kubectl-ai',
      name: 'kubectl-ai',
      kind: 'peer',
      model: name === '' ? undefined : name,
      note: 'kubectl-ai --quiet, its last answer read as prose',
    },
    command: [
      'kubectl-ai',
      '--quiet',
      '--llm-provider',
      'openai',
      '--model',
      name,
      '--kubeconfig',
      '{kubeconfig}',
      '--max-iterations',
      '20',
      '{question}',
    ],
    version: ['kubectl-ai', 'version'],
    environment: { OPENAI_ENDPOINT: url, OPENAI_API_KEY: 'none' },
    format: 'text',
    searchPath,
    howToAdd: HOW_TO_ADD,
  });
}
