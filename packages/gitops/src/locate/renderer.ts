import { constants } from 'node:fs';
import { access, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, isAbsolute, join } from 'node:path';
import type { CallContext, JsonValue } from '@tier0/core';
import { writeInside } from '@tier0/core/files';
import { readYaml } from '../edit/yaml-source.ts';
import { kustomizationClosure } from './kustomization-closure.ts';
import { runBounded } from './run-bounded.ts';

export type Rendering =
  | { readonly status: 'rendered'; readonly objects: readonly JsonValue[] }
  /** No renderer is there, or it could not render this. */
  | { readonly status: 'failed'; readonly reason: string };

/** Turns a kustomization into the objects it declares. */
export interface KustomizeRenderer {
  /** Renders one folder of a set of files, given by their paths. Never reads anything else, and nothing from a network. */
  render(files: ReadonlyMap<string, string>, folder: string, context: CallContext): Promise<Rendering>;
}

const TIMEOUT_MS = 30_000;
const MEMORY_BYTES = 512 * 1024 * 1024;
const OUTPUT_BYTES = 64 * 1024 * 1024;
/** A proxy that nobody is: should something reach for the network after all, it finds none. */
const NO_NETWORK = 'http://127.0.0.1:9';

/**
 * Renders with `kubectl kustomize`: only the files that the kustomization was seen to take, in a folder of their own that is removed
 * afterwards, in a process that knows no git, no proxy, no home and no cluster, and is bounded in time, memory and output.
 */
export function createKubectlRenderer(): KustomizeRenderer {
  return {
    async render(files, folder, context) {
      const closure = kustomizationClosure(files, folder);
      if (closure.status === 'refused') return { status: 'failed', reason: `not rendered: ${closure.reason}` };
      const program = await findProgram('kubectl');
      if (program === undefined) return { status: 'failed', reason: 'kubectl is not on PATH' };
      const directory = await mkdtemp(join(tmpdir(), 'tier0-render-'));
      try {
        for (const [path, content] of closure.files) await writeInside(join(directory, 'files'), { path, content });
        return await runKubectl(program, { directory, folder: join('files', folder) }, context);
      } finally {
        await rm(directory, { recursive: true, force: true });
      }
    },
  };
}

async function runKubectl(
  program: string,
  { directory, folder }: { readonly directory: string; readonly folder: string },
  { signal }: CallContext,
): Promise<Rendering> {
  const home = join(directory, 'home');
  await mkdir(home, { mode: 0o700 });
  const environment = {
    PATH: home,
    HOME: home,
    TMPDIR: home,
    KUBECONFIG: join(home, 'none'),
    GOMEMLIMIT: `${MEMORY_BYTES / 2}B`,
    HTTP_PROXY: NO_NETWORK,
    HTTPS_PROXY: NO_NETWORK,
    ALL_PROXY: NO_NETWORK,
  };
  const answer = await runBounded({
    program,
    args: ['kustomize', folder],
    directory,
    environment,
    signal,
    timeoutMs: TIMEOUT_MS,
    memoryBytes: MEMORY_BYTES,
    outputBytes: OUTPUT_BYTES,
  });
  signal.throwIfAborted();
  if (answer.status === 'stopped') return { status: 'failed', reason: `kubectl kustomize was stopped: ${answer.reason}` };
  if (answer.exitCode !== 0)
    return { status: 'failed', reason: `kubectl kustomize: ${answer.stderr.trim().split('\n')[0] || answer.exitCode}` };
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
