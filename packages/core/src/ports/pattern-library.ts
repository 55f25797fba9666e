import type { Cause } from '../model/cause.ts';
import type { Pattern, PatternOccurrence } from '../model/pattern.ts';
import type { Adapter, CallContext } from './adapter.ts';

/** What is known about a case when the library is asked. */
export interface PatternQuery {
  readonly cause?: Cause | undefined;
  /** Software name to version, read from image and labels: `{ paykit: '3.2.4' }`. */
  readonly software: Readonly<Record<string, string>>;
  /** Free text: alert summary, finding messages. */
  readonly text: string;
}

/** A pattern that fits what is observed, and how well. */
export interface PatternMatch {
  readonly pattern: Pattern;
  /** 0 to 1, higher is closer. */
  readonly score: number;
  /** Why it matched, one line each. */
  readonly reasons: readonly string[];
}

/** Known causes and remedies with their track record. */
export interface PatternLibrary extends Adapter {
  /** Best first. A pattern whose software or versions do not fit is never returned. */
  search(query: PatternQuery, context: CallContext): Promise<readonly PatternMatch[]>;
  /** The pattern of that id; undefined where there is none. */
  get(id: string, context: CallContext): Promise<Pattern | undefined>;
  /** Adds an occurrence. Recording the same incident again changes nothing. Throws NOT_FOUND for an unknown pattern. */
  record(id: string, occurrence: PatternOccurrence, context: CallContext): Promise<Pattern>;
  /** Takes in a pattern that was founded on an incident or a fix. Throws CONFLICT where its id is taken. */
  add?(pattern: Pattern, context: CallContext): Promise<void>;
  /** Every pattern there is. */
  list?(context: CallContext): Promise<readonly Pattern[]>;
}
