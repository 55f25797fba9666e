import { readFile } from 'node:fs/promises';
import { runRules } from '@tier0/agents';
import { INVESTIGATE } from '@tier0/agents/assist';
import type { AnyTool } from '@tier0/agents/loop';
import { type McpCaller, type McpSurface, type McpToken, serveMcpOverHttp, serveMcpOverStdio } from '@tier0/agents/mcp';
import { createOperationsTools, type OperationsWorld } from '@tier0/agents/tools';
import { Tier0Error } from '@tier0/core';
import { createLocalForge } from '@tier0/gitops';
import { z } from 'zod';
import type { Environment } from '../environment.ts';
import { PROGRAM } from '../program-name.ts';
import { versionOf } from '../version.ts';
import { type ChangeDesk, followChangeTool, proposeTo } from '../world/change-tools.ts';
import { clusterResources } from '../world/cluster-resources.ts';
import { diagnoseTool } from '../world/diagnose-tool.ts';
import { gateSigner } from '../world/gate-key.ts';
import { refuseCredentials, withMirror } from '../world/live-item.ts';
import { joinServers, pinServers } from '../world/mcp-servers.ts';
import { rightsDesk } from '../world/read-rights.ts';
import { stateFolder } from '../world/state-folder.ts';
import type { Command } from './command.ts';
import { GRAPH_USAGE, type GraphQuestion, readGraphQuestion } from './graph-question.ts';
import { portOf } from './port-option.ts';

type ReadToken = McpToken & { readonly seesEverything?: true | undefined };

const TokensSchema: z.ZodType<readonly ReadToken[]> = z
  .array(
    z.strictObject({
      token: z.string().min(32),
      name: z.string().min(1),
      scopes: z.array(z.enum(['read', 'propose'])),
      kubernetes: z.strictObject({ user: z.string().min(1), groups: z.array(z.string().min(1)).optional() }).optional(),
      seesEverything: z.literal(true).optional(),
    }),
  )
  .min(1);

/** `tier0 mcp`. */
export const mcp: Command = {
  name: 'mcp',
  usage: `Usage: ${PROGRAM} mcp [options]
       ${PROGRAM} mcp pin FILE

Offers read-only tools over what is read: find and show items, impact, owner, changes, findings, manifests, diagnosis. Speaks on standard input and
output; with --port over Streamable HTTP at /mcp, on this machine only unless tokens are given.

  --port N             listen on this port instead                         (standard input and output)
  --host ADDRESS       address to listen on; others than 127.0.0.1 need --tokens
  --tokens FILE        JSON: [{"token": 32 characters or more, "name": ..., "scopes": ["read"], "kubernetes": {"user": ..., "groups": []}}]
                       Answers hold only what that user may read, by the API server's word (tier0 needs "create" on
                       subjectaccessreviews). Whoever is to see all that is read has "seesEverything": true instead.

  --repository URL     repository that declares the cluster: callers with the scope "propose" may ask for changes. A person at the client has
                       to confirm, the gate judges, and what comes of it is a pull request; follow_change waits for what people decide
  --branch NAME        branch the cluster is reconciled from               (main)
  --path DIR           folder of the repository that declares this cluster (all of it)
  --out DIR            where the key that signs for the gate is            (out)
  --servers FILE       JSON: [{"name": ..., "command": ..., "args": []} or {"name": ..., "url": ...}], with the pinned "tools" of each; those
                       join what is offered to callers that see everything. One whose definition changed is blocked, and said

"pin" asks the servers of FILE what they offer, and prints the file with those tools that they say only read: look at them, shorten, keep.

${GRAPH_USAGE}

Example: ${PROGRAM} mcp --snapshot manifests`,
  async run(args, environment) {
    if (args[0] === 'pin' && args.length === 2 && args[1] !== undefined) {
      environment.terminal.write(await pinServers(args[1]));
      return 0;
    }
    const question = await readGraphQuestion('mcp', args, { environment, further: FURTHER });
    const given = question.value('port');
    const port = given === undefined ? undefined : portOf(given, 'mcp');
    const file = question.value('tokens');
    const tokens = file === undefined ? [] : await readTokens(file, question);
    const servers = question.value('servers');
    const joined = servers === undefined ? undefined : await joinServers(servers);
    for (const line of joined?.blocked ?? []) environment.stderr(`tier0: ${line}\n`);
    try {
      const bounded = tokens.some(isBounded);
      const around = { version: await versionOf(), signal: environment.signal, bounded, others: joined?.tools ?? [] };
      const listening = { port, host: question.value('host'), tokens };
      await withDesk(question, environment, (desk) => serve(surfaceOf(question, { ...around, desk }), listening, environment));
    } finally {
      await joined?.close();
    }
    return 0;
  },
};

const text = { type: 'string' } as const;
const FURTHER = { port: text, host: text, tokens: text, servers: text, repository: text, branch: text, path: text, out: text } as const;

/** Does the work with a place for changes, where a repository is named. */
async function withDesk(question: GraphQuestion, environment: Environment, work: (desk?: ChangeDesk) => Promise<void>): Promise<void> {
  const repository = question.value('repository');
  if (repository === undefined) return work();
  refuseCredentials(repository);
  const signer = await gateSigner(stateFolder(question.value('out') ?? 'out'));
  await withMirror(repository, environment, (mirror) => {
    const place = { branch: question.value('branch') ?? 'main', path: question.value('path') };
    return work({ ...place, mirror, forge: createLocalForge({ mirror, signer }), author: 'tier0-bot' });
  });
}

interface Listening {
  readonly port: number | undefined;
  readonly host: string | undefined;
  readonly tokens: readonly ReadToken[];
}

/** Serves until the signal, or until whoever started this has gone. */
async function serve(surface: McpSurface, { port, host, tokens }: Listening, { signal, stderr }: Environment): Promise<void> {
  if (port === undefined) {
    const served = await serveMcpOverStdio(surface, { name: 'stdio', scopes: ['read'] });
    await Promise.race([aborted(signal), new Promise((resolve) => process.stdin.once('end', resolve))]);
    return served.close();
  }
  const served = await serveMcpOverHttp({ surface, port, host, tokens });
  stderr(`tier0: MCP at ${served.url}\n`);
  await aborted(signal);
  await served.close();
}

interface Surroundings {
  readonly version: string;
  readonly signal: AbortSignal;
  /** Whether some caller is bounded by rights. */
  readonly bounded: boolean;
  /** Tools of other servers. Whose rights they use is not ours to say: who is bounded does not get them. */
  readonly others: readonly AnyTool[];
  /** Absent: nothing can be proposed. */
  readonly desk?: ChangeDesk | undefined;
}

function surfaceOf(
  { newest: reader, live, additions }: GraphQuestion,
  { version, signal, bounded, others, desk: changes }: Surroundings,
): McpSurface {
  const { evidence, patterns, matters } = additions;
  const findings = runRules(matters, reader).findings;
  const further: OperationsWorld['further'] = (world) => [
    diagnoseTool(world, matters),
    ...(changes ? [followChangeTool(changes)] : []),
    ...additions.tools(world),
  ];
  const world = {
    reader: () => reader,
    findings: async () => findings,
    propose: changes && proposeTo(changes, reader),
    evidence,
    patterns,
    further,
  };
  const tools = [...createOperationsTools(world), ...others];
  const desk = bounded ? rightsDesk(live, reader) : undefined;
  const prompts = [{ name: INVESTIGATE.id, description: 'How to investigate an incident with these tools.', text: INVESTIGATE.text }];
  const toolsFor = async ({ kubernetes }: McpCaller) => {
    if (kubernetes === undefined) return tools;
    const mayRead = await (desk ?? rightsDesk(live, reader)).mayRead(kubernetes, { signal, now: Date.now });
    return createOperationsTools({ ...world, mayRead });
  };
  // A document is of the whole cluster: who may know only a part of it asks the tools.
  const resourcesFor = ({ kubernetes }: McpCaller) => (kubernetes === undefined ? clusterResources(reader, { matters, signal }) : []);
  return { name: 'tier0', version, toolsFor, resourcesFor, prompts };
}

function isBounded({ kubernetes }: ReadToken): boolean {
  return kubernetes !== undefined;
}

/** Reads the file of tokens. Beside a live cluster each says whose rights bound it, or that none do. Throws INVALID_INPUT. */
async function readTokens(file: string, { live }: GraphQuestion): Promise<readonly ReadToken[]> {
  const parsed = TokensSchema.safeParse(jsonIn(await readFile(file, 'utf8')));
  if (!parsed.success) throw wrongTokens(file, `${parsed.error.issues[0]?.path.join('.')}: ${parsed.error.issues[0]?.message}`);
  const unbound = parsed.data.find((token) => live !== undefined && isBounded(token) === (token.seesEverything === true));
  if (unbound) throw wrongTokens(file, `"${unbound.name}" says neither or both of "kubernetes" and "seesEverything"`);
  return parsed.data;
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function wrongTokens(file: string, why: string): Tier0Error {
  return new Tier0Error({
    code: 'INVALID_INPUT',
    message: `The file of tokens ${file} cannot be used: ${why}.`,
    hint: 'Write [{"token": at least 32 characters, "name": who it is, "scopes": ["read"], "kubernetes": {"user": whose rights bound it}}].',
  });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
