import { isTier0Error, type LanguageModel, type ModelEvent, type ModelFailure, type ModelFailureKind } from '@tier0/core';

/** When a model is left alone, and for how long. */
export interface CircuitBreakerOptions {
  /** Failures in a row until it is left alone. Default 5. */
  readonly failures?: number | undefined;
  /** Milliseconds it is left alone; then one call tries it. Default 30,000. */
  readonly openMs?: number | undefined;
}

/** What speaks against the server, and not against the question, the key or the account. */
const COUNTED: ReadonlySet<ModelFailureKind> = new Set(['overloaded', 'malformed', 'timeout', 'unreachable']);

interface Circuit {
  failures: number;
  /** Milliseconds since the epoch; undefined while it is closed. */
  openUntil: number | undefined;
  trying: boolean;
}

/**
 * A model that is left alone after it failed several times in a row, so that every run goes on with its next model at once instead of
 * waiting for this one to fail again. Share one among the runs of a process. It is for models that have a next one: an open circuit is
 * told as a failure that asking again does not mend.
 */
export function withCircuitBreaker(model: LanguageModel, { failures = 5, openMs = 30_000 }: CircuitBreakerOptions = {}): LanguageModel {
  const circuit: Circuit = { failures: 0, openUntil: undefined, trying: false };
  return {
    ...model,
    async *generate(request, context) {
      const isTrial = circuit.openUntil !== undefined;
      if (isTrial && (circuit.trying || context.now() < (circuit.openUntil ?? 0))) {
        yield { type: 'error', failure: leftAlone(model, circuit.failures) };
        return;
      }
      circuit.trying = isTrial;
      let outcome: Outcome = 'nothing';
      try {
        for await (const event of model.generate(request, context)) {
          outcome = outcomeOf(event) ?? outcome;
          yield event;
        }
      } catch (error) {
        outcome = context.signal.aborted && !isTimeout(context.signal.reason) ? 'nothing' : 'failed';
        throw error;
      } finally {
        if (outcome === 'nothing' && isTimeout(context.signal.reason)) outcome = 'failed';
        settle(circuit, outcome, { failures, openUntil: context.now() + openMs });
      }
    },
  };
}

/** `nothing`: somebody stopped listening, which says nothing of the server. */
type Outcome = 'answered' | 'failed' | 'nothing';

function outcomeOf(event: ModelEvent): Outcome | undefined {
  if (event.type === 'finish') return 'answered';
  // A refused key or a question too long is an answer of a server that works.
  if (event.type === 'error') return COUNTED.has(event.failure.kind) ? 'failed' : 'answered';
  return undefined;
}

function settle(
  circuit: Circuit,
  outcome: Outcome,
  { failures, openUntil }: { readonly failures: number; readonly openUntil: number },
): void {
  const wasTrial = circuit.trying;
  circuit.trying = false;
  if (outcome === 'nothing') return;
  if (outcome === 'answered') {
    circuit.failures = 0;
    circuit.openUntil = undefined;
    return;
  }
  circuit.failures += 1;
  if (wasTrial || circuit.failures >= failures) circuit.openUntil = openUntil;
}

function isTimeout(reason: unknown): boolean {
  return isTier0Error(reason) && reason.code === 'TIMEOUT';
}

function leftAlone({ name, model }: LanguageModel, failures: number): ModelFailure {
  return {
    kind: 'overloaded',
    code: 'UNAVAILABLE',
    message: `The model "${model}" of ${name} failed ${failures} times in a row and is left alone for a while.`,
    hint: 'Name a fallback model, or look whether the server is up.',
    retryable: false,
  };
}
