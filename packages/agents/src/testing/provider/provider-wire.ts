import type { SceneTurn } from '@tier0/core/testing';
import type { z } from 'zod';

/** A turn that is answered, not refused. */
export type AnsweredTurn = Extract<SceneTurn, { parts: unknown }>;
/** A turn that is refused before it begins. */
export type RefusedTurn = Exclude<SceneTurn, AnsweredTurn>;

/** One server-sent event. */
export interface WireEvent {
  readonly event?: string | undefined;
  readonly data: unknown;
}

/** How one provider is spoken to and answers, as strictly as the provider itself. */
export interface ProviderWire {
  readonly name: string;
  /** The one path that exists, query included. */
  readonly path: RegExp;
  /** Header that carries the key. */
  readonly keyHeader: string;
  /** Knows every field; an unknown one is refused. */
  readonly request: z.ZodType;
  /** Signatures found in a request where they belong, in order. */
  readonly signatures: (body: unknown) => readonly string[];
  /** Why the conversation is not one the provider would take, e.g. a call without its result. */
  readonly problem: (body: unknown) => string | undefined;
  /** The events of one turn, its text cut into pieces. */
  readonly answer: (turn: AnsweredTurn, pieces: Pieces) => readonly WireEvent[];
  /** The event that ends a stream in the middle with an error. */
  readonly errorEvent: () => WireEvent;
  /** The body and status of a request that the provider refuses. */
  readonly refusal: (turn: RefusedTurn) => {
    readonly status: number;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body: unknown;
  };
  /** What stands at the end of a stream beside the events. */
  readonly lastLine?: string | undefined;
}

/** Cuts text into the pieces that go into events of their own. */
export type Pieces = (text: string) => readonly string[];

/** One piece a code point: no text can be cut finer without ceasing to be text. */
export const finestPieces: Pieces = (text) => [...text];

/** The text in one piece. */
export const wholePieces: Pieces = (text) => [text];
