import { type JsonValue, Tier0Error, toTier0Error } from '@tier0/core';

/** A server of the Model Context Protocol, started and introduced. */
export interface McpSession {
  readonly serverVersion: string;
  readonly toolNames: readonly string[];
  readonly tools: readonly McpToolDefinition[];
  /** The text of an answer; a refusal of the tool is text too, marked as one. */
  call(name: string, input: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<McpAnswer>;
  readResource(uri: string, signal: AbortSignal): Promise<McpAnswer>;
  close(): Promise<void>;
}

/** A tool as the server describes it. */
export interface McpToolDefinition {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of the arguments. */
  readonly parameters: JsonValue;
}

/** What a tool or a resource of a server answered. */
export interface McpAnswer {
  readonly text: string;
  readonly isError: boolean;
}

/** How a server is reached: a program with its arguments and its whole environment, or an address. */
export type McpServer =
  | { readonly command: string; readonly arguments: readonly string[]; readonly environment: Readonly<Record<string, string>> }
  | { readonly url: string; readonly headers?: Readonly<Record<string, string>> | undefined };

/** Characters kept of one answer. */
const MAX_ANSWER = 2_000_000;

/** Starts or reaches a server. Throws MISSING_DEPENDENCY without the client library, UNAVAILABLE when the server does not answer. */
export async function openMcpSession(server: McpServer, signal: AbortSignal): Promise<McpSession> {
  const sdk = await import('@modelcontextprotocol/client').catch(missing);
  const client = new sdk.Client({ name: 'tier0-eval', version: '0.1.0' }, { capabilities: {}, versionNegotiation: { mode: 'legacy' } });
  try {
    await client.connect(await transportTo(server), { signal });
    const offered = client.getServerCapabilities()?.tools ? (await client.listTools()).tools : [];
    return {
      serverVersion: client.getServerVersion()?.version ?? 'unknown',
      toolNames: offered.map(({ name }) => name),
      tools: offered.map(({ name, description = '', inputSchema }) => ({ name, description, parameters: inputSchema as JsonValue })),
      async call(name, input, callSignal) {
        const { content, isError = false } = await client.callTool({ name, arguments: input }, { signal: callSignal });
        return {
          text: content
            .map((part) => (part.type === 'text' ? part.text : `[${part.type}]`))
            .join('\n')
            .slice(0, MAX_ANSWER),
          isError,
        };
      },
      async readResource(uri, callSignal) {
        const { contents } = await client.readResource({ uri }, { signal: callSignal });
        const text = contents.map((part) => ('text' in part ? String(part.text) : '[binary]')).join('\n');
        return { text: text.slice(0, MAX_ANSWER), isError: false };
      },
      close: () => client.close(),
    };
  } catch (cause) {
    await client.close().catch(() => undefined);
    signal.throwIfAborted();
    throw unreachable(server, cause);
  }
}

async function transportTo(server: McpServer) {
  if ('url' in server) {
    const { StreamableHTTPClientTransport } = await import('@modelcontextprotocol/client').catch(missing);
    return new StreamableHTTPClientTransport(new URL(server.url), { requestInit: { headers: { ...server.headers } } });
  }
  const { StdioClientTransport } = await import('@modelcontextprotocol/client/stdio').catch(missing);
  const { command, environment } = server;
  return new StdioClientTransport({ command, args: [...server.arguments], env: { ...environment }, stderr: 'ignore' });
}

/** Stands at the import itself, so that a bundler sees that the package may be absent. */
function missing(cause: unknown): never {
  throw new Tier0Error({
    code: 'MISSING_DEPENDENCY',
    message: 'The package "@modelcontextprotocol/client" is needed to speak MCP and is not installed.',
    hint: 'Install it beside tier0: npm install @modelcontextprotocol/client.',
    cause,
  });
}

function unreachable(server: McpServer, cause: unknown): Tier0Error {
  const where = 'url' in server ? server.url : server.command;
  return new Tier0Error({
    code: 'UNAVAILABLE',
    message: `The MCP server ${where} does not answer: ${toTier0Error(cause).message}`,
    hint: 'Start it by hand and look at what it says; it must speak MCP over standard input and output, or Streamable HTTP.',
    cause,
  });
}
