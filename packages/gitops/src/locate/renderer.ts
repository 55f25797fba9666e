import { join } from 'node:path/posix';
import type { CallContext } from '@tier0/core';
import { type Rendering, renderCaged } from './caged-program.ts';
import { kustomizationClosure } from './kustomization-closure.ts';

export type { Rendering } from './caged-program.ts';

/** Turns a kustomization into the objects it declares. */
export interface KustomizeRenderer {
  /** Renders one folder of a set of files, given by their paths. Never reads anything else, and nothing from a network. */
  render(files: ReadonlyMap<string, string>, folder: string, context: CallContext): Promise<Rendering>;
}

/** Renders with `kubectl kustomize`, caged: only the files that the kustomization was seen to take are there. */
export function createKubectlRenderer(): KustomizeRenderer {
  return {
    async render(files, folder, context) {
      const closure = kustomizationClosure(files, folder);
      if (closure.status === 'refused') return { status: 'failed', reason: `not rendered: ${closure.reason}` };
      return renderCaged({ program: 'kubectl', args: ['kustomize', join('files', folder)], files: closure.files }, context);
    },
  };
}
