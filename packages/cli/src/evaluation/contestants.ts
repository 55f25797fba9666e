import { join } from 'node:path';
import { type LanguageModel, Tier0Error } from '@tier0/core';
import {
  createDescribeBaseline,
  createDotAiTool,
  createHolmesTool,
  createK8sgptTool,
  createKubectlAiTool,
  createOwnerBaseline,
  createTextReader,
  createWarningsBaseline,
  readToolFile,
  type ToolSurroundings,
  type ToolUnderTest,
  toolFilesOfPackage,
} from '@tier0/eval';
import { didYouMean } from '../commands/did-you-mean.ts';
import type { Environment } from '../environment.ts';
import { PROGRAM } from '../program-name.ts';
import { REPOSITORY_ROOT } from '../repository-root.ts';
import { versionOf } from '../version.ts';
import { modelFromOptions } from '../world/model-from-options.ts';
import type { RunValues } from './run-options.ts';
import { createTier0Tool } from './tier0-tool.ts';

/** Who takes part, and which model answers for those that have one. */
export interface Contestants {
  readonly tools: readonly ToolUnderTest[];
  readonly model: LanguageModel;
}

/** Everybody who is known: ours, the baselines, the peers, and what the user brings. Who cannot run here says so itself. */
export async function contestantsOf(values: RunValues, variables: Environment['variables']): Promise<Contestants> {
  const live = modelFromOptions({ url: values.model, name: values['model-name'], apiKey: variables.TIER0_MODEL_API_KEY });
  const model = live ?? createTextReader();
  const version = await versionOf();
  const searchPath = variables.PATH ?? '';
  const surroundings = surroundingsOf(variables);
  const files = [...toolFilesOfPackage(), ...(values.tool ?? [])];
  const brought = await Promise.all(files.map((file) => readToolFile(file, surroundings)));
  const tools = [
    createTier0Tool({ version }),
    createTier0Tool({ version, model }),
    createOwnerBaseline(),
    createWarningsBaseline(),
    createDescribeBaseline({ model }),
    ...brought,
    createK8sgptTool({ searchPath }),
    createDotAiTool({ url: values['dot-ai'], token: variables.DOT_AI_AUTH_TOKEN }),
    createHolmesTool({ url: values.holmesgpt }),
    createKubectlAiTool({
      searchPath,
      model: live && { url: values.model ?? '', name: live.model, apiKey: variables.TIER0_MODEL_API_KEY },
    }),
  ];
  return { tools: await onlyNamed(tools, values.only), model };
}

/** What belongs to this machine. */
export function surroundingsOf(variables: Environment['variables']): ToolSurroundings {
  const packageFolders = [
    process.cwd(),
    join(REPOSITORY_ROOT, 'packages/eval/peers'),
    join(REPOSITORY_ROOT, 'packages/eval'),
    REPOSITORY_ROOT,
  ];
  return { searchPath: variables.PATH ?? '', packageFolders, dotAiToken: variables.DOT_AI_AUTH_TOKEN };
}

async function onlyNamed(tools: readonly ToolUnderTest[], only: readonly string[] | undefined): Promise<readonly ToolUnderTest[]> {
  if (only === undefined) return tools;
  const ids = await Promise.all(tools.map(async (tool) => (await tool.describe()).id));
  const unknown = only.find((id) => !ids.includes(id));
  if (unknown === undefined) return tools.filter((_, index) => only.includes(ids[index]!));
  throw new Tier0Error({
    code: 'INVALID_INPUT',
    message: `There is no tool "${unknown}".`,
    hint: `${didYouMean(unknown, ids)}Tools: ${ids.join(', ')}. "${PROGRAM} eval tools" says what each needs.`,
  });
}
