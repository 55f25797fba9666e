import { type LanguageModel, type ModelEvent, type ModelFailure, Tier0Error } from '@tier0/core';
import { kindOfStatus, modelFailure, retryAfterOf } from './failure.ts';
import { redactRequest } from './redact-request.ts';
import { type ChunkReader, ProviderRefusal, type Transport, UnreadableAnswer, type Wire } from './wire.ts';

export interface WireModelOptions {
  readonly name: string;
  readonly model: string;
  /** Named in failures. */
  readonly host: string;
  readonly wire: Wire;
  readonly transport: Transport;
  /** Milliseconds one answer may take in all. Default 120,000. */
  readonly timeoutMs?: number | undefined;
}

const made = new WeakMap<LanguageModel, WireModelOptions>();

/** What a model was made of. Throws UNSUPPORTED for one that speaks no wire. */
export function wireModelOptions(model: LanguageModel): WireModelOptions {
  const options = made.get(model);
  if (options) return options;
  throw new Tier0Error({
    code: 'UNSUPPORTED',
    message: `The model "${model.model}" (${model.name}) speaks no wire that could be recorded.`,
    hint: 'Record a model of a provider: anthropic, google, openai-chat or openai-responses.',
  });
}

/** A model from a wire and something that carries it. */
export function createWireModel(options: WireModelOptions): LanguageModel {
  const model = wireModel(options);
  made.set(model, options);
  return model;
}

function wireModel(options: WireModelOptions): LanguageModel {
  return {
    name: options.name,
    model: options.model,
    async *generate(request, { signal, now }) {
      signal.throwIfAborted();
      const limit = AbortSignal.timeout(options.timeoutMs ?? 120_000);
      const bounded = AbortSignal.any([signal, limit]);
      const body = options.wire.body(redactRequest(request), options.model);
      try {
        for await (const event of answer(options.wire.reader(request), options.transport(body, bounded))) {
          signal.throwIfAborted();
          yield event;
        }
      } catch (error) {
        signal.throwIfAborted();
        yield { type: 'error', failure: limit.aborted ? modelFailure('timeout', options) : toFailure(options, error, now()) };
      }
    },
  };
}

async function* answer(reader: ChunkReader, chunks: AsyncIterable<unknown>): AsyncGenerator<ModelEvent> {
  for await (const chunk of chunks) yield* reader.read(chunk);
  const last = reader.end();
  if (last.length === 0) throw new Error('the stream ended before the answer was finished');
  yield* last;
}

function toFailure(options: WireModelOptions, error: unknown, nowMs: number): ModelFailure {
  if (error instanceof UnreadableAnswer || error instanceof SyntaxError) return modelFailure('malformed', options);
  if (!(error instanceof ProviderRefusal)) return modelFailure('unreachable', options);
  const { facts } = error;
  const kind = options.wire.refusalKind(facts) ?? kindOfStatus(facts.status);
  const retryAfterMs = retryAfterOf(facts.headers, nowMs) ?? options.wire.retryAfterMs?.(facts.body);
  return modelFailure(kind, { ...options, status: facts.status, retryAfterMs });
}
