import { dirname, isAbsolute, join, resolve } from 'node:path';
import { z } from 'zod';
import { readYaml } from '../yaml/checked-yaml.ts';
import { ANSWER_FORMATS } from './answer-format.ts';
import { type ScriptStep, ScriptStepSchema } from './call-script.ts';
import { createCommandTool } from './command.ts';
import { createDotAiTool } from './dot-ai.ts';
import { createHolmesTool } from './holmesgpt.ts';
import { createK8sgptTool } from './k8sgpt.ts';
import { createMcpModelTool } from './mcp-model.ts';
import { createMcpScriptTool } from './mcp-script.ts';
import type { McpServer } from './mcp-session.ts';
import { installedProgram, isOnPath } from './npm-server.ts';
import { createReplayTool, readRecording } from './replay.ts';
import type { ToolLoop } from './tool-loop.ts';
import type { ToolAvailability, ToolUnderTest } from './tool-under-test.ts';

const Common = {
  schema: z.literal('tier0.tool/v1'),
  /** Unique in a run. */
  id: z.string().regex(/^[a-z0-9][a-z0-9-]*$/, { error: 'an id is made of lower-case letters, digits and hyphens' }),
  name: z.string().min(1).optional(),
  note: z.string().optional(),
  howToAdd: z.string().optional(),
  repeats: z.number().int().min(1).optional(),
};
const Words = z.array(z.string().min(1)).min(1);
const Texts = z.record(z.string(), z.string());

/** A contestant as one YAML file: which adapter asks it, and how. */
export const ToolFileSchema = z.discriminatedUnion('adapter', [
  z.strictObject({
    ...Common,
    adapter: z.literal('command'),
    command: Words,
    version: Words.optional(),
    input: z.string().optional(),
    environment: Texts.optional(),
    answerFile: z.string().optional(),
    format: z.enum(ANSWER_FORMATS),
    exitCodes: z.array(z.number().int()).min(1).optional(),
    model: z.string().optional(),
  }),
  z.strictObject({ ...Common, adapter: z.literal('replay'), recording: z.string().min(1) }),
  z.strictObject({
    ...Common,
    adapter: z.literal('mcp'),
    server: z.union([
      z.strictObject({
        npm: z.string().min(1),
        bin: z.string().min(1),
        arguments: z.array(z.string()).default([]),
        environment: Texts.default({}),
      }),
      z.strictObject({ command: z.string().min(1), arguments: z.array(z.string()).default([]), environment: Texts.default({}) }),
      z.strictObject({ url: z.url(), headers: Texts.optional() }),
    ]),
    start: z.enum(['each-trial', 'once']).default('each-trial'),
    /** What it is asked without a model. Without a script it takes part with a model only. */
    calls: z.array(ScriptStepSchema).min(1).optional(),
    /** What is called instead on a machine without a program that the tools need. */
    without: z.strictObject({ program: z.string().min(1), note: z.string().min(1), calls: z.array(ScriptStepSchema).min(1) }).optional(),
  }),
  z.strictObject({ ...Common, adapter: z.literal('k8sgpt'), command: z.string().default('k8sgpt'), filters: Words.optional() }),
  z.strictObject({ ...Common, adapter: z.literal('dot-ai'), url: z.url(), issue: z.string().optional() }),
  z.strictObject({ ...Common, adapter: z.literal('holmesgpt'), url: z.url(), model: z.string().optional() }),
]);
/** A tool as its owner describes it in one YAML file. */
export type ToolFile = z.infer<typeof ToolFileSchema>;

/** What a tool file cannot say because it belongs to the machine. */
export interface ToolSurroundings {
  /** Value of PATH for programs. */
  readonly searchPath: string;
  /** Folders whose `node_modules` are looked into for servers from npm. */
  readonly packageFolders: readonly string[];
  /** Value of the token of a dot-ai server. */
  readonly dotAiToken?: string | undefined;
  /** Drives MCP servers as tools of a model. Without it they are asked for evidence only. */
  readonly loop?: ToolLoop | undefined;
}

/** Reads a tool file and makes the contestant. Throws INVALID_INPUT with the line. */
export async function readToolFile(file: string, surroundings: ToolSurroundings): Promise<ToolUnderTest> {
  const [tool] = await readToolsOfFile(file, surroundings);
  return tool;
}

/** Everybody whom a tool file brings: with a model, an MCP server is two, the script and the model with its tools. Throws INVALID_INPUT with the line. */
export async function readToolsOfFile(
  file: string,
  surroundings: ToolSurroundings,
): Promise<readonly [ToolUnderTest, ...(readonly ToolUnderTest[])]> {
  const { value } = await readYaml(file, ToolFileSchema);
  const place = { ...surroundings, folder: dirname(resolve(file)) };
  if (value.adapter !== 'mcp') return [await toolOf(value, place)];
  const parts = mcpPartsOf(value, place);
  const withModel = place.loop === undefined ? undefined : mcpWithModel(parts, place.loop);
  if (value.calls === undefined) return [withModel ?? mcpWithoutScript(parts)];
  const script = mcpTool(value, value.calls, parts);
  return withModel === undefined ? [script] : [script, withModel];
}

const HOW_TO_ADD = 'Install it so that its command works in this terminal, then run the evaluation again.';

type Place = ToolSurroundings & { readonly folder: string };

async function toolOf(file: Exclude<ToolFile, McpFile>, place: Place): Promise<ToolUnderTest> {
  const { id, name = id, note, repeats, howToAdd = HOW_TO_ADD } = file;
  const description = { id, name, note, repeats };
  switch (file.adapter) {
    case 'command':
      return createCommandTool({
        ...file,
        command: programIn(file.command, place.folder),
        version: file.version && programIn(file.version, place.folder),
        description: { ...description, kind: 'peer', model: file.model },
        searchPath: place.searchPath,
        howToAdd,
      });
    case 'replay':
      return createReplayTool(await readRecording(isAbsolute(file.recording) ? file.recording : join(place.folder, file.recording)));
    case 'k8sgpt':
      return createK8sgptTool({ id, name, command: file.command, filters: file.filters, searchPath: place.searchPath });
    case 'dot-ai':
      return createDotAiTool({ id, url: file.url, issue: file.issue, token: place.dotAiToken });
    case 'holmesgpt':
      return createHolmesTool({ id, url: file.url, model: file.model });
  }
}

/** `./program` means beside the tool file, wherever the evaluation is started; `node` is the one that runs the evaluation. */
function programIn([program = '', ...rest]: readonly string[], folder: string): readonly string[] {
  const beside = (word: string) => (word.startsWith('./') ? join(folder, word) : word);
  return [program === 'node' ? process.execPath : beside(program), ...rest.map(beside)];
}

type McpFile = Extract<ToolFile, { readonly adapter: 'mcp' }>;

/** What the ways to ask one MCP server have in common. */
interface McpParts {
  readonly description: {
    readonly id: string;
    readonly name: string;
    readonly version: string;
    readonly note?: string | undefined;
    readonly repeats?: number | undefined;
  };
  /** A program that its tools need is not there. */
  readonly isPoorer: boolean;
  readonly howToAdd: string;
  readonly availability: () => Promise<ToolAvailability>;
  readonly serverIn: (trial: { readonly home: string; readonly kubeconfig: string }) => McpServer;
}

function mcpPartsOf(file: McpFile, place: Place): McpParts {
  const { server, without, id, name = id, note, repeats } = file;
  const howToAdd = file.howToAdd ?? HOW_TO_ADD;
  const installed = 'npm' in server ? installedProgram(server.npm, server.bin, place.packageFolders) : undefined;
  return {
    description: { id, name, version: installed?.version ?? 'unknown', note, repeats },
    isPoorer: without !== undefined && !isOnPath(without.program, place.searchPath),
    howToAdd,
    serverIn: (trial) => serverOf(server, { trial, searchPath: place.searchPath, file: installed?.file }),
    async availability() {
      if ('npm' in server && installed === undefined)
        return { status: 'not-run', reason: `The npm package ${server.npm} is not installed.`, howToAdd };
      if ('command' in server && !isOnPath(server.command, place.searchPath) && !server.command.includes('/')) {
        return { status: 'not-run', reason: `There is no program "${server.command}" on the search path.`, howToAdd };
      }
      return { status: 'available' };
    },
  };
}

function mcpTool(
  { without, start }: McpFile,
  calls: readonly ScriptStep[],
  { description, isPoorer, availability, serverIn }: McpParts,
): ToolUnderTest {
  return createMcpScriptTool({
    description: { ...description, note: isPoorer ? without?.note : description.note },
    availability,
    serverIn,
    calls: isPoorer ? (without?.calls ?? calls) : calls,
    start: isPoorer ? 'each-trial' : start,
  });
}

const WITH_MODEL = 'Its tools in the loop that drives every set of tools, with the same model, rules and limits.';

function mcpWithModel({ description, availability, serverIn }: McpParts, loop: ToolLoop): ToolUnderTest {
  const { id, name, version } = description;
  return createMcpModelTool({
    description: { id: `${id}-with-model`, name: `${name} with model`, version, note: WITH_MODEL },
    availability,
    serverIn,
    loop,
  });
}

/** A server without a call script has nothing to do where there is no model. */
function mcpWithoutScript({ description, serverIn }: McpParts): ToolUnderTest {
  const howToAdd = 'Run with --model URL --model-name ID, or give it calls in its tool file.';
  const availability = async (): Promise<ToolAvailability> => ({
    status: 'not-run',
    reason: 'It has no call script, and there is no model to use its tools.',
    howToAdd,
  });
  return createMcpScriptTool({ description, availability, serverIn, calls: [], start: 'each-trial' });
}

function serverOf(
  server: McpFile['server'],
  {
    trial,
    searchPath,
    file = '',
  }: {
    readonly trial: { readonly home: string; readonly kubeconfig: string };
    readonly searchPath: string;
    readonly file?: string | undefined;
  },
): McpServer {
  if ('url' in server) return server;
  const fill = (text: string) => text.replaceAll('{kubeconfig}', trial.kubeconfig).replaceAll('{home}', trial.home);
  const filled = Object.fromEntries(Object.entries(server.environment).map(([key, value]) => [key, fill(value)]));
  const environment = { PATH: searchPath, HOME: trial.home, KUBECONFIG: trial.kubeconfig, ...filled };
  const parameters = server.arguments.map(fill);
  if ('npm' in server) return { command: process.execPath, arguments: [file, ...parameters], environment };
  return { command: server.command, arguments: parameters, environment };
}
