import type { Client, ClientCapabilities } from '@modelcontextprotocol/client';
import { clientSdk, stdioClientSdk } from '../sdk.ts';
import type { McpConnection } from './connection.ts';

export interface OpenClientOptions {
  readonly connection: McpConnection;
  readonly capabilities?: ClientCapabilities | undefined;
  /** `auto` (default) asks which era the server speaks. */
  readonly era?: 'auto' | 'legacy' | undefined;
  /** Registers what the server may ask for, before it can ask. */
  readonly prepare?: ((client: Client) => void) | undefined;
}

/** A connected client of the SDK. */
export async function openMcpClient({ connection, capabilities = {}, era = 'auto', prepare }: OpenClientOptions): Promise<Client> {
  const sdk = await clientSdk();
  const client = new sdk.Client({ name: 'tier0', version: '0.1.0' }, { capabilities, versionNegotiation: { mode: era } });
  prepare?.(client);
  await client.connect(await transportOf(connection, sdk));
  return client;
}

async function transportOf(connection: McpConnection, sdk: Awaited<ReturnType<typeof clientSdk>>) {
  if ('url' in connection) {
    const { url, headers, fetch } = connection;
    return new sdk.StreamableHTTPClientTransport(new URL(url), { requestInit: { headers: { ...headers } }, ...(fetch ? { fetch } : {}) });
  }
  const { StdioClientTransport } = await stdioClientSdk();
  const { command, args = [], env } = connection;
  return new StdioClientTransport({ command, args: [...args], ...(env ? { env: { ...env } } : {}) });
}
