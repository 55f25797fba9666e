import type { McpToken } from './caller.ts';
import { startHttpEndpoint } from './http-endpoint.ts';
import type { HttpGuardOptions } from './http-guard-options.ts';
import type { McpSurface } from './surface.ts';

/** Where the server listens and who may speak to it. */
export interface McpHttpOptions extends HttpGuardOptions {
  readonly surface: McpSurface;
  /** Default `127.0.0.1`. Any other address needs tokens. */
  readonly host?: string | undefined;
  /** Default 0: any free port. */
  readonly port?: number | undefined;
  /** Without tokens, whoever is on this machine may look, and nobody may ask for changes. */
  readonly tokens?: readonly McpToken[] | undefined;
}

/** A server that runs. */
export interface McpHttpServer {
  readonly url: string;
  /** Tells clients that listen that a list is not what it was. */
  changed(list: 'tools' | 'prompts' | 'resources'): void;
  /** Stops listening and ends open sessions. */
  close(): Promise<void>;
}

/** Serves MCP over Streamable HTTP at `/mcp`, to clients of either era. Throws INVALID_INPUT for an open address without tokens. */
export function serveMcpOverHttp(options: McpHttpOptions): Promise<McpHttpServer> {
  return startHttpEndpoint(options);
}
