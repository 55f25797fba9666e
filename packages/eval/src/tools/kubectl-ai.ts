import { createCommandTool } from './command.ts';
import type { ToolUnderTest } from './tool-under-test.ts';

/** Which model kubectl-ai gets. */
export interface KubectlAiToolOptions {
  /** Value of PATH for the program. */
  readonly searchPath: string;
  /** An OpenAI-compatible API. Without one it is not run: it has no mode without a model. */
  readonly model?: { readonly url: string; readonly name: string; readonly apiKey?: string | undefined } | undefined;
}

const HOW_TO_ADD =
  'Install a kubectl-ai release so that "kubectl-ai version" works in this terminal, then run with --model URL --model-name ID.';

/** kubectl-ai in quiet mode. It asks before it changes anything and nobody answers, so it changes nothing. Read from its source; not run by the authors. */
export function createKubectlAiTool({ searchPath, model }: KubectlAiToolOptions): ToolUnderTest {
  const tool = createCommandTool({
    description: {
      id: 'kubectl-ai',
      name: 'kubectl-ai',
      kind: 'peer',
      model: model?.name,
      note: 'kubectl-ai --quiet, its last answer read as prose',
    },
    command: [
      'kubectl-ai',
      '--quiet',
      '--llm-provider',
      'openai',
      '--model',
      model?.name ?? '',
      '--kubeconfig',
      '{kubeconfig}',
      '--max-iterations',
      '20',
      '{question}',
    ],
    version: ['kubectl-ai', 'version'],
    environment: model === undefined ? {} : { OPENAI_ENDPOINT: model.url, OPENAI_API_KEY: model.apiKey ?? 'none' },
    format: 'text',
    searchPath,
    howToAdd: HOW_TO_ADD,
  });
  return {
    ...tool,
    availability: async () => {
      const availability = await tool.availability();
      if (availability.status === 'not-run' || model !== undefined) return availability;
      return { status: 'not-run', reason: 'It has no mode without a language model.', howToAdd: HOW_TO_ADD };
    },
  };
}
