import { type Span, type SpanOptions, trace } from '@opentelemetry/api';
import { expect, test } from 'vitest';
import type { RunEntry } from './log/run-entry.ts';
import { emitSpans, spansOf } from './telemetry.ts';

const usage = { inputTokens: 120, cachedTokens: 100, outputTokens: 30 };
const entries: readonly RunEntry[] = [
  { type: 'run-started', at: 1_000, run: 'r', agent: 'investigate@1', instructions: 'i', task: 'why?', policyVersion: '1' },
  {
    type: 'turn-failed',
    at: 1_100,
    model: 'm',
    attempt: 1,
    failure: { kind: 'overloaded', code: 'UNAVAILABLE', message: '', hint: '', retryable: true },
  },
  {
    type: 'turn-taken',
    at: 1_500,
    model: 'm',
    message: { role: 'assistant', parts: [{ type: 'text', text: 'secret words' }] },
    reason: 'tool-calls',
    usage,
    cost: { usd: 1 },
  },
  { type: 'tool-started', at: 1_510, call: '1-0', tool: 'look_at' },
  {
    type: 'tool-finished',
    at: 1_700,
    call: '1-0',
    result: { callId: 'c', name: 'look_at', text: 'secret result', isError: true },
    untrusted: true,
    cites: [],
  },
  { type: 'run-finished', at: 2_000, outcome: 'answered', answer: 'a' },
];

test('spans tell times, usage and failures by the names of the conventions, and no content', () => {
  const spans = spansOf(entries);
  expect(spans.map(({ name, startedAt, endedAt, parent, failed }) => [name, startedAt, endedAt, parent, failed])).toEqual([
    ['invoke_agent investigate@1', 1_000, 2_000, undefined, false],
    ['chat m', 1_000, 1_100, 0, true],
    ['chat m', 1_100, 1_500, 0, false],
    ['execute_tool look_at', 1_510, 1_700, 0, true],
  ]);
  expect(spans[2]?.attributes).toMatchObject({ 'gen_ai.usage.input_tokens': 120, 'gen_ai.usage.cache_read.input_tokens': 100 });
  expect(spans[2]?.attributes).not.toHaveProperty('gen_ai.usage.reasoning.output_tokens');
  expect(JSON.stringify(spans)).not.toContain('secret');
  expect(JSON.stringify(spansOf(entries, { content: true }))).toContain('secret words');
  expect(JSON.stringify(spans)).not.toMatch(/gen_ai\.(system|prompt|completion|usage\.(prompt|completion)_tokens)"/);
});

test('spans reach the tracer of the process with their own times', async () => {
  const seen: (readonly [string, unknown, unknown])[] = [];
  const startSpan = (name: string, options?: SpanOptions) =>
    ({ setStatus: () => undefined, end: (at: unknown) => seen.push([name, options?.startTime, at]) }) as unknown as Span;
  trace.setGlobalTracerProvider({ getTracer: () => ({ startSpan, startActiveSpan: () => undefined }) as never });
  await emitSpans(spansOf(entries));
  expect(seen).toContainEqual(['chat m', 1_100, 1_500]);
  expect(seen).toHaveLength(4);
});
