import { createHash, timingSafeEqual } from 'node:crypto';

/** What a caller may do: look, or also ask for changes. */
export type McpScope = 'read' | 'propose';

/** Who is speaking, as far as the token tells. */
export interface McpCaller {
  readonly name: string;
  readonly scopes: readonly McpScope[];
  /** Who this is to the Kubernetes API server, for those who bound answers by what that subject may read. */
  readonly kubernetes?: { readonly user: string; readonly groups?: readonly string[] | undefined } | undefined;
}

/** A token and whom it stands for. */
export interface McpToken extends McpCaller {
  /** At least 32 characters. */
  readonly token: string;
}

/** The caller of an Authorization header; undefined when no token fits. Every token is compared, and in the same time. */
export function callerOf(header: string | undefined, tokens: readonly McpToken[]): McpCaller | undefined {
  const given = digest(/^Bearer (\S+)$/i.exec(header ?? '')?.[1] ?? '');
  let found: McpCaller | undefined;
  for (const { token, ...caller } of tokens) if (timingSafeEqual(digest(token), given)) found = caller;
  return found;
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
