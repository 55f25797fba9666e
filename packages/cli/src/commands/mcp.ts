import { readFile } from 'node:fs/promises';
import { MATTERS, runRules } from '@tier0/agents';
import { INVESTIGATE } from '@tier0/agents/assist';
import { type McpSurface, type McpToken, serveMcpOverHttp, serveMcpOverStdio } from '@tier0/agents/mcp';
import { createOperationsTools } from '@tier0/agents/tools';
import { type CmdbReader, Tier0Error } from '@tier0/core';
import { z } from 'zod';
import { PROGRAM } from '../program-name.ts';
import { versionOf } from '../version.ts';
import type { Command } from './command.ts';
import { askGraph, GRAPH_USAGE } from './graph-question.ts';
import { portOf } from './port-option.ts';

const TokensSchema: z.ZodType<readonly McpToken[]> = z
  .array(z.strictObject({ token: z.string().min(32), name: z.string().min(1), scopes: z.array(z.enum(['read', 'propose'])) }))
  .min(1);

/** `tier0 mcp`. */
export const mcp: Command = {
  name: 'mcp',
  usage: `Usage: ${PROGRAM} mcp [options]

Offers read-only tools over what is read: find and show items, impact, owner, changes, findings, manifests. Speaks on standard input and
output; with --port over Streamable HTTP at /mcp, on this machine only unless tokens are given.

  --port N             listen on this port instead                         (standard input and output)
  --host ADDRESS       address to listen on; others than 127.0.0.1 need --tokens
  --tokens FILE        JSON: [{"token": 32 characters or more, "name": ..., "scopes": ["read"]}]

${GRAPH_USAGE}

Example: ${PROGRAM} mcp --snapshot manifests`,
  async run(args, environment) {
    const further = { port: { type: 'string' }, host: { type: 'string' }, tokens: { type: 'string' } } as const;
    const question = await askGraph('mcp', args, { environment, further });
    const given = question.value('port');
    const port = given === undefined ? undefined : portOf(given, 'mcp');
    const surface = surfaceOf(question.newest, await versionOf());
    if (port === undefined) {
      const served = await serveMcpOverStdio(surface, { name: 'stdio', scopes: ['read'] });
      await Promise.race([aborted(environment.signal), new Promise((resolve) => process.stdin.once('end', resolve))]);
      await served.close();
      return 0;
    }
    const file = question.value('tokens');
    const tokens = file === undefined ? [] : await readTokens(file);
    const served = await serveMcpOverHttp({ surface, port, host: question.value('host'), tokens });
    environment.stderr(`tier0: MCP at ${served.url}\n`);
    await aborted(environment.signal);
    await served.close();
    return 0;
  },
};

function surfaceOf(reader: CmdbReader, version: string): McpSurface {
  const findings = runRules(MATTERS, reader).findings;
  const tools = createOperationsTools({ reader: () => reader, findings: async () => findings });
  const prompts = [{ name: INVESTIGATE.id, description: 'How to investigate an incident with these tools.', text: INVESTIGATE.text }];
  return { name: 'tier0', version, toolsFor: () => tools, prompts };
}

async function readTokens(file: string): Promise<readonly McpToken[]> {
  const parsed = TokensSchema.safeParse(JSON.parse(await readFile(file, 'utf8')));
  if (parsed.success) return parsed.data;
  throw new Tier0Error({
    code: 'INVALID_INPUT',
    message: `The file of tokens ${file} cannot be used: ${parsed.error.issues[0]?.path.join('.')}: ${parsed.error.issues[0]?.message}.`,
    hint: 'Write [{"token": at least 32 characters, "name": who it is, "scopes": ["read"]}].',
  });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
