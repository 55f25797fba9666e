// The client that the conformance suite judges: our way to open clients, to authorize them and to call tools. Argument: the server's address.
import type { Client, FetchLike } from '@modelcontextprotocol/client';
import { authorizedFetch } from '../client/authorized-fetch.ts';
import { openMcpClient } from '../client/open-client.ts';
import { createUnattendedAuthorizer } from './unattended-authorizer.ts';

const { MCP_CONFORMANCE_SCENARIO: scenario = '', MCP_CONFORMANCE_CONTEXT, MCP_CONFORMANCE_PROTOCOL_VERSION } = process.env;
const url = process.argv[2] ?? '';
const given = JSON.parse(MCP_CONFORMANCE_CONTEXT ?? '{}') as Readonly<Record<string, unknown>>;
const era = MCP_CONFORMANCE_PROTOCOL_VERSION === '2026-07-28' ? 'auto' : 'legacy';

interface ToolCall {
  readonly name: string;
  readonly arguments: Record<string, unknown>;
}

async function callFirst(client: Client, names: readonly string[], args: Record<string, unknown> = {}): Promise<void> {
  const { tools } = await client.listTools();
  for (const name of names) if (tools.some((tool) => tool.name === name)) await client.callTool({ name, arguments: args });
}

/** Some mock servers of the suite know only what they judge; the question which versions they speak is answered here for them. */
const answersDiscovery: FetchLike = async (input, init) => {
  const message = typeof init?.body === 'string' ? (JSON.parse(init.body) as { readonly method?: string; readonly id?: unknown }) : {};
  if (message.method !== 'server/discover') return fetch(input, init);
  const result = {
    supportedVersions: ['2026-07-28'],
    capabilities: { tools: { listChanged: true }, resources: {}, prompts: {} },
    _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'mock', version: '1' } },
  };
  return Response.json({ jsonrpc: '2.0', id: message.id, result });
};

const SCENARIOS: Readonly<Record<string, () => Promise<Client>>> = {
  initialize: async () => {
    const client = await openMcpClient({ connection: { url }, era });
    await client.listTools();
    return client;
  },
  tools_call: async () => {
    const client = await openMcpClient({ connection: { url }, era });
    await callFirst(client, ['add_numbers'], { a: 5, b: 3 });
    return client;
  },
  'request-metadata': () =>
    openMcpClient({ connection: { url }, capabilities: { roots: { listChanged: true }, sampling: {}, elicitation: {} } }),
  'elicitation-sep1034-client-defaults': async () => {
    const capabilities = { elicitation: { form: { applyDefaults: true } } };
    const prepare = (client: Client) => client.setRequestHandler('elicitation/create', async () => ({ action: 'accept', content: {} }));
    const client = await openMcpClient({ connection: { url }, era: 'legacy', capabilities, prepare });
    await callFirst(client, ['test_client_elicitation_defaults']);
    return client;
  },
  'sse-retry': async () => {
    const client = await openMcpClient({ connection: { url }, era: 'legacy' });
    await callFirst(client, ['test_reconnection']);
    return client;
  },
  'json-schema-ref-no-deref': async () => {
    const client = await openMcpClient({ connection: { url }, era: 'legacy' });
    await client.listTools();
    return client;
  },
  'json-schema-2020-12-preservation': async () => {
    const client = await openMcpClient({ connection: { url }, era });
    const { tools } = await client.listTools();
    const seen = tools.find(({ name }) => name === 'json_schema_2020_12_tool');
    await client.callTool({ name: 'json_schema_echo', arguments: { schema: seen?.inputSchema } });
    return client;
  },
  'http-standard-headers': async () => {
    const client = await openMcpClient({ connection: { url, fetch: answersDiscovery } });
    const [tool] = (await client.listTools()).tools;
    if (tool) await client.callTool({ name: tool.name, arguments: {} });
    const [resource] = (await client.listResources()).resources;
    if (resource) await client.readResource({ uri: resource.uri });
    const [prompt] = (await client.listPrompts()).prompts;
    if (prompt) await client.getPrompt({ name: prompt.name, arguments: {} });
    return client;
  },
  'http-custom-headers': async () => {
    const client = await openMcpClient({ connection: { url, fetch: answersDiscovery } });
    await client.listTools();
    for (const call of (given.toolCalls ?? []) as readonly ToolCall[])
      await client.callTool({ name: call.name, arguments: call.arguments });
    return client;
  },
  'http-invalid-tool-headers': async () => {
    const client = await openMcpClient({ connection: { url, fetch: answersDiscovery } });
    const { tools } = await client.listTools();
    for (const { name } of tools) await client.callTool({ name, arguments: { region: 'us-west1' } }).catch(() => undefined);
    return client;
  },
  'sep-2322-client-request-state': async () => {
    const prepare = (client: Client) =>
      client.setRequestHandler('elicitation/create', async () => ({ action: 'accept', content: { confirmed: true } }));
    const client = await openMcpClient({ connection: { url, fetch: answersDiscovery }, capabilities: { elicitation: {} }, prepare });
    for (const name of ['test_mrtr_echo_state', 'test_mrtr_no_state', 'test_mrtr_unrelated'])
      await client.callTool({ name, arguments: {} });
    await client.callTool({ name: 'test_mrtr_no_result_type', arguments: {} }).catch(() => undefined);
    return client;
  },
};

/** Every scenario of OAuth: the same client, authorized by what the servers say. */
async function authorizedClient(): Promise<Client> {
  const known =
    typeof given.client_id === 'string' ? { client_id: given.client_id, client_secret: String(given.client_secret) } : undefined;
  const authorizer = createUnattendedAuthorizer(known, known ? undefined : 'https://conformance-test.local/client-metadata.json');
  const client = await openMcpClient({ connection: { url, fetch: authorizedFetch(url, authorizer) }, era: known ? era : 'auto' });
  await client.listTools();
  await client.callTool({ name: 'test-tool', arguments: {} });
  return client;
}

const run = scenario.startsWith('auth/') ? authorizedClient : SCENARIOS[scenario];
if (!run) throw new Error(`no such scenario: ${scenario}`);
const client = await run();
await client.close();
process.exit(0);
