import type { IncomingHttpHeaders } from 'node:http';
import type { z } from 'zod';
import type { Refusal, ServerAccount, World, WorldEvent } from './world.ts';

/** What a route answers. A `list` is cut into pages by the frame. */
export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly list?: readonly unknown[];
}

/** One request, checked against its route. */
export interface Call {
  readonly world: World;
  /** The pull requests that this call sees in lists: a stale one sees what was there before the last write. */
  readonly visible: World['pulls'];
  readonly account: ServerAccount;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  // biome-ignore lint/suspicious/noExplicitAny: each route's schema has said what it is
  readonly body: any;
  readonly origin: string;
}

/** One endpoint as the forge documents it. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With `:name` for one part, and `*name` for the rest. */
  readonly path: string;
  /** Query parameters it knows, besides those of pages. */
  readonly query?: readonly string[];
  /** Body it takes; unknown fields are refused. */
  readonly body?: z.ZodType;
  handle(call: Call): Answer | Promise<Answer>;
}

/** How one kind of forge speaks: its endpoints, its refusals, its headers. */
export interface Dialect {
  readonly name: 'github' | 'gitlab' | 'gitea';
  /** Path before every endpoint. */
  readonly prefix: string;
  readonly routes: readonly Route[];
  readonly pages: { readonly size: string; readonly standard: number; readonly most: number };
  /** Whether reads carry an ETag and answer 304. */
  readonly etags: boolean;
  tokenOf(headers: IncomingHttpHeaders): string | undefined;
  /** What is wrong with the headers; undefined: nothing. */
  headerFlaw(headers: IncomingHttpHeaders): Answer | undefined;
  unauthorized(): Answer;
  forbidden(): Answer;
  notFound(): Answer;
  /** A body or query that the documented schema does not have. */
  invalid(message: string): Answer;
  refuse(refusal: Refusal): Answer;
  rateLimited(resetAtMs: number): { readonly answer: Answer; readonly headers: Readonly<Record<string, string>> };
  /** Headers and body of a webhook. */
  webhook(
    event: WorldEvent,
    secret: string,
    world: World,
    origin: string,
  ): { readonly headers: Readonly<Record<string, string>>; readonly body: string };
}
