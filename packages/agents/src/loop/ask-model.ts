import type { LanguageModel, ModelFailure, ModelRequest } from '@tier0/core';
import { isTier0Error, Tier0Error } from '@tier0/core';
import { collectTurn, type ModelTurn } from '../models/collect-turn.ts';
import { modelFailure } from '../models/wire/failure.ts';
import type { RunLimits } from './limits.ts';
import type { RunContext } from './run-context.ts';
import { withinLimit } from './within-limit.ts';

/** One attempt at one turn, within the limits of time. Whatever goes wrong is a failure, save an abort by the caller. */
export async function attemptTurn(model: LanguageModel, request: ModelRequest, { limits, leftMs, context }: Attempt): Promise<ModelTurn> {
  try {
    return await withinLimit(Math.min(limits.turnMs, leftMs), context.signal, (signal) =>
      hear(model, request, { limits, context, signal }),
    );
  } catch (error) {
    context.signal.throwIfAborted();
    return { state: 'failed', failure: failureOf(model, error) };
  }
}

export interface Attempt {
  readonly limits: RunLimits;
  /** Milliseconds left for the whole run. */
  readonly leftMs: number;
  readonly context: RunContext;
}

/** Why a stream is left that nobody reads any more; made once, because an error is dear. */
const TURN_OVER = new Error('the turn is over');

/** Why a stream is left that has gone quiet: an adapter, or who stands around it, can tell it from an end that was wanted. */
const SILENT = new Tier0Error({ code: 'TIMEOUT', message: 'The model has gone quiet.', hint: 'Allow more time, or use a faster model.' });

interface Hearing {
  readonly limits: RunLimits;
  readonly context: RunContext;
  readonly signal: AbortSignal;
}

/** Ends a stream in which nothing comes any more. One timer a turn: it looks at the time of the last piece. */
async function hear(model: LanguageModel, request: ModelRequest, { limits, context, signal }: Hearing): Promise<ModelTurn> {
  const silence = new AbortController();
  let heardAt = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const quiet = new Promise<ModelTurn>((resolve) => {
    const look = () => {
      const left = limits.chunkMs - (performance.now() - heardAt);
      if (left > 0) timer = setTimeout(look, left);
      else {
        resolve({ state: 'failed', failure: modelFailure('timeout', { host: model.name, model: model.model }) });
        silence.abort(SILENT);
      }
    };
    timer = setTimeout(look, limits.chunkMs);
  });
  const stop = () => silence.abort(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  try {
    const stream = model.generate(request, { signal: silence.signal, now: context.now });
    const turn = collectTurn(stream, (event) => {
      heardAt = performance.now();
      context.heard?.(event);
    });
    turn.catch(() => undefined);
    return await Promise.race([turn, quiet]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
    silence.abort(TURN_OVER);
  }
}

function failureOf(model: LanguageModel, error: unknown): ModelFailure {
  const facts = { host: model.name, model: model.model };
  if (!isTier0Error(error)) return modelFailure('malformed', facts);
  if (error.code === 'TIMEOUT') return modelFailure('timeout', facts);
  const { code, message, hint, retryable } = error;
  return { kind: 'unreachable', code, message, hint, retryable };
}
