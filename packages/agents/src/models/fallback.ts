import type { LanguageModel, ModelEvent, ModelFailure, ModelFailureKind } from '@tier0/core';

/** What another model may do better: the server, not the question, stands in the way. */
const HANDED_ON: ReadonlySet<ModelFailureKind> = new Set([
  'overloaded',
  'rate-limit',
  'quota',
  'permission',
  'not-found',
  'malformed',
  'timeout',
  'unreachable',
]);

/**
 * Models of which the first one answers that can: one that fails before it has said anything gives way to the next. What has begun is never
 * mixed with another model's words, and what a model refuses, the others are not asked. The failure told at the end is the first one's.
 */
export function withFallback(models: readonly [LanguageModel, ...LanguageModel[]]): LanguageModel {
  const [first] = models;
  return {
    ...first,
    async *generate(request, context) {
      let firstFailure: ModelFailure | undefined;
      for (const model of models) {
        const failure = yield* untilSaid(model.generate(request, context));
        if (failure === undefined) return;
        firstFailure ??= failure;
        if (context.signal.aborted) break;
      }
      if (firstFailure !== undefined) yield { type: 'error', failure: firstFailure };
    },
  };
}

/** Passes a turn on; gives the failure instead of telling it where nothing was said and another model may be asked. */
async function* untilSaid(events: AsyncIterable<ModelEvent>): AsyncGenerator<ModelEvent, ModelFailure | undefined> {
  let hasSaid = false;
  for await (const event of events) {
    if (event.type === 'error' && !hasSaid && HANDED_ON.has(event.failure.kind)) return event.failure;
    hasSaid ||= event.type !== 'usage';
    yield event;
  }
  return undefined;
}
