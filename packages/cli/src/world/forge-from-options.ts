import { type CallContext, type Forge, Tier0Error, toTier0Error } from '@tier0/core';
import {
  createGiteaForge,
  createGitHubForge,
  createGitLabForge,
  createLocalForge,
  type Members,
  type Mirror,
  type StatementSigner,
} from '@tier0/gitops';
import { didYouMean } from '../commands/did-you-mean.ts';

/** Kinds of forges that the command line knows. */
export const FORGE_KINDS = ['local', 'github', 'gitlab', 'gitea'] as const;
export type ForgeKind = (typeof FORGE_KINDS)[number];

/** Where pull requests are kept, as named on the command line. */
export interface ForgeOptions {
  readonly kind: ForgeKind;
  /** `owner/name`, or the full path of a GitLab project. */
  readonly project?: string | undefined;
  /** URL of the API, where it is not the public one. */
  readonly url?: string | undefined;
}

/** Checks what the command line says about the forge. Throws INVALID_INPUT. */
export function parseForgeOptions(values: {
  readonly forge: string;
  readonly 'forge-project'?: string | undefined;
  readonly 'forge-url'?: string | undefined;
}): ForgeOptions {
  const kind = FORGE_KINDS.find((known) => known === values.forge);
  if (!kind)
    throw invalid(
      `There is no forge "${values.forge}".`,
      `${didYouMean(values.forge, FORGE_KINDS)}Choose one of: ${FORGE_KINDS.join(', ')}.`,
    );
  if (kind !== 'local' && !values['forge-project']) {
    throw invalid(`--forge ${kind} needs --forge-project: where its pull requests are opened.`, 'Write it like shop/infra.');
  }
  if (kind === 'gitea' && !values['forge-url']) {
    throw invalid('--forge gitea needs --forge-url: Gitea has no public address.', 'Write it like https://HOST/api/v1.');
  }
  return { kind, project: values['forge-project'], url: values['forge-url'] };
}

/** What a forge is made of besides its options. */
export interface ForgeParts {
  readonly mirror: Mirror;
  readonly members: Members;
  readonly token: string | undefined;
  /** Signs what tier0 says on the local forge; the others know their users. */
  readonly signer: StatementSigner;
}

/** The forge that the options name. Its token comes from the environment only. Throws INVALID_INPUT without one. */
export function forgeFromOptions(options: ForgeOptions, { mirror, members, token, signer }: ForgeParts): Forge {
  return options.kind === 'local' ? createLocalForge({ mirror, members, signer }) : hostedForge({ ...options, kind: options.kind }, token);
}

/** A forge on a server. Throws INVALID_INPUT without a token. */
export function hostedForge(
  { kind, project = '', url }: ForgeOptions & { readonly kind: Exclude<ForgeKind, 'local'> },
  token: string | undefined,
): Forge {
  if (!token) throw invalid(`--forge ${kind} needs a token.`, 'Put it into TIER0_FORGE_TOKEN; it is read from the environment only.');
  if (kind === 'github') return createGitHubForge({ repository: project, token, apiUrl: url });
  if (kind === 'gitlab') return createGitLabForge({ project, token, apiUrl: url });
  return createGiteaForge({ repository: project, token, apiUrl: url ?? '' });
}

/**
 * Asks the forge whether the token is enough, before anything is found that would need it. Throws PERMISSION_DENIED with all that is missing,
 * and what the forge says of a wrong token or repository. A forge that does not answer just now is asked again when it is needed.
 */
export async function requireForge(forge: Pick<Forge, 'name' | 'check'>, context: CallContext): Promise<void> {
  const missing = await forge.check?.(context).catch((error: unknown) => {
    const failure = toTier0Error(error);
    if (failure.retryable && !context.signal.aborted) return [];
    throw failure;
  });
  if (missing === undefined || missing.length === 0) return;
  throw new Tier0Error({
    code: 'PERMISSION_DENIED',
    message: `The forge ${forge.name} would refuse what tier0 does there.`,
    hint: missing.join(' '),
  });
}

function invalid(message: string, hint: string): Tier0Error {
  return new Tier0Error({ code: 'INVALID_INPUT', message, hint });
}
