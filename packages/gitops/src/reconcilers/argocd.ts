import { type CallContext, type Reconciler, readField, toTier0Error, type WatchRequest } from '@tier0/core';
import { type ObjectReader, referenceOf } from './object-reference.ts';
import { type Look, lookAtRollouts, watchUntilLive } from './watch.ts';

/** Whether `descendant` contains `commit` (or is it); the mirror answers this. */
export type Contains = (commit: string, descendant: string, context: CallContext) => Promise<boolean>;

/** Which Application makes the change live, and how it is read. */
export interface ArgoCdReconcilerOptions {
  readonly application: { readonly namespace: string; readonly name: string };
  /** Repository of the change: names the source of an Application with several. */
  readonly repository: string;
  /** Reads the Application, and the changed items, whose own rollout counts besides Argo CD's word. */
  readonly cluster: ObjectReader;
  readonly contains: Contains;
  /** Asks Argo CD to look at Git now, e.g. by the annotation `argocd.argoproj.io/refresh`. Default: it looks when it likes. */
  readonly refresh?: ((context: CallContext) => Promise<void>) | undefined;
  /** Real milliseconds between two looks. Default 5,000. */
  readonly pollMs?: number | undefined;
  /** Milliseconds `Degraded` must last before the change has failed. Default 60,000. */
  readonly graceMs?: number | undefined;
}

/**
 * Watches an Argo CD Application. Live: the synchronised revision contains the commit, an operation for such a revision succeeded, the
 * health was judged after it and is Healthy, the items' own rollouts are complete, and all that lasts. Healthy alone is the health of
 * what ran before. Source: argo-cd, pkg/apis/application/v1alpha1/types.go.
 */
export function createArgoCdReconciler(options: ArgoCdReconcilerOptions): Reconciler {
  const { application, cluster } = options;
  const reference = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application', ...application };
  const look = async (request: WatchRequest, context: CallContext): Promise<Look> => {
    const object = await cluster.get(reference, context);
    const judged = await judgeApplication(object, { request, repository: options.repository, contains: options.contains }, context);
    if (judged.status !== 'healthy') return judged;
    const unfinished = await lookAtRollouts(request, async (item) => {
      const found = referenceOf(item);
      return found && cluster.get(found, context);
    });
    return unfinished ?? judged;
  };
  return {
    name: 'argocd',
    async check(context) {
      const object = await cluster.get(reference, context).catch((error: unknown) => toTier0Error(error));
      if (object instanceof Error) return [object.message];
      return object ? [] : [`there is no Application ${application.namespace}/${application.name}`];
    },
    async *watch(request, context) {
      await options.refresh?.(context);
      const rhythm = { pollMs: options.pollMs ?? 5_000, graceMs: options.graceMs };
      yield* watchUntilLive((again) => lookThrough(() => look(request, again), again), rhythm, request, context);
    },
  };
}

/** An API that does not answer says nothing about the change. */
export async function lookThrough(look: () => Promise<Look>, context: CallContext): Promise<Look> {
  try {
    return await look();
  } catch (error) {
    const known = toTier0Error(error);
    if (context.signal.aborted || !known.retryable) throw error;
    return { status: 'syncing', message: `trying again: ${known.message}`, unreachable: true };
  }
}

interface Question {
  readonly request: WatchRequest;
  readonly repository: string;
  readonly contains: Contains;
}

/** What an Application says about a commit. */
export async function judgeApplication(application: unknown, question: Question, context: CallContext): Promise<Look> {
  if (application === undefined) return { status: 'syncing', message: 'the Application does not exist yet' };
  const { commit } = question.request;
  const text = (...path: string[]) => textAt(application, path);
  const index = sourceIndex(application, question.repository);
  const holds = async (revision: string | undefined) => revision !== undefined && question.contains(commit, revision, context);
  const invalid = conditionMessage(application, 'InvalidSpecError');
  if (invalid) return { status: 'failed', message: `the Application is invalid: ${invalid}` };
  const operated = revisionAt(application, ['status', 'operationState', 'syncResult'], index);
  const phase = text('status', 'operationState', 'phase');
  if (await holds(operated)) {
    const message = text('status', 'operationState', 'message') ?? 'no message';
    if (phase === 'Failed' || phase === 'Error')
      return { status: 'failed', message: `Argo CD could not apply ${short(operated)}: ${message}` };
    if (phase !== 'Succeeded') return { status: 'syncing', message: `Argo CD applies ${short(operated)}: ${message}` };
  }
  const synced = revisionAt(application, ['status', 'sync'], index);
  if (!(await holds(synced))) {
    const compared = conditionMessage(application, 'ComparisonError');
    const why = compared ? `: ${compared}` : '';
    return { status: 'syncing', message: `Argo CD is at ${short(synced)}, which does not contain ${commit.slice(0, 12)} yet${why}` };
  }
  if (!(await holds(operated))) return { status: 'syncing', message: `Argo CD knows ${short(synced)} and has not applied it yet` };
  const status = text('status', 'sync', 'status');
  if (status !== 'Synced') return { status: 'syncing', message: `Argo CD says ${status ?? 'nothing'} for ${short(synced)}` };
  if (isBefore(text('status', 'reconciledAt'), text('status', 'operationState', 'finishedAt'))) {
    return { status: 'rolling-out', message: 'Argo CD has not judged the health since it applied the change' };
  }
  return judgeHealth(text('status', 'health', 'status'), text('status', 'health', 'message'), synced as string);
}

function judgeHealth(health: string | undefined, message: string | undefined, revision: string): Look {
  const said = `Argo CD says ${health ?? 'nothing about health'}${message ? `: ${message}` : ''}`;
  if (health === 'Healthy') return { status: 'healthy', revision };
  if (health === 'Degraded' || health === 'Missing') return { status: 'ailing', message: said };
  return { status: 'rolling-out', message: said };
}

/** Position of the repository among several sources; undefined for an Application with one. */
function sourceIndex(application: unknown, repository: string): number | undefined {
  const sources = readField(application, ['spec', 'sources']);
  if (!Array.isArray(sources)) return undefined;
  const wanted = plainUrl(repository);
  const found = sources.findIndex((source) => plainUrl(String(readField(source, ['repoURL']) ?? '')) === wanted);
  return found < 0 ? undefined : found;
}

function plainUrl(url: string): string {
  return url
    .replace(/\/+$/, '')
    .replace(/\.git$/, '')
    .toLowerCase();
}

function revisionAt(application: unknown, path: readonly string[], index: number | undefined): string | undefined {
  if (index === undefined) return textAt(application, [...path, 'revision']);
  const revision = readField(application, [...path, 'revisions', index]);
  return typeof revision === 'string' && revision !== '' ? revision : undefined;
}

function conditionMessage(application: unknown, type: string): string | undefined {
  const conditions = readField(application, ['status', 'conditions']);
  const found = Array.isArray(conditions) ? conditions.find((condition) => readField(condition, ['type']) === type) : undefined;
  return found ? String(readField(found, ['message']) ?? type) : undefined;
}

function textAt(object: unknown, path: readonly string[]): string | undefined {
  const value = readField(object, path);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function isBefore(a: string | undefined, b: string | undefined): boolean {
  return a !== undefined && b !== undefined && Date.parse(a) < Date.parse(b);
}

function short(revision: string | undefined): string {
  return revision ? revision.slice(0, 12) : 'no revision';
}
