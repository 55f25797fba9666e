import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CallContext, Tier0Error, toTier0Error } from '@tier0/core';
import { playScript, type ScriptLine, type ScriptStep } from './call-script.ts';
import { type McpServer, type McpSession, openMcpSession } from './mcp-session.ts';
import { withRawOutput } from './raw-output.ts';
import type { DiagnosisAnswer, ScenarioAccess, ToolAvailability, ToolDescription, ToolUnderTest } from './tool-under-test.ts';

/** A set of tools without a model: which server, and the calls it is asked for in every trial. */
export interface McpScriptOptions {
  readonly description: Omit<ToolDescription, 'kind' | 'asked'>;
  readonly availability: () => Promise<ToolAvailability>;
  /** The server for a home folder, with the kubeconfig of the trial in it. */
  readonly serverIn: (place: { readonly home: string; readonly kubeconfig: string }) => McpServer;
  readonly calls: readonly ScriptStep[];
  /**
   * `each-trial`: a new process for each trial. `once`: one process for the whole run, which finds another kubeconfig in the same file each time; only for
   * servers that read it anew for each call.
   */
  readonly start: 'each-trial' | 'once';
}

/** Any MCP server, driven by a published call script. It is asked what it can reach, never for a root cause: there is no model in it. */
export function createMcpScriptTool(options: McpScriptOptions): ToolUnderTest {
  let running: Running | undefined;
  const stop = async () => {
    const ended = running;
    running = undefined;
    await ended?.end();
  };
  return {
    describe: () => ({ ...options.description, kind: 'peer', asked: 'evidence' }),
    availability: options.availability,
    async diagnose(access, context) {
      if (options.start === 'each-trial') await stop();
      running ??= await startServer(options, access, context);
      try {
        return await running.play(access, context);
      } catch (error) {
        await stop();
        throw error;
      } finally {
        if (options.start === 'each-trial') await stop();
      }
    },
    close: stop,
  };
}

interface Running {
  play(access: ScenarioAccess, context: CallContext): Promise<DiagnosisAnswer>;
  end(): Promise<void>;
}

async function startServer(options: McpScriptOptions, access: ScenarioAccess, { signal }: CallContext): Promise<Running> {
  const home = await mkdtemp(join(tmpdir(), 'tier0-mcp-'));
  const kubeconfig = join(home, 'kubeconfig');
  const remove = () => rm(home, { recursive: true, force: true });
  await writeFile(kubeconfig, access.kubeconfig, { mode: 0o600 });
  const session = await openMcpSession(options.serverIn({ home, kubeconfig }), signal).catch(async (error) => {
    await remove();
    throw error;
  });
  return {
    async play(trial, context) {
      await writeFile(kubeconfig, trial.kubeconfig, { mode: 0o600 });
      await rm(join(home, '.kube'), { recursive: true, force: true });
      return answerOf(await playScript(session, options.calls, context.signal), { options, toolNames: session.toolNames });
    },
    async end() {
      await closed(session);
      await remove();
    },
  };
}

async function closed(session: McpSession): Promise<void> {
  await session.close().catch((error) => toTier0Error(error));
}

interface Played {
  readonly options: McpScriptOptions;
  readonly toolNames: readonly string[];
}

function answerOf(lines: readonly ScriptLine[], { options: { description }, toolNames }: Played): DiagnosisAnswer {
  const said = lines.map(({ call, answer }) => `> ${call}\n${answer.text}`).join('\n\n');
  const raw = `> tools/list\n${toolNames.join(' ')}\n\n${said}`;
  const refused = lines.filter(({ answer }) => answer.isError).map(({ call, answer }) => `${call}: ${answer.text.slice(0, 200)}`);
  if (refused.length === lines.length) throw withRawOutput(allRefused(description.name, refused), raw);
  const evidenceText = lines.flatMap(({ answer }) => (answer.isError ? [] : [answer.text])).join('\n');
  return { rootCauses: [], findings: 0, unknowns: refused, evidenceText, raw };
}

function allRefused(name: string, refused: readonly string[]): Tier0Error {
  return new Tier0Error({
    code: 'MALFORMED_RESPONSE',
    message: `${name} refused every call: ${refused[0] ?? 'the script has no calls'}`,
    hint: 'Look at the names of its tools with "tier0 eval tools" and correct the call script.',
  });
}
