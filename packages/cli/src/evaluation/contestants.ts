import { join } from 'node:path';
import { Tier0Error } from '@tier0/core';
import {
  createDescribeBaseline,
  createDotAiTool,
  createHolmesTool,
  createK8sgptTool,
  createKubectlAiTool,
  createOwnerBaseline,
  createWarningsBaseline,
  readToolsOfFile,
  type ToolSurroundings,
  type ToolUnderTest,
  toolFilesOfPackage,
} from '@tier0/eval';
import { didYouMean } from '../commands/did-you-mean.ts';
import type { Environment } from '../environment.ts';
import { PROGRAM } from '../program-name.ts';
import { REPOSITORY_ROOT } from '../repository-root.ts';
import { versionOf } from '../version.ts';
import { type ModelMode, modelModeOf } from './model-mode.ts';
import type { RunValues } from './run-options.ts';
import { createTier0Tool } from './tier0-tool.ts';
import { createToolLoop } from './tool-loop.ts';

/** Who takes part, and which model answers for those that have one. */
export interface Contestants {
  readonly tools: readonly ToolUnderTest[];
  readonly mode: ModelMode;
}

/** Everybody who is known: ours, the baselines, the peers, and what the user brings. Who cannot run here says so itself. */
export async function contestantsOf(values: RunValues, variables: Environment['variables']): Promise<Contestants> {
  const mode = await modelModeOf(values, variables);
  const { model } = mode;
  // The scripted model reads what it is shown and calls nothing: it cannot use tools.
  const real = mode.mode === 'scripted' ? undefined : model;
  const version = await versionOf();
  const searchPath = variables.PATH ?? '';
  const surroundings = { ...surroundingsOf(variables), loop: real && createToolLoop(real) };
  const files = [...toolFilesOfPackage(), ...(values.tool ?? [])];
  const brought = (await Promise.all(files.map((file) => readToolsOfFile(file, surroundings)))).flat();
  const tools = [
    createTier0Tool({ version }),
    createTier0Tool({ version, model }),
    createOwnerBaseline(),
    createWarningsBaseline(),
    createDescribeBaseline({ model }),
    ...brought,
    createK8sgptTool({ searchPath }),
    createK8sgptTool({ searchPath, model }),
    createDotAiTool({ url: values['dot-ai'], token: variables.DOT_AI_AUTH_TOKEN }),
    createHolmesTool({ url: values.holmesgpt }),
    createKubectlAiTool({ searchPath, model: real }),
  ];
  return { tools: await onlyNamed(tools, values.only), mode };
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
