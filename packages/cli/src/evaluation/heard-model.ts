import type { CallContext, LanguageModel, ModelRequest } from '@tier0/core';
import type { ModelUse } from '@tier0/eval';

/** A model that notes what passes by. */
export interface HeardModel {
  readonly model: LanguageModel;
  /** What was asked of it until now. */
  use(): ModelUse;
}

/** Listens to a model. */
export function heardModel(model: LanguageModel): HeardModel {
  const heard = { calls: 0, inputTokens: 0, outputTokens: 0, sent: '' };
  return {
    model: {
      ...model,
      async *generate(request: ModelRequest, context: CallContext) {
        heard.calls += 1;
        heard.sent += JSON.stringify(request.messages);
        for await (const event of model.generate(request, context)) {
          if (event.type === 'usage') {
            heard.inputTokens += event.usage.inputTokens ?? 0;
            heard.outputTokens += event.usage.outputTokens ?? 0;
          }
          yield event;
        }
      },
    },
    use: () => ({ ...heard }),
  };
}
