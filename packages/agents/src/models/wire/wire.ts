import type { JsonValue, ModelEvent, ModelFailureKind, ModelRequest } from '@tier0/core';

export type JsonObject = { readonly [key: string]: JsonValue };

/** Reads the chunks of one answer. It is told when the stream is over and then says what is still to say. */
export interface ChunkReader {
  /** Throws `ProviderRefusal` for a chunk that reports an error. */
  read(chunk: unknown): readonly ModelEvent[];
  /** The last events, with `finish` at the end; empty when the answer is not finished. */
  end(): readonly ModelEvent[];
}

/** One wire format: how a question is written and an answer read. Knows nothing of connections. */
export interface Wire {
  readonly name: string;
  readonly body: (request: ModelRequest, model: string) => JsonObject;
  readonly reader: (request: ModelRequest) => ChunkReader;
  /** What an error body means, where its status alone does not tell. */
  readonly refusalKind: (refusal: RefusalFacts) => ModelFailureKind | undefined;
  /** Milliseconds to wait that the body asks for. */
  readonly retryAfterMs?: ((body: unknown) => number | undefined) | undefined;
}

/** What a provider said when it did not answer. */
export interface RefusalFacts {
  /** HTTP status; absent for an error inside a stream. */
  readonly status?: number | undefined;
  readonly headers?: Headers | undefined;
  readonly body: unknown;
}

/** How many calls a conversation holds: ids that an adapter makes up count on from there, so that they are unique and repeat in a replay. */
export function callsBefore({ messages }: ModelRequest): number {
  return messages.reduce((sum, message) => {
    return message.role === 'assistant' ? sum + message.parts.filter((part) => part.type === 'tool-call').length : sum;
  }, 0);
}

/** Carries a question to a provider and its answer back, as parsed chunks. */
export type Transport = (body: JsonObject, signal: AbortSignal) => AsyncIterable<unknown>;

/** The provider did not answer, or stopped to. Internal: a model turns it into an `error` event. */
export class ProviderRefusal extends Error {
  readonly facts: RefusalFacts;

  constructor(facts: RefusalFacts) {
    super('the provider refused');
    this.facts = facts;
  }
}

/** The provider answered what cannot be read. */
export class UnreadableAnswer extends Error {}
