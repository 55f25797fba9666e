import { createOpenAiChatModel } from '@tier0/agents';
import { withCircuitBreaker, withFallback } from '@tier0/agents/models';
import type { LanguageModel } from '@tier0/core';

export interface ModelOptions {
  /** Base URL of an OpenAI-compatible API, e.g. `http://127.0.0.1:11434/v1`. */
  readonly url?: string | undefined;
  /** Model id. Default `default`. */
  readonly name?: string | undefined;
  readonly apiKey?: string | undefined;
  /** Asked where the first one cannot answer. */
  readonly fallback?: Omit<ModelOptions, 'fallback'> | undefined;
}

/** The language model the options name; undefined when none was asked for, and the loop goes on without. */
export function modelFromOptions(options: ModelOptions): LanguageModel | undefined {
  if (!options.url) return undefined;
  const model = createOpenAiChatModel({ baseUrl: options.url, model: options.name ?? 'default', apiKey: options.apiKey });
  const next = options.fallback && modelFromOptions(options.fallback);
  // A server that is down is not waited for in every incident.
  return next === undefined ? model : withFallback([withCircuitBreaker(model), next]);
}
