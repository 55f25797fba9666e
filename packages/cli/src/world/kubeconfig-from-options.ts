import { readFile } from 'node:fs/promises';
import { Tier0Error } from '@tier0/core';
import type { Environment } from '../environment.ts';

/** Text of the kubeconfig that was named, else of the one kubectl would take. Throws NOT_FOUND. */
export async function kubeconfigFrom(file: string | undefined, { variables }: Environment): Promise<string> {
  const path = file ?? variables.KUBECONFIG ?? `${variables.HOME ?? ''}/.kube/config`;
  return readFile(path, 'utf8').catch((cause) => {
    throw new Tier0Error({
      code: 'NOT_FOUND',
      message: `There is no kubeconfig ${path}.`,
      hint: 'Name one with --kubeconfig FILE, or set KUBECONFIG.',
      cause,
    });
  });
}
