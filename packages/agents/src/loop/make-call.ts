import { isTier0Error, type ModelToolCall, redact } from '@tier0/core';
import type { ArtifactStore } from './context/artifact-store.ts';
import { excerptOf } from './context/excerpt.ts';
import type { AnyTool, ToolAnswer, ToolContext } from './guard/tool.ts';
import { markUntrusted } from './guard/untrusted.ts';
import type { RunLimits } from './limits.ts';
import type { CallKey, RunEntry } from './log/run-entry.ts';
import type { RunContext } from './run-context.ts';
import { withinLimit } from './within-limit.ts';

type Finished = Extract<RunEntry, { type: 'tool-finished' }>;

/** A call that may be made. */
export interface AllowedCall {
  readonly key: CallKey;
  readonly call: ModelToolCall;
  readonly tool: AnyTool;
  readonly input: unknown;
  /** It was started before and has no result: what became of it must be found out first. */
  readonly interrupted: boolean;
}

export interface CallSurroundings {
  readonly run: string;
  readonly task: string;
  readonly limits: RunLimits;
  readonly artifacts: ArtifactStore;
  readonly context: RunContext;
}

/** Makes a call and says what came of it, as a log entry. Only an abort by the caller is thrown. */
export async function makeCall(allowed: AllowedCall, around: CallSurroundings): Promise<Finished> {
  const { tool, call } = allowed;
  const answer = await answerOf(allowed, around);
  const untrusted = tool.untrusted ?? true;
  const text = redact(answer.text);
  const shown = await shorten(text, allowed.key, around);
  return {
    type: 'tool-finished',
    at: around.context.now(),
    call: allowed.key,
    untrusted,
    cites: answer.cites ?? [],
    ...(shown.artifact === undefined ? {} : { artifact: shown.artifact }),
    result: {
      callId: call.id,
      name: tool.name,
      text: untrusted ? markUntrusted(shown.text, tool.name) : shown.text,
      ...(answer.isError ? { isError: true } : {}),
    },
  };
}

async function answerOf({ key, tool, input, interrupted }: AllowedCall, around: CallSurroundings): Promise<ToolAnswer> {
  const { context, limits, run } = around;
  const limitMs = Math.min(tool.timeoutMs ?? limits.toolMs, limits.toolMs);
  try {
    return await withinLimit(limitMs, context.signal, async (signal) => {
      const toolContext: ToolContext = { signal, now: context.now, run, call: key, idempotencyKey: `${run}:${key}` };
      return (interrupted && tool.risk !== 'read' ? await recovered(tool, input, toolContext) : undefined) ?? tool.run(input, toolContext);
    });
  } catch (error) {
    context.signal.throwIfAborted();
    return { text: `The tool ${tool.name} failed: ${reasonOf(error)}`, isError: true };
  }
}

/** An effect is done once. Where nobody can tell whether it was, it is not done again and the model hears that. */
async function recovered(tool: AnyTool, input: unknown, context: ToolContext): Promise<ToolAnswer | undefined> {
  if (tool.recover) return tool.recover(input, context);
  return { text: 'The call was interrupted and its outcome is unknown; it is not repeated. A person has to look.', isError: true };
}

/** Our own errors are written for readers; others may repeat what they were given. */
function reasonOf(error: unknown): string {
  if (isTier0Error(error)) return redact(`${error.message} ${error.hint}`);
  return error instanceof Error && error.name !== 'Error' ? error.name : 'an unexpected error';
}

async function shorten(text: string, key: CallKey, { limits, artifacts, run, task }: CallSurroundings) {
  if (text.length <= limits.resultCharacters) return { text };
  const artifact = `artifact-${key}`;
  await artifacts.put(run, artifact, text);
  const words = task
    .split(/[^\w.-]+/)
    .filter((word) => word.length >= 5)
    .slice(0, 20);
  return { artifact, text: excerptOf(text, { artifact, limit: limits.resultCharacters, words }) };
}
