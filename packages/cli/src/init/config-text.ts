import { Tier0Error } from '@tier0/core';
import { stringify } from 'yaml';
import { readConfigText } from '../duty/config/read-config.ts';
import type { GuessedForge } from './guess-repository.ts';

/** How a merged change reaches the cluster. */
export type Delivery =
  | { readonly kind: 'rollout' }
  | { readonly kind: 'flux'; readonly kustomization: string }
  | { readonly kind: 'argocd'; readonly application: string };

/** What `tier0 init` found out. */
export interface ConfigAnswers {
  readonly name: string;
  readonly kubeconfig: string;
  readonly context: string;
  readonly repository: string;
  readonly branch: string;
  readonly path?: string | undefined;
  readonly forge: GuessedForge;
  readonly delivery: Delivery;
  readonly prometheus?: string | undefined;
}

const HEAD = `# What "tier0 serve" does. "tier0 config schema" is for your editor, "tier0 config check" lists what is wrong.
# Secrets are named by reference only: {env: NAME} or {file: PATH}.
`;

/** Text of a `tier0.yaml`. Pure. Throws INVALID_INPUT with the answer that cannot be used. */
export function configText({ name, kubeconfig, context, repository, branch, path, forge, delivery, prometheus }: ConfigAnswers): string {
  const isRemote = /^https?:\/\//.test(repository);
  const cluster = {
    name,
    kubeconfig,
    context,
    repository: {
      url: repository,
      branch,
      ...(path === undefined ? {} : { path }),
      ...(isRemote ? { authorization: { env: 'TIER0_GIT_AUTHORIZATION' } } : {}),
    },
    forge: forge.kind === 'local' ? { kind: 'local' } : { ...forge, token: { env: 'TIER0_FORGE_TOKEN' } },
    delivery,
    ...(prometheus === undefined ? {} : { prometheus: { url: prometheus } }),
  };
  const text = `${HEAD}${stringify({ author: 'tier0-bot', state: './tier0-state', clusters: [cluster] })}`;
  const reading = readConfigText(text);
  if (reading.status === 'read') return text;
  const [flaw] = reading.flaws;
  throw new Tier0Error({
    code: 'INVALID_INPUT',
    message: `${flaw?.path.replace(/^clusters\.0\./, '')}: ${flaw?.message}.`,
    hint: 'Answer it otherwise, or give it as an option.',
  });
}

/** Environment variables that a configuration names, each with what belongs into it. Pure. */
export function neededVariables({ repository, forge }: Pick<ConfigAnswers, 'repository' | 'forge'>): readonly string[] {
  return [
    ...(/^https?:\/\//.test(repository) ? ["TIER0_GIT_AUTHORIZATION   value of git's HTTP header, e.g. Basic BASE64(user:token)"] : []),
    ...(forge.kind === 'local' ? [] : [`TIER0_FORGE_TOKEN         token of ${forge.kind}; its scopes: docs/guides/your-repository.md`]),
  ];
}

/** A context's name as the name of a cluster: lower-case letters, digits, `.` and `-`, at most 63. Pure. */
export function clusterName(context: string): string {
  const name = context
    .toLowerCase()
    .replace(/[^a-z0-9.-]+/g, '-')
    .replace(/^[.-]+/, '')
    .slice(0, 63)
    .replace(/[.-]+$/, '');
  return name === '' ? 'cluster' : name;
}

/** `rollout`, `flux NAMESPACE/NAME`, `argocd NAMESPACE/NAME`. Pure. Throws INVALID_INPUT. */
export function parseDelivery(text: string): Delivery {
  const [kind, name, ...others] = text.trim().split(/\s+/);
  if (kind === 'rollout' && name === undefined) return { kind };
  if (kind === 'flux' && name?.includes('/') && others.length === 0) return { kind, kustomization: name };
  if (kind === 'argocd' && name?.includes('/') && others.length === 0) return { kind, application: name };
  throw new Tier0Error({
    code: 'INVALID_INPUT',
    message: `"${text}" does not say how merged changes reach the cluster.`,
    hint: 'Write flux NAMESPACE/NAME (its Kustomization), argocd NAMESPACE/NAME (its Application), or rollout where somebody applies the branch.',
  });
}
