import { Tier0Error } from '@tier0/core';
import type { RunEntry } from './log/run-entry.ts';

/** A span as OpenTelemetry has them, with the names of its conventions for generative AI. Times in milliseconds since the epoch. */
export interface RunSpan {
  readonly name: string;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly attributes: Readonly<Record<string, string | number | readonly string[]>>;
  readonly failed: boolean;
  /** Place of the parent in the list; undefined for the first. */
  readonly parent?: number | undefined;
}

/** What is put into spans. */
export interface TelemetryOptions {
  /** What was asked and said goes into spans too. Default false: it may be confidential. */
  readonly content?: boolean | undefined;
}

/**
 * The spans of a run, told by its log: invoke_agent, and below it chat and execute_tool. Made after the fact, so that a run costs nothing
 * more for being watched, and a run that went over a crash has all of them.
 */
export function spansOf(entries: readonly RunEntry[], { content = false }: TelemetryOptions = {}): readonly RunSpan[] {
  const [first] = entries;
  if (first?.type !== 'run-started') return [];
  const last = entries.at(-1) as RunEntry;
  const failed = last.type === 'run-finished' && last.outcome !== 'answered';
  const attributes = { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': first.agent, 'gen_ai.conversation.id': first.run };
  const root: RunSpan = { name: `invoke_agent ${first.agent}`, startedAt: first.at, endedAt: last.at, attributes, failed };
  const started = new Map(entries.flatMap((entry) => (entry.type === 'tool-started' ? [[entry.call, entry] as const] : [])));
  const below = entries.flatMap((entry, index): RunSpan[] => {
    const before = entries[index - 1]?.at ?? entry.at;
    if (entry.type === 'turn-taken') return [chatSpan(entry, before, content)];
    if (entry.type === 'turn-failed') return [failedChatSpan(entry, before)];
    return entry.type === 'tool-finished' ? [toolSpan(entry, started.get(entry.call)?.at ?? entry.at, content)] : [];
  });
  return [root, ...below.map((span) => ({ ...span, parent: 0 }))];
}

type Entry<T extends RunEntry['type']> = Extract<RunEntry, { type: T }>;

function chatSpan({ model, usage, reason, message, at }: Entry<'turn-taken'>, startedAt: number, content: boolean): RunSpan {
  const counts = {
    'gen_ai.usage.input_tokens': usage?.inputTokens,
    'gen_ai.usage.output_tokens': usage?.outputTokens,
    'gen_ai.usage.cache_read.input_tokens': usage?.cachedTokens,
    'gen_ai.usage.cache_creation.input_tokens': usage?.cacheWriteTokens,
    'gen_ai.usage.reasoning.output_tokens': usage?.reasoningTokens,
  };
  const known = Object.fromEntries(Object.entries(counts).filter((count): count is [string, number] => count[1] !== undefined));
  const said: Record<string, string> = content ? { 'gen_ai.output.messages': JSON.stringify(message.parts) } : {};
  const attributes = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.request.model': model,
    'gen_ai.response.finish_reasons': [reason],
    ...known,
    ...said,
  };
  return { name: `chat ${model}`, startedAt, endedAt: at, attributes, failed: false };
}

function failedChatSpan({ model, failure, at }: Entry<'turn-failed'>, startedAt: number): RunSpan {
  const attributes = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': model, 'error.type': failure.kind };
  return { name: `chat ${model}`, startedAt, endedAt: at, attributes, failed: true };
}

function toolSpan({ result, at }: Entry<'tool-finished'>, startedAt: number, content: boolean): RunSpan {
  const failed = result.isError === true;
  const attributes = {
    'gen_ai.operation.name': 'execute_tool',
    'gen_ai.tool.name': result.name,
    'gen_ai.tool.call.id': result.callId,
    'gen_ai.tool.type': 'function',
    ...(failed ? { 'error.type': 'tool_error' } : {}),
    ...(content ? { 'gen_ai.tool.call.result': result.text } : {}),
  };
  return { name: `execute_tool ${result.name}`, startedAt, endedAt: at, attributes, failed };
}

/** Hands spans to the tracer that the process has set up. Throws MISSING_DEPENDENCY without `@opentelemetry/api`. */
export async function emitSpans(spans: readonly RunSpan[]): Promise<void> {
  const { context, SpanKind, SpanStatusCode, trace } = await api();
  const tracer = trace.getTracer('tier0');
  const made: ReturnType<typeof tracer.startSpan>[] = [];
  for (const { name, startedAt, attributes, failed, parent } of spans) {
    const above = parent === undefined ? undefined : made[parent];
    const kind = name.startsWith('chat') ? SpanKind.CLIENT : SpanKind.INTERNAL;
    const options = { startTime: startedAt, kind, attributes: attributes as Record<string, string> };
    const span = tracer.startSpan(name, options, above ? trace.setSpan(context.active(), above) : context.active());
    if (failed) span.setStatus({ code: SpanStatusCode.ERROR });
    made.push(span);
  }
  for (const [index, span] of made.entries()) span.end(spans[index]?.endedAt);
}

async function api(): Promise<typeof import('@opentelemetry/api')> {
  try {
    return await import('@opentelemetry/api');
  } catch (cause) {
    throw new Tier0Error({
      code: 'MISSING_DEPENDENCY',
      message: 'The package "@opentelemetry/api" is needed to emit spans and is not installed.',
      hint: 'Install it with an OpenTelemetry SDK of your choice, or use spansOf alone.',
      cause,
    });
  }
}
