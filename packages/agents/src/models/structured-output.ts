import {
  type CallContext,
  type JsonValue,
  type LanguageModel,
  type ModelFailure,
  type ModelMessage,
  type ModelUsage,
  redact,
} from '@tier0/core';
import { z } from 'zod';
import { collectTurn, textOf } from './collect-turn.ts';

/** What is asked, and what the answer must look like. */
export interface StructuredQuestion<T> {
  readonly model: LanguageModel;
  readonly messages: readonly ModelMessage[];
  readonly schema: z.ZodType<T>;
  readonly maxOutputTokens: number;
  /** How often a wrong answer is sent back with what is wrong. Default 2. */
  readonly repairs?: number | undefined;
}

/** An answer of the asked shape, or why there is none. */
export type StructuredAnswer<T> =
  | { readonly state: 'answered'; readonly value: T; readonly repairs: number; readonly usages: readonly (ModelUsage | undefined)[] }
  | { readonly state: 'refused' }
  | { readonly state: 'unusable'; readonly problems: readonly string[] }
  | { readonly state: 'failed'; readonly failure: ModelFailure };

/** Asks for JSON that satisfies a schema; what does not is sent back with its problems, a bounded number of times. */
export async function askForJson<T>(question: StructuredQuestion<T>, context: CallContext): Promise<StructuredAnswer<T>> {
  const responseSchema = jsonSchemaOf(question.schema);
  const usages: (ModelUsage | undefined)[] = [];
  let messages = question.messages;
  let problems: readonly string[] = [];
  for (let repairs = 0; repairs <= (question.repairs ?? 2); repairs++) {
    const request = { messages, responseSchema, maxOutputTokens: question.maxOutputTokens };
    const turn = await collectTurn(question.model.generate(request, context));
    if (turn.state === 'failed') return turn;
    if (turn.reason === 'refusal') return { state: 'refused' };
    usages.push(turn.usage);
    const read = readAnswer(textOf(turn.message), question.schema);
    if (read.state === 'answered') return { ...read, repairs, usages };
    problems = turn.reason === 'length' ? ['the answer was cut at its limit: answer shorter', ...read.problems] : read.problems;
    messages = [
      ...messages,
      turn.message,
      { role: 'user', content: `That is not what was asked for. ${problems.join('; ')}. Answer with the JSON only.` },
    ];
  }
  return { state: 'unusable', problems };
}

/** The JSON Schema of a zod schema as providers take it: no reference, no unknown keys. */
export function jsonSchemaOf(schema: z.ZodType): JsonValue {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    target: 'draft-2020-12',
    io: 'input',
    reused: 'inline',
    unrepresentable: 'any',
  });
  return rest as JsonValue;
}

type Read<T> = { readonly state: 'answered'; readonly value: T } | { readonly state: 'wrong'; readonly problems: readonly string[] };

function readAnswer<T>(text: string, schema: z.ZodType<T>): Read<T> {
  const json = jsonIn(text);
  if (json === undefined) return { state: 'wrong', problems: ['the answer holds no JSON value'] };
  const parsed = schema.safeParse(json);
  if (parsed.success) return { state: 'answered', value: parsed.data };
  return {
    state: 'wrong',
    problems: parsed.error.issues.slice(0, 8).map((issue) => `${issue.path.join('.') || 'the value'}: ${redact(issue.message)}`),
  };
}

/** The JSON of an answer that may stand between words or in a code fence. */
export function jsonIn(text: string): unknown {
  for (const piece of [text, fenced(text), between(text, '{', '}'), between(text, '[', ']')]) {
    if (piece === undefined) continue;
    try {
      return JSON.parse(piece);
    } catch {
      // The next piece may be the one.
    }
  }
  return undefined;
}

function fenced(text: string): string | undefined {
  const from = text.indexOf('```');
  const to = text.lastIndexOf('```');
  return from === -1 || to <= from ? undefined : text.slice(text.indexOf('\n', from) + 1, to);
}

function between(text: string, open: string, close: string): string | undefined {
  const from = text.indexOf(open);
  const to = text.lastIndexOf(close);
  return from === -1 || to <= from ? undefined : text.slice(from, to + 1);
}
