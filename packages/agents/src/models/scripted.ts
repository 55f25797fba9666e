import { type LanguageModel, type ModelEvent, type ModelRequest, Tier0Error } from '@tier0/core';

/** What a scripted model does when it is asked: say a text, send events, or work them out from the request. */
export type ScriptedReply = string | readonly ModelEvent[] | ((request: ModelRequest) => string | readonly ModelEvent[]);

/** What the model will say. */
export interface ScriptedModelOptions {
  /** One for each call, in order; a call beyond them fails. */
  readonly replies: readonly ScriptedReply[];
  /** Default `scripted`. */
  readonly model?: string | undefined;
}

/** A model that follows a script: for tests, examples and evaluations without a provider. */
export function createScriptedModel(options: ScriptedModelOptions): LanguageModel {
  let calls = 0;
  return {
    name: 'scripted',
    model: options.model ?? 'scripted',
    async *generate(request, { signal }) {
      signal.throwIfAborted();
      const reply = options.replies[calls++];
      if (reply === undefined) {
        throw new Tier0Error({
          code: 'UNAVAILABLE',
          message: `The script has ${options.replies.length} replies, and was asked for number ${calls}.`,
          hint: 'Add a reply to the script.',
          retryable: false,
        });
      }
      yield* toEvents(typeof reply === 'function' ? reply(request) : reply);
    },
  };
}

function toEvents(reply: string | readonly ModelEvent[]): readonly ModelEvent[] {
  if (typeof reply !== 'string') return reply;
  const words = reply.split(/\s+/).length;
  return [
    { type: 'text', text: reply },
    { type: 'done', reason: 'stop', inputTokens: 0, outputTokens: words },
  ];
}
