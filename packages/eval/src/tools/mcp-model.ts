import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CallContext, Tier0Error, toTier0Error } from '@tier0/core';
import { QUESTION } from './command.ts';
import { type McpServer, type McpSession, openMcpSession } from './mcp-session.ts';
import { MODEL_RULES, readModelAnswer } from './model-question.ts';
import { withRawOutput } from './raw-output.ts';
import type { LoopTool, ToolLoop } from './tool-loop.ts';
import type { DiagnosisAnswer, ScenarioAccess, ToolAvailability, ToolDescription, ToolUnderTest } from './tool-under-test.ts';

/** Which server, and the loop that drives it. */
export interface McpModelOptions {
  readonly description: Omit<ToolDescription, 'kind' | 'asked' | 'model'>;
  /** Whether the server can be started here. */
  readonly availability: () => Promise<ToolAvailability>;
  /** The server for a home folder, with the kubeconfig of the trial in it. */
  readonly serverIn: (place: { readonly home: string; readonly kubeconfig: string }) => McpServer;
  readonly loop: ToolLoop;
}

/**
 * Any MCP server, driven by a model in the loop that drives every set of tools: it is asked for the root cause like everybody else. All that the server
 * offers may be called; what that did to the cluster is read from the log of its API.
 */
export function createMcpModelTool({ description, availability, serverIn, loop }: McpModelOptions): ToolUnderTest {
  return {
    describe: () => ({
      ...description,
      kind: 'peer',
      asked: 'root-cause',
      model: loop.model,
      repeats: loop.isScripted ? 1 : description.repeats,
    }),
    availability,
    async diagnose(access, context) {
      const home = await mkdtemp(join(tmpdir(), 'tier0-mcp-'));
      try {
        const kubeconfig = join(home, 'kubeconfig');
        await writeFile(kubeconfig, access.kubeconfig, { mode: 0o600 });
        const session = await openMcpSession(serverIn({ home, kubeconfig }), context.signal);
        return await ask(session, loop, { access, context }).finally(() => session.close().catch((error) => toTier0Error(error)));
      } finally {
        await rm(home, { recursive: true, force: true });
      }
    },
  };
}

interface Trial {
  readonly access: ScenarioAccess;
  readonly context: CallContext;
}

async function ask(session: McpSession, loop: ToolLoop, { access, context }: Trial): Promise<DiagnosisAnswer> {
  const lines: string[] = [`> tools/list\n${session.tools.map(({ name }) => name).join(' ')}`];
  const tools = session.tools.map(
    ({ name, description, parameters }): LoopTool => ({
      name,
      description,
      parameters,
      async call(input, signal) {
        const answer = await session.call(name, input, signal);
        lines.push(`> ${name} ${JSON.stringify(input)}\n${answer.text.slice(0, SHOWN)}`);
        return answer;
      },
    }),
  );
  const where = access.namespaces === undefined ? '' : ` Look at these namespaces only: ${access.namespaces.join(', ')}.`;
  const instructions = ['Use the tools to look at a Kubernetes cluster.', MODEL_RULES].join('\n');
  const { answer, gaveUp, use } = await loop.run({ instructions, question: `${QUESTION}${where}`, tools }, context);
  const raw = [`> answer\n${answer}`, ...lines].join('\n\n');
  const rootCauses = gaveUp === undefined ? readModelAnswer(answer) : undefined;
  if (rootCauses === undefined) throw withRawOutput(noAnswer(gaveUp), raw);
  return { rootCauses, findings: rootCauses.length, modelUse: use, raw };
}

const SHOWN = 2_000;

function noAnswer(gaveUp: string | undefined): Tier0Error {
  return new Tier0Error({
    code: 'MALFORMED_RESPONSE',
    message: `The model with these tools gave no answer: ${gaveUp ?? 'its last words are not the JSON that was asked for'}.`,
    hint: 'Its calls and words are in the log of the run; a model that follows instructions better may do.',
  });
}
