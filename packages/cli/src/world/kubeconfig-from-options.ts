import { loadKubeconfig } from '@tier0/cmdb';
import { Tier0Error } from '@tier0/core';
import { parse } from 'yaml';
import { didYouMean } from '../commands/did-you-mean.ts';
import type { Environment } from '../environment.ts';

/** Text of the kubeconfig that was named, else of the one kubectl would take. Throws NOT_FOUND and INVALID_INPUT. */
export async function kubeconfigFrom(
  file: string | undefined,
  { variables }: Pick<Environment, 'variables'>,
  context?: string | undefined,
): Promise<string> {
  const text = await loadKubeconfig({ file, variables });
  if (context !== undefined) requireContext(text, context);
  return text;
}

function requireContext(text: string, context: string): void {
  const { contexts } = parse(text) as { readonly contexts: readonly { readonly name?: unknown }[] };
  const known = contexts.map(({ name }) => String(name));
  if (known.includes(context)) return;
  throw new Tier0Error({
    code: 'INVALID_INPUT',
    message: `The kubeconfig has no context "${context}".`,
    hint: `${didYouMean(context, known)}It has ${known.join(', ') || 'none'}.`,
  });
}
