import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CallContext } from '@tier0/core';
import { malformedAnalysis, readK8sgptAnalysis } from './k8sgpt-analysis.ts';
import { withRawOutput } from './raw-output.ts';
import { runProgram } from './run-program.ts';
import type { DiagnosisAnswer, ScenarioAccess, ToolUnderTest } from './tool-under-test.ts';

/** Which k8sgpt is run, and with which of its analyzers. */
export interface K8sgptToolOptions {
  /** Program to run; a name is looked up in `searchPath`. Default `k8sgpt`. */
  readonly command?: string | undefined;
  /** Value of PATH for the program. */
  readonly searchPath: string;
  /** Default `k8sgpt`. */
  readonly id?: string | undefined;
  /** Default `k8sgpt`. */
  readonly name?: string | undefined;
  /** Analyzers to use, as after `-f`. Default: those k8sgpt uses without being told. */
  readonly filters?: readonly string[] | undefined;
}

const HOW_TO_ADD = 'Install a k8sgpt release so that "k8sgpt version" works in this terminal, then run the evaluation again.';

/** k8sgpt without a language model: its own analyzers over the recorded cluster, as documented (`analyze -o json`). */
export function createK8sgptTool(options: K8sgptToolOptions): ToolUnderTest {
  const command = options.command ?? 'k8sgpt';
  let version: Promise<string> | undefined;
  const readVersion = () => {
    version ??= versionOf(command, options.searchPath);
    return version;
  };
  return {
    async describe() {
      return {
        id: options.id ?? 'k8sgpt',
        name: options.name ?? 'k8sgpt',
        version: await readVersion().catch(() => 'unknown'),
        kind: 'peer',
      };
    },
    async availability() {
      return readVersion().then(
        () => ({ status: 'available' as const }),
        (error: Error) => ({ status: 'not-run' as const, reason: error.message, howToAdd: HOW_TO_ADD }),
      );
    },
    diagnose: (access, context) => analyze({ ...options, command }, access, context),
  };
}

async function versionOf(command: string, searchPath: string): Promise<string> {
  const end = await withHome((home) =>
    runProgram({ command, arguments: ['version'], environment: environmentIn(home, searchPath), signal: AbortSignal.timeout(10_000) }),
  );
  return `${end.stdout} ${end.stderr}`.match(/\d+\.\d+\.\d+[\w.+-]*/)?.[0] ?? 'unknown';
}

/** A home of its own for each call: k8sgpt writes its configuration and cache there. */
async function withHome<T>(use: (home: string) => Promise<T>): Promise<T> {
  const home = await mkdtemp(join(tmpdir(), 'tier0-k8sgpt-'));
  try {
    return await use(home);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

function environmentIn(home: string, searchPath: string): Readonly<Record<string, string>> {
  return { HOME: home, XDG_CONFIG_HOME: home, XDG_CACHE_HOME: home, XDG_DATA_HOME: home, PATH: searchPath };
}

async function analyze(
  options: K8sgptToolOptions & { readonly command: string },
  access: ScenarioAccess,
  context: CallContext,
): Promise<DiagnosisAnswer> {
  const filters = options.filters ? ['-f', options.filters.join(',')] : [];
  const [only, ...more] = access.namespaces ?? [];
  const namespace = only !== undefined && more.length === 0 ? ['-n', only] : [];
  const end = await withHome((home) =>
    runProgram({
      command: options.command,
      arguments: ['analyze', '-o', 'json', '-c', '--kubeconfig', access.kubeconfigFile, ...filters, ...namespace],
      environment: environmentIn(home, options.searchPath),
      signal: context.signal,
    }),
  );
  if (end.exitCode !== 0) {
    const problem = `ended with code ${end.exitCode}: ${lastLine(end.stderr || end.stdout)}`;
    throw withRawOutput(malformedAnalysis(problem), `${end.stdout}\n${end.stderr}`);
  }
  return readK8sgptAnalysis(end.stdout);
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.slice(0, 300) ?? '';
}
