import { constants } from 'node:fs';
import { access, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, isAbsolute, join } from 'node:path';
import type { CallContext, JsonValue } from '@tier0/core';
import { writeInside } from '@tier0/core/files';
import { readYaml } from '../edit/yaml-source.ts';
import { runBounded } from './run-bounded.ts';

/** What a program rendered, or why it did not. */
export type Rendering =
  | { readonly status: 'rendered'; readonly objects: readonly JsonValue[] }
  /** No renderer is there, or it could not render this. */
  | { readonly status: 'failed'; readonly reason: string };

/** A program that turns files which strangers wrote into objects. */
export interface CagedRun {
  /** Name of the program, looked up on PATH. */
  readonly program: string;
  /** Arguments; `files/` is the folder of the files, which is the working directory's only other content than an empty home. */
  readonly args: readonly string[];
  readonly files: ReadonlyMap<string, string>;
}

const TIMEOUT_MS = 30_000;
const MEMORY_BYTES = 512 * 1024 * 1024;
const OUTPUT_BYTES = 64 * 1024 * 1024;
/** A proxy that nobody is: should something reach for the network after all, it finds none. */
const NO_NETWORK = 'http://127.0.0.1:9';

/**
 * Runs it over the files alone, in a folder of their own that is removed afterwards, in a process that knows no git, no proxy, no home and no
 * cluster, and is bounded in time, memory and output.
 */
export async function renderCaged({ program, args, files }: CagedRun, context: CallContext): Promise<Rendering> {
  const file = await findProgram(program);
  if (file === undefined) return { status: 'failed', reason: `${program} is not on PATH` };
  const directory = await mkdtemp(join(tmpdir(), 'tier0-render-'));
  try {
    for (const [path, content] of files) await writeInside(join(directory, 'files'), { path, content });
    return await run(file, { program, args, directory }, context);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function run(
  file: string,
  { program, args, directory }: { readonly program: string; readonly args: readonly string[]; readonly directory: string },
  { signal }: CallContext,
): Promise<Rendering> {
  const home = join(directory, 'home');
  await mkdir(home, { mode: 0o700 });
  const answer = await runBounded({
    program: file,
    args,
    directory,
    environment: {
      PATH: home,
      HOME: home,
      TMPDIR: home,
      KUBECONFIG: join(home, 'none'),
      GOMEMLIMIT: `${MEMORY_BYTES / 2}B`,
      HTTP_PROXY: NO_NETWORK,
      HTTPS_PROXY: NO_NETWORK,
      ALL_PROXY: NO_NETWORK,
    },
    signal,
    timeoutMs: TIMEOUT_MS,
    memoryBytes: MEMORY_BYTES,
    outputBytes: OUTPUT_BYTES,
  });
  signal.throwIfAborted();
  const name = `${program} ${args[0]}`;
  if (answer.status === 'stopped') return { status: 'failed', reason: `${name} was stopped: ${answer.reason}` };
  if (answer.exitCode !== 0) return { status: 'failed', reason: `${name}: ${answer.stderr.trim().split('\n')[0] || answer.exitCode}` };
  const reading = readYaml(answer.stdout);
  return reading.status === 'read' ? { status: 'rendered', objects: reading.source.values } : { status: 'failed', reason: reading.reason };
}

/** Looked up here, so that the program itself needs no PATH. */
async function findProgram(name: string): Promise<string | undefined> {
  for (const folder of (process.env.PATH ?? '').split(delimiter).filter(isAbsolute)) {
    const file = join(folder, process.platform === 'win32' ? `${name}.exe` : name);
    const isThere = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return file;
  }
  return undefined;
}
