import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CallContext, LanguageModel } from '@tier0/core';
import { stringify } from 'yaml';
import { malformedAnalysis, readK8sgptAnalysis } from './k8sgpt-analysis.ts';
import { createModelEndpoint, type ModelEndpoint } from './model-endpoint.ts';
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
  /** Explains what the analyzers found (`--explain`). It is put behind an address on this machine and counted there. Default: none. */
  readonly model?: LanguageModel | undefined;
}

const HOW_TO_ADD = 'Install a k8sgpt release so that "k8sgpt version" works in this terminal, then run the evaluation again.';

const NOTE = '`k8sgpt analyze -o json`, its own analyzers and no model.';
const NOTE_WITH_MODEL =
  '`k8sgpt analyze --explain -o json`: the model explains each result; what is accused stays what the analyzers found.';

/** k8sgpt over the recorded cluster, as documented: `analyze -o json`, and with a model `--explain`. */
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
        id: options.id ?? (options.model ? 'k8sgpt-with-model' : 'k8sgpt'),
        name: options.name ?? (options.model ? 'k8sgpt with model' : 'k8sgpt'),
        version: await readVersion().catch(() => 'unknown'),
        kind: 'peer',
        model: options.model?.model,
        note: options.model ? NOTE_WITH_MODEL : NOTE,
        repeats: options.model === undefined || options.model.name === 'scripted' ? 1 : undefined,
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
  const said = `${end.stdout} ${end.stderr}`;
  // A build of one's own calls itself dev.
  return said.match(/\d+\.\d+\.\d+[\w.+-]*/)?.[0] ?? /k8sgpt: (\S+)/.exec(said)?.[1] ?? 'unknown';
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
  const endpoint = options.model === undefined ? undefined : await createModelEndpoint(options.model, context);
  try {
    const end = await withHome(async (home) => {
      if (endpoint !== undefined) await configureModel(home, endpoint, options.model?.model ?? '');
      const explain = endpoint === undefined ? [] : ['--explain', '-b', PROVIDER];
      return await runProgram({
        command: options.command,
        arguments: ['analyze', '-o', 'json', '-c', '--kubeconfig', access.kubeconfigFile, ...explain, ...filters, ...namespace],
        environment: environmentIn(home, options.searchPath),
        signal: context.signal,
      });
    });
    if (end.exitCode !== 0) {
      const problem = `ended with code ${end.exitCode}: ${lastLine(end.stderr || end.stdout)}`;
      throw withRawOutput(malformedAnalysis(problem), `${end.stdout}\n${end.stderr}`);
    }
    const answer = readK8sgptAnalysis(end.stdout);
    return endpoint === undefined ? answer : { ...answer, modelUse: endpoint.use() };
  } finally {
    await endpoint?.close();
  }
}

/** Its name for any server that speaks as OpenAI does. */
const PROVIDER = 'openai';

/** Its configuration as `k8sgpt auth add` writes it, with the address of the model on this machine. */
async function configureModel(home: string, { url }: ModelEndpoint, model: string): Promise<void> {
  const provider = { name: PROVIDER, model, password: 'none', baseurl: url, temperature: 0.7, topp: 0.5, maxtokens: 2_048 };
  await mkdir(join(home, 'k8sgpt'), { recursive: true });
  await writeFile(join(home, 'k8sgpt', 'k8sgpt.yaml'), stringify({ ai: { providers: [provider], defaultprovider: PROVIDER } }), {
    mode: 0o600,
  });
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.slice(0, 300) ?? '';
}
