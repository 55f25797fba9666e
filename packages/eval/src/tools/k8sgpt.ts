import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CallContext, Tier0Error } from '@tier0/core';
import { z } from 'zod';
import type { SubjectRef } from '../scenario/scenario.ts';
import { causeOfText } from './cause-of-text.ts';
import { type ProgramEnd, runProgram } from './run-program.ts';
import type { AnsweredRootCause, DiagnosisAnswer, ScenarioAccess, ToolUnderTest } from './tool-under-test.ts';

/** Which k8sgpt is run, and with which of its analyzers. */
export interface K8sgptToolOptions {
  /** Program to run; a name is looked up in `searchPath`. Default `k8sgpt`. */
  readonly command?: string | undefined;
  /** Value of PATH for the program. */
  readonly searchPath: string;
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
      return { name: 'k8sgpt', version: await readVersion().catch(() => 'unknown'), kind: 'peer' };
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
  return toAnswer(readAnalysis(end), end.stdout);
}

const AnalysisSchema = z.object({
  errors: z.array(z.string()).nullish(),
  results: z
    .array(
      z.object({
        kind: z.string(),
        name: z.string(),
        error: z.array(z.object({ Text: z.string().nullish() })).nullish(),
        parentObject: z.string().nullish(),
      }),
    )
    .nullish(),
});
type Analysis = z.infer<typeof AnalysisSchema>;

/** Analyzers print lines before the JSON: it begins at the first line that is an opening brace. */
function readAnalysis(end: ProgramEnd): Analysis {
  if (end.exitCode !== 0) throw failed(`ended with code ${end.exitCode}: ${lastLine(end.stderr || end.stdout)}`);
  const lines = end.stdout.split('\n');
  const start = lines.findIndex((line) => line.trimEnd() === '{');
  if (start < 0) throw failed('printed no JSON document');
  try {
    return AnalysisSchema.parse(JSON.parse(lines.slice(start).join('\n')));
  } catch (cause) {
    throw failed('printed JSON of an unknown shape', cause);
  }
}

/** k8sgpt's order changes from run to run, so results are sorted. */
function toAnswer({ results, errors }: Analysis, raw: string): DiagnosisAnswer {
  const sorted = [...(results ?? [])].sort((a, b) => compare(`${a.kind} ${a.name}`, `${b.kind} ${b.name}`));
  const texts = sorted.map((result) => (result.error ?? []).map(({ Text }) => Text ?? '').sort(compare));
  return {
    rootCauses: sorted.map((result, index): AnsweredRootCause => {
      const text = texts[index]!.join('\n');
      return { cause: causeOfText(text), subject: toSubject(result.kind, result.name), text };
    }),
    findings: texts.flat().length,
    unknowns: errors ?? [],
    raw,
  };
}

/** `namespace/name`, for logs `namespace/pod/container`, or a bare name for what has no namespace. */
function toSubject(kind: string, name: string): SubjectRef {
  const [first = '', second] = name.split('/');
  return second === undefined ? { kind, name: first } : { kind, namespace: first || undefined, name: second };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.slice(0, 300) ?? '';
}

function failed(problem: string, cause?: unknown): Tier0Error {
  return new Tier0Error({
    code: 'MALFORMED_RESPONSE',
    message: `k8sgpt ${problem}.`,
    hint: 'Run "k8sgpt analyze -o json" against any cluster to see what it prints; the adapter reads the format of 0.4.',
    cause,
  });
}
