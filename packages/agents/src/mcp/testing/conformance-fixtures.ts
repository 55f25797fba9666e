import type {
  CallToolResult,
  ClientCapabilities,
  InputRequests,
  InputRequiredResult,
  McpServer,
  ServerContext,
} from '@modelcontextprotocol/server';
import {
  acceptedContent,
  CLIENT_CAPABILITIES_META_KEY,
  createRequestStateCodec,
  fromJsonSchema,
  inputRequired,
  ProtocolError,
  ProtocolErrorCode,
  ResourceTemplate,
} from '@modelcontextprotocol/server';
import { z } from 'zod';
import { createdTask } from '../server/tasks/serve-tasks.ts';
import type { TaskView, TaskWork } from '../server/tasks/task-desk.ts';

/** What fixtures need of the server they stand on. */
export interface FixtureWorld {
  readonly server: McpServer;
  readonly seal: Uint8Array;
  readonly changed: (list: 'tools' | 'prompts') => void;
  readonly startTask: (work: TaskWork) => TaskView | undefined;
}

type Answer = CallToolResult | InputRequiredResult;
type State = Readonly<Record<string, unknown>>;

/** A red dot, and silence. */
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==';
const WAV = 'UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA=';
const none = z.object({});
const text = (words: string): CallToolResult => ({ content: [{ type: 'text', text: words }] });
const pause = () => new Promise((resolve) => setTimeout(resolve, 30));
const form = (properties: Record<string, unknown>, required: readonly string[] = []) =>
  ({ type: 'object' as const, properties, required: [...required] }) as never;
const askFor = (message: string, field: string, type = 'string') =>
  inputRequired.elicit({ message, requestedSchema: form({ [field]: { type } }, [field]) });
const askModel = (words: string) =>
  inputRequired.createMessage({ messages: [{ role: 'user', content: { type: 'text', text: words } }], maxTokens: 50 });

/** Registers what the conformance suite asks for beside tools that answer in text: other content, requests to the client, resources, prompts. */
export function registerFixtures(world: FixtureWorld): void {
  registerContent(world.server);
  registerTalking(world.server);
  registerRounds(world);
  registerNotices(world);
  registerResources(world.server);
  registerPrompts(world.server);
}

function add(
  server: McpServer,
  name: string,
  run: (args: Record<string, unknown>, context: ServerContext) => Promise<Answer>,
  schema: unknown = none,
): void {
  server.registerTool(name, { description: `Fixture ${name}.`, inputSchema: schema as never }, run as never);
}

function registerContent(server: McpServer): void {
  const image = { type: 'image' as const, data: PNG, mimeType: 'image/png' };
  const embedded = (uri: string, mimeType: string, words: string) => ({
    type: 'resource' as const,
    resource: { uri, mimeType, text: words },
  });
  add(server, 'test_image_content', async () => ({ content: [image] }));
  add(server, 'test_audio_content', async () => ({ content: [{ type: 'audio', data: WAV, mimeType: 'audio/wav' }] }));
  add(server, 'test_embedded_resource', async () => ({
    content: [embedded('test://embedded-resource', 'text/plain', 'This is an embedded resource content.')],
  }));
  add(server, 'test_multiple_content_types', async () => {
    const json = embedded('test://mixed-content-resource', 'application/json', '{"test":"data","value":123}');
    return { content: [{ type: 'text', text: 'Multiple content types test:' }, image, json] };
  });
  const region = { type: 'object', properties: { region: { type: 'string', 'x-mcp-header': 'Region' }, level: { type: 'integer' } } };
  add(server, 'test_x_mcp_header', async ({ region: given }) => text(`region=${String(given ?? 'none')}`), fromJsonSchema(region as never));
  add(server, 'json_schema_2020_12_tool', async (args) => text(JSON.stringify(args)), fromJsonSchema(RICH_SCHEMA as never));
}

const RICH_SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  $defs: { address: { $anchor: 'addressDef', type: 'object', properties: { street: { type: 'string' }, city: { type: 'string' } } } },
  properties: {
    name: { type: 'string' },
    address: { $ref: '#/$defs/address' },
    contactMethod: { type: 'string', enum: ['phone', 'email'] },
    phone: { type: 'string' },
    email: { type: 'string' },
  },
  allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
  if: { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] },
  // biome-ignore lint/suspicious/noThenProperty: a word of JSON Schema.
  then: { required: ['phone'] },
  else: { required: ['email'] },
  additionalProperties: false,
};

/** Tools that speak to the client while they run. */
function registerTalking(server: McpServer): void {
  add(server, 'test_logging_tool', async (_, { mcpReq }) => {
    await mcpReq.log('info', 'heard only by those who asked for it');
    return text('logged');
  });
  add(server, 'test_tool_with_logging', async (_, { mcpReq }) => {
    for (const data of ['Tool execution started', 'Tool processing data', 'Tool execution completed']) {
      await mcpReq.notify({ method: 'notifications/message', params: { level: 'info', data } });
      await pause();
    }
    return text('Tool with logging executed successfully');
  });
  add(server, 'test_tool_with_progress', async (_, { mcpReq }) => {
    const progressToken = mcpReq._meta?.progressToken;
    if (progressToken === undefined) return text('no progress token');
    for (const progress of [0, 50, 100]) {
      await mcpReq.notify({
        method: 'notifications/progress',
        params: { progressToken, progress, total: 100, message: `step ${progress}` },
      });
      await pause();
    }
    return text(String(progressToken));
  });
  add(
    server,
    'test_sampling',
    async ({ prompt }, { mcpReq }) => {
      const messages = [{ role: 'user' as const, content: { type: 'text' as const, text: String(prompt) } }];
      const said = (await mcpReq.requestSampling({ messages, maxTokens: 100 })) as { readonly content?: { readonly text?: string } };
      return text(`LLM response: ${said.content?.text ?? 'none'}`);
    },
    z.object({ prompt: z.string() }),
  );
  registerElicitation(server);
}

function registerElicitation(server: McpServer): void {
  const elicit = async ({ mcpReq }: ServerContext, message: string, requestedSchema: never) => {
    const said = await mcpReq.elicitInput({ message, requestedSchema });
    return text(`Elicitation completed: action=${said.action}, content=${JSON.stringify(said.content ?? {})}`);
  };
  const option = (value: string, title: string) => ({ const: value, title });
  add(
    server,
    'test_elicitation',
    async ({ message }, context) => elicit(context, String(message), form({ response: { type: 'string' } }, ['response'])),
    z.object({ message: z.string() }),
  );
  const withDefaults = {
    name: { type: 'string', default: 'John Doe' },
    age: { type: 'integer', default: 30 },
    score: { type: 'number', default: 95.5 },
    status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
    verified: { type: 'boolean', default: true },
  };
  add(server, 'test_elicitation_sep1034_defaults', async (_, context) =>
    elicit(context, 'Please look at the defaults', form(withDefaults)),
  );
  const titled = [option('value1', 'First Option'), option('value2', 'Second Option'), option('value3', 'Third Option')];
  const enums = {
    untitledSingle: { type: 'string', enum: ['option1', 'option2', 'option3'] },
    titledSingle: { type: 'string', oneOf: titled },
    legacyEnum: { type: 'string', enum: ['opt1', 'opt2', 'opt3'], enumNames: ['Option One', 'Option Two', 'Option Three'] },
    untitledMulti: { type: 'array', minItems: 1, maxItems: 3, items: { type: 'string', enum: ['option1', 'option2', 'option3'] } },
    titledMulti: { type: 'array', minItems: 1, maxItems: 3, items: { anyOf: titled } },
  };
  add(server, 'test_elicitation_sep1330_enums', async (_, context) => elicit(context, 'Please choose', form(enums)));
}

/** Tools that come back for input: the client carries the state, sealed. */
function registerRounds({ server, seal, startTask }: FixtureWorld): void {
  add(server, 'test_tool_with_task', async (_, context) => {
    const name = acceptedContent<{ name: string }>(context.mcpReq.inputResponses, 'user_name')?.name;
    if (name === undefined) return inputRequired({ inputRequests: { user_name: askFor('What is your name?', 'name') } });
    const task = startTask(async () => ({ status: 'completed', result: text(`Hello, ${name}!`) }));
    return task ? createdTask(task) : text('too many tasks');
  });
  const codec = createRequestStateCodec<State>({ key: seal });
  const given = <T extends Record<string, unknown>>({ mcpReq }: ServerContext, key: string) =>
    acceptedContent<T>(mcpReq.inputResponses, key);
  const raw = ({ mcpReq }: ServerContext, key: string) =>
    mcpReq.inputResponses?.[key] as { readonly content?: { readonly text?: string }; readonly roots?: readonly unknown[] } | undefined;
  add(server, 'test_missing_capability', async (_, context) => {
    return raw(context, 'llm_answer') === undefined
      ? inputRequired({ inputRequests: { llm_answer: askModel('Say pong.') } })
      : text('sampled');
  });
  add(server, 'test_input_required_result_elicitation', async (_, context) => {
    const name = given<{ name: string }>(context, 'user_name')?.name;
    return typeof name === 'string'
      ? text(`Hello, ${name}!`)
      : inputRequired({ inputRequests: { user_name: askFor('What is your name?', 'name') } });
  });
  add(server, 'test_input_required_result_sampling', async (_, context) => {
    const said = raw(context, 'capital_question');
    return said
      ? text(`Sampling response: ${said.content?.text ?? ''}`)
      : inputRequired({ inputRequests: { capital_question: askModel('What is the capital of France?') } });
  });
  add(server, 'test_input_required_result_list_roots', async (_, context) => {
    const roots = raw(context, 'client_roots')?.roots;
    return roots
      ? text(`${roots.length} roots: ${JSON.stringify(roots)}`)
      : inputRequired({ inputRequests: { client_roots: inputRequired.listRoots() } });
  });
  const confirming = (name: string, done: string, needsState: boolean) =>
    add(server, name, async (_, context) => {
      const state = context.mcpReq.requestState<State>();
      if (given(context, 'confirm') !== undefined && state !== undefined) return text(done);
      if (given(context, 'confirm') !== undefined && needsState)
        throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'the state is missing');
      return inputRequired({
        inputRequests: { confirm: askFor('Please confirm', 'ok', 'boolean') },
        requestState: await codec.mint({ name, nonce: crypto.randomUUID() }),
      });
    });
  confirming('test_input_required_result_request_state', 'state-ok: it came back as it was', true);
  confirming('test_input_required_result_tampered_state', 'integrity-ok: it came back as it was', false);
  add(server, 'test_input_required_result_multiple_inputs', async (_, context) => {
    const [name, greeting, roots] = [
      given<{ name: string }>(context, 'user_name')?.name,
      raw(context, 'greeting')?.content?.text,
      raw(context, 'client_roots')?.roots,
    ];
    if (name !== undefined && greeting !== undefined && roots !== undefined) return text(`${greeting} ${name}, ${roots.length} roots`);
    const inputRequests = {
      user_name: askFor('What is your name?', 'name'),
      greeting: askModel('Greet.'),
      client_roots: inputRequired.listRoots(),
    };
    return inputRequired({ inputRequests, requestState: await codec.mint({ nonce: crypto.randomUUID() }) });
  });
  add(server, 'test_input_required_result_multi_round', async (_, context) => {
    const state = context.mcpReq.requestState<State>();
    if (state?.round === 2) return text(`${String(state.name)} likes ${given<{ color: string }>(context, 'step2')?.color ?? 'nothing'}`);
    const name = state?.round === 1 ? (given<{ name: string }>(context, 'step1')?.name ?? 'unknown') : undefined;
    const inputRequests: InputRequests =
      name === undefined
        ? { step1: askFor('Step 1: What is your name?', 'name') }
        : { step2: askFor('Step 2: What is your color?', 'color') };
    return inputRequired({
      inputRequests,
      requestState: await codec.mint({ round: name === undefined ? 1 : 2, name, nonce: crypto.randomUUID() }),
    });
  });
  add(server, 'test_input_required_result_capabilities', async (_, { mcpReq }) => {
    if (mcpReq.inputResponses !== undefined) return text('answered');
    const envelope = mcpReq.envelope as Readonly<Record<string, ClientCapabilities | undefined>> | undefined;
    const can = envelope?.[CLIENT_CAPABILITIES_META_KEY];
    const inputRequests: InputRequests = {
      ...(can?.elicitation ? { user_name: askFor('What is your name?', 'name') } : {}),
      ...(can?.sampling ? { greeting: askModel('Greet.') } : {}),
      ...(can?.roots ? { client_roots: inputRequired.listRoots() } : {}),
    };
    return Object.keys(inputRequests).length > 0 ? inputRequired({ inputRequests }) : text('the client can answer nothing');
  });
}

function registerNotices({ server, changed }: FixtureWorld): void {
  add(server, 'test_trigger_tool_change', async () => {
    changed('tools');
    return text('told');
  });
  add(server, 'test_trigger_prompt_change', async () => {
    changed('prompts');
    return text('told');
  });
  server.server.setRequestHandler('logging/setLevel', async () => ({}));
  server.server.setRequestHandler('completion/complete', async () => ({ completion: { values: [], total: 0, hasMore: false } }));
}

function registerResources(server: McpServer): void {
  const fixed = (name: string, mimeType: string, content: { readonly text: string } | { readonly blob: string }) => {
    const uri = `test://${name}`;
    server.registerResource(name, uri, { description: `Fixture ${name}.`, mimeType }, async () => ({
      contents: [{ uri, mimeType, ...content }],
    }));
  };
  fixed('static-text', 'text/plain', { text: 'This is the content of the static text resource.' });
  fixed('static-binary', 'image/png', { blob: PNG });
  fixed('watched-resource', 'text/plain', { text: 'Watched.' });
  const template = new ResourceTemplate('test://template/{id}/data', { list: undefined });
  server.registerResource('template', template, { description: 'Fixture template.', mimeType: 'application/json' }, async (uri, { id }) => {
    return {
      contents: [
        {
          uri: uri.toString(),
          mimeType: 'application/json',
          text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${String(id)}` }),
        },
      ],
    };
  });
  server.server.setRequestHandler('resources/subscribe', async () => ({}));
  server.server.setRequestHandler('resources/unsubscribe', async () => ({}));
}

function registerPrompts(server: McpServer): void {
  const words = (said: string) => ({ role: 'user' as const, content: { type: 'text' as const, text: said } });
  server.registerPrompt('test_simple_prompt', { description: 'Without arguments.' }, async () => ({
    messages: [words('This is a simple prompt for testing.')],
  }));
  const two = z.object({ arg1: z.string(), arg2: z.string() });
  server.registerPrompt('test_prompt_with_arguments', { description: 'With arguments.', argsSchema: two }, async ({ arg1, arg2 }) => ({
    messages: [words(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)],
  }));
  const withUri = z.object({ resourceUri: z.string() });
  server.registerPrompt(
    'test_prompt_with_embedded_resource',
    { description: 'With a resource.', argsSchema: withUri },
    async ({ resourceUri: uri }) => {
      const resource = {
        type: 'resource' as const,
        resource: { uri, mimeType: 'text/plain', text: 'Embedded resource content for testing.' },
      };
      return { messages: [{ role: 'user', content: resource }, words('Please look at the resource above.')] };
    },
  );
  server.registerPrompt('test_prompt_with_image', { description: 'With an image.' }, async () => ({
    messages: [{ role: 'user', content: { type: 'image', data: PNG, mimeType: 'image/png' } }, words('Please look at the image above.')],
  }));
  server.registerPrompt('test_input_required_result_prompt', { description: 'Comes back for input.' }, (async ({
    mcpReq,
  }: ServerContext) => {
    const context = acceptedContent<{ context: string }>(mcpReq.inputResponses, 'user_context')?.context;
    if (context === undefined) return inputRequired({ inputRequests: { user_context: askFor('What context?', 'context') } });
    return { messages: [words(`Use the following context: ${context}`)] };
  }) as never);
}
