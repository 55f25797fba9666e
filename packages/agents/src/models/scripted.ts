import { type LanguageModel, type ModelEvent, type ModelFailure, type ModelRequest, type ModelToolCall, Tier0Error } from '@tier0/core';

/** One answer of a script: words, calls, a failure, or the events themselves. */
export type ScriptedAnswer =
  | string
  | { readonly text?: string | undefined; readonly calls?: readonly ModelToolCall[] | undefined }
  | { readonly failure: ModelFailure }
  | readonly ModelEvent[];

/** What a scripted model does when it is asked: give an answer, or work one out from the request. */
export type ScriptedReply = ScriptedAnswer | ((request: ModelRequest) => ScriptedAnswer);

/** What the model will say. */
export interface ScriptedModelOptions {
  /** One for each call, in order; a call beyond them fails. Or a policy that is asked every time. */
  readonly replies: readonly ScriptedReply[] | ((request: ModelRequest) => ScriptedAnswer);
  /** Default `scripted`. */
  readonly model?: string | undefined;
}

/** A model that follows a script: for tests, examples and evaluations without a provider. */
export function createScriptedModel({ replies, model = 'scripted' }: ScriptedModelOptions): LanguageModel {
  let calls = 0;
  const nextReply = () => (typeof replies === 'function' ? replies : replies[calls++]);
  return {
    name: 'scripted',
    model,
    async *generate(request, { signal }) {
      signal.throwIfAborted();
      const reply = nextReply();
      if (reply === undefined) throw scriptEnded(calls);
      for (const event of toEvents(typeof reply === 'function' ? reply(request) : reply)) {
        yield event;
        signal.throwIfAborted();
      }
    },
  };
}

function scriptEnded(calls: number): Tier0Error {
  return new Tier0Error({
    code: 'UNAVAILABLE',
    message: `The script has ${calls - 1} replies, and was asked for number ${calls}.`,
    hint: 'Add a reply to the script.',
    retryable: false,
  });
}

function toEvents(answer: ScriptedAnswer): readonly ModelEvent[] {
  if (typeof answer === 'string') return toEvents({ text: answer });
  if (isEvents(answer)) return answer;
  if ('failure' in answer) return [{ type: 'error', failure: answer.failure }];
  const { text = '', calls = [] } = answer;
  return [
    ...(text === '' ? [] : [{ type: 'text' as const, text }]),
    ...calls.map((call) => ({ type: 'tool-call' as const, call })),
    { type: 'usage', usage: { inputTokens: 0, outputTokens: Math.ceil(text.length / 4) } },
    { type: 'finish', reason: calls.length > 0 ? 'tool-calls' : 'stop' },
  ];
}

function isEvents(answer: ScriptedAnswer): answer is readonly ModelEvent[] {
  return Array.isArray(answer);
}
