import type { z } from 'zod';
import type { Duty } from '../duty/duty.ts';
import type { Caller, Scope } from './callers.ts';

/** What a route is given. */
export interface RouteInput<Query, Body> {
  readonly duty: Duty;
  readonly caller: Caller;
  /** Parts of the path, decoded. */
  readonly path: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly body: Body;
  readonly signal: AbortSignal;
  /** `Last-Event-ID` of a client that was cut off. */
  readonly lastEventId: number;
}

/** One operation of the API. The document that describes the API is made from these. */
export interface Route<Query = unknown, Body = unknown> {
  readonly method: 'get' | 'post' | 'delete';
  /** With `{parts}`. */
  readonly path: string;
  readonly summary: string;
  readonly scope: Scope;
  readonly query?: z.ZodType<Query> | undefined;
  readonly body?: z.ZodType<Body> | undefined;
  /** Shape of the answer; absent for a stream of events. */
  readonly answer?: z.ZodType | undefined;
  /** The answer, as JSON; or a stream. Throws Tier0Error. */
  handle(input: RouteInput<Query, Body>): Promise<object>;
}

/** Fits a route into a list of routes: what it asks for was parsed by its own schemas. */
export function route<Query, Body>(definition: Route<Query, Body>): Route {
  return definition as unknown as Route;
}
