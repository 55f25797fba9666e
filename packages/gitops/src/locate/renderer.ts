import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { CallContext, JsonValue } from '@tier0/core';
import { readYaml } from '../edit/yaml-source.ts';

export type Rendering =
  | { readonly status: 'rendered'; readonly objects: readonly JsonValue[] }
  /** No renderer is there, or it could not render this. */
  | { readonly status: 'failed'; readonly reason: string };

/** Turns a kustomization into the objects it declares. */
export interface KustomizeRenderer {
  /** Renders one folder of a set of files, given by their paths. Never reads anything else, and nothing from a network. */
  render(files: ReadonlyMap<string, string>, folder: string, context: CallContext): Promise<Rendering>;
}

/** Milliseconds one rendering may take. */
const TIMEOUT_MS = 30_000;
/** What kustomize would fetch from elsewhere. */
const REMOTE = /^\s*-\s*["']?(?:https?:|ssh:|git@|git::|[\w.-]+\.[a-z]{2,}\/)|[?&]ref=/m;

/** Renders with `kubectl kustomize`, in a folder of its own that is removed afterwards. Needs no cluster. */
export function createKubectlRenderer(): KustomizeRenderer {
  return {
    async render(files, folder, context) {
      const remote = [...files].find(([file, text]) => /kustomization\.ya?ml$|Kustomization$/.test(file) && REMOTE.test(text));
      if (remote) return { status: 'failed', reason: `${remote[0]} takes something from a network` };
      const directory = await mkdtemp(join(tmpdir(), 'tier0-render-'));
      try {
        for (const [file, text] of files) {
          await mkdir(join(directory, dirname(file)), { recursive: true });
          await writeFile(join(directory, file), text);
        }
        return await runKubectl(join(directory, folder), directory, context);
      } finally {
        await rm(directory, { recursive: true, force: true });
      }
    },
  };
}

function runKubectl(folder: string, home: string, { signal }: CallContext): Promise<Rendering> {
  return new Promise((resolve) => {
    const environment = { PATH: process.env.PATH, HOME: home, KUBECONFIG: join(home, 'none') };
    const child = spawn('kubectl', ['kustomize', folder], {
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
      signal,
      timeout: TIMEOUT_MS,
    });
    const output: Buffer[] = [];
    let errors = '';
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => {
      if (errors.length < 4096) errors += chunk.toString('utf8');
    });
    child.on('error', (error: NodeJS.ErrnoException) => {
      resolve({ status: 'failed', reason: error.code === 'ENOENT' ? 'kubectl is not on PATH' : `kubectl did not run: ${error.message}` });
    });
    child.on('close', (code) => {
      if (code !== 0) return resolve({ status: 'failed', reason: `kubectl kustomize: ${errors.trim().split('\n')[0] ?? code}` });
      const reading = readYaml(Buffer.concat(output).toString('utf8'));
      resolve(
        reading.status === 'read' ? { status: 'rendered', objects: reading.source.values } : { status: 'failed', reason: reading.reason },
      );
    });
  });
}
