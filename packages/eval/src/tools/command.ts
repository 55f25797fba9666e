import { dirname, join } from 'node:path';
import { type CallContext, Tier0Error } from '@tier0/core';
import { type AnswerFormat, readAnswer } from './answer-format.ts';
import { withRawOutput } from './raw-output.ts';
import { type ProgramEnd, runProgram } from './run-program.ts';
import type { DiagnosisAnswer, ScenarioAccess, ToolDescription, ToolUnderTest } from './tool-under-test.ts';

/** Any program that can be pointed at a kubeconfig. */
export interface CommandToolOptions {
  readonly description: Omit<ToolDescription, 'version'>;
  /**
   * Program and arguments. `{kubeconfig}`, `{apiUrl}`, `{namespace}`, `{now}`, `{folder}` and `{question}` are replaced; nothing passes a shell.
   */
  readonly command: readonly string[];
  /** Program and arguments that print the version. Default: the program with `--version`. */
  readonly version?: readonly string[] | undefined;
  /** Text for standard input, with the same placeholders. */
  readonly input?: string | undefined;
  /** The whole environment of the program besides PATH, HOME and KUBECONFIG, with the same placeholders. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
  /** Where the answer stands: on standard output, or in a file that the program writes (with placeholders). */
  readonly answerFile?: string | undefined;
  readonly format: AnswerFormat;
  /** Exit codes of a program that has answered. Default: 0. */
  readonly exitCodes?: readonly number[] | undefined;
  /** Value of PATH for the program. */
  readonly searchPath: string;
  /** What a reader does to add it. */
  readonly howToAdd: string;
  /** Bytes of standard output at most. Default 32 MiB. */
  readonly maxBytes?: number | undefined;
}

/** What every tool that wants a question is asked: the same for every incident, so that nothing is given away. */
export const QUESTION = 'Something may be wrong in this cluster. Find the root cause, or say that everything is healthy.';

/** A program as a contestant: started anew for each trial, in a folder of its own, ended with all it started. */
export function createCommandTool(options: CommandToolOptions): ToolUnderTest {
  let version: Promise<string> | undefined;
  const readVersion = () => {
    version ??= versionOf(options);
    return version;
  };
  return {
    describe: async () => ({ ...options.description, version: await readVersion().catch(() => 'unknown') }),
    availability: () =>
      readVersion().then(
        () => ({ status: 'available' as const }),
        (error: Error) => ({ status: 'not-run' as const, reason: error.message, howToAdd: options.howToAdd }),
      ),
    diagnose: (access, context) => ask(options, access, context),
  };
}

async function versionOf({ command, version, searchPath }: CommandToolOptions): Promise<string> {
  const [program = '', ...parameters] = version ?? [command[0] ?? '', '--version'];
  const signal = AbortSignal.timeout(20_000);
  const end = await runProgram({
    command: program,
    arguments: parameters,
    environment: { PATH: searchPath, HOME: '/nonexistent' },
    signal,
  });
  return `${end.stdout} ${end.stderr}`.match(/\d+\.\d+[\w.+-]*/)?.[0] ?? 'unknown';
}

async function ask(options: CommandToolOptions, access: ScenarioAccess, context: CallContext): Promise<DiagnosisAnswer> {
  const fill = placeholders(access);
  const [program = '', ...parameters] = options.command.map(fill);
  const given = Object.entries(options.environment ?? {}).map(([key, value]) => [key, fill(value)] as const);
  const folder = dirname(access.kubeconfigFile);
  const end = await runProgram({
    command: program,
    arguments: parameters,
    environment: { PATH: options.searchPath, HOME: folder, KUBECONFIG: access.kubeconfigFile, ...Object.fromEntries(given) },
    input: options.input === undefined ? undefined : fill(options.input),
    directory: folder,
    signal: context.signal,
    maxBytes: options.maxBytes,
  });
  if (!(options.exitCodes ?? [0]).includes(end.exitCode)) throw withRawOutput(ended(program, end), `${end.stdout}\n${end.stderr}`);
  return readAnswer(await answerText(options, { end, fill, folder }), options.format);
}

async function answerText(
  { answerFile }: CommandToolOptions,
  { end, fill, folder }: { readonly end: ProgramEnd; readonly fill: (text: string) => string; readonly folder: string },
): Promise<string> {
  if (answerFile === undefined) return end.stdout;
  const { readFile } = await import('node:fs/promises');
  const file = fill(answerFile);
  return await readFile(file.startsWith('/') ? file : join(folder, file), 'utf8').catch((cause) => {
    throw withRawOutput(
      new Tier0Error({
        code: 'MALFORMED_RESPONSE',
        message: 'The program ended well and wrote no answer file.',
        hint: `It was expected at ${answerFile}.`,
        cause,
      }),
      end.stdout,
    );
  });
}

function placeholders(access: ScenarioAccess): (text: string) => string {
  const values: Readonly<Record<string, string>> = {
    kubeconfig: access.kubeconfigFile,
    apiUrl: access.apiUrl,
    namespace: access.namespaces?.[0] ?? '',
    now: access.now,
    folder: dirname(access.kubeconfigFile),
    question: QUESTION,
  };
  return (text) => text.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}

function ended(program: string, { exitCode, stderr, stdout }: ProgramEnd): Tier0Error {
  const last = (stderr || stdout).trim().split('\n').at(-1)?.slice(0, 300) ?? '';
  return new Tier0Error({
    code: 'UNAVAILABLE',
    message: `${program} ended with code ${exitCode}: ${last}`,
    hint: 'Run it by hand with a kubeconfig; codes that mean an answer are listed under exitCodes.',
  });
}
