import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type CallContext, type JsonValue, parseFieldPath } from '@tier0/core';
import { createMirror } from '@tier0/gitops';
import { createTier0, type RepositoryConfig, type Tier0Diagnosis } from './create-tier0.ts';
import { findItem } from './operations/find-item.ts';
import { openWorld, type Place } from './operations/open-world.ts';
import { type ProposeOutcome, propose } from './operations/propose.ts';
import { wishedEdit, wishedRemedy } from './operations/wish.ts';

/** What both calls may be told besides what they are about. */
interface CallOptions {
  /** Ends the call. Default: none. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds since the epoch. Default `Date.now`. */
  readonly now?: (() => number) | undefined;
}

/** Which cluster is looked at: exactly one of `kubeconfig`, `kubeconfigText`, `snapshot` and `manifests`; `namespace` narrows the answer. */
export interface DiagnoseInput extends Place, CallOptions {
  /** Told what is being done, and how much of it is done where that can be counted. */
  readonly onProgress?: ((line: string, count?: { readonly done: number; readonly all: number }) => void) | undefined;
}

/** What is broken in a cluster, why, and what would help. It only reads. Throws where the cluster cannot be read at all. */
export async function diagnose({ signal, now, onProgress, ...cluster }: DiagnoseInput): Promise<Tier0Diagnosis> {
  const tier0 = createTier0({ cluster, signal, now });
  try {
    return await tier0.diagnose({ namespace: cluster.namespace, onProgress });
  } finally {
    await tier0.close();
  }
}

/** One field of one live object that shall become something else, by way of the repository that declares it. */
export interface ProposeChangeInput extends CallOptions {
  /** Where the live object is read. */
  readonly cluster: Place;
  /** Where it is declared. */
  readonly repository: RepositoryConfig;
  /** An item id, or a name as kubectl has it: `deploy/shop/web`. */
  readonly item: string;
  /** `spec.replicas`, `spec.template.spec.containers[name=web].image`. */
  readonly field: string;
  readonly value: JsonValue;
  /** Account that proposes; it can never approve. */
  readonly author: string;
  /** Why, in the words that reviewers read. */
  readonly why: string;
  /** Show what would be written, and write nothing. Default false. */
  readonly dryRun?: boolean | undefined;
}

/**
 * Locates the field in Git, rehearses the change, asks the gate and opens a pull request, or says why not. It never merges: people and the forge
 * do. Throws NOT_FOUND and INVALID_INPUT for an item or a field that is not there.
 */
export async function proposeChange(input: ProposeChangeInput): Promise<ProposeOutcome> {
  const { repository, author, why, dryRun = false } = input;
  const context: CallContext = { signal: input.signal ?? new AbortController().signal, now: input.now ?? Date.now };
  const { reader } = await openWorld(input.cluster, context);
  const edit = wishedEdit(reader, {
    item: findItem({ reader }, { item: input.item }),
    fieldPath: parseFieldPath(input.field),
    value: () => input.value,
  });
  const folder = await mkdtemp(join(tmpdir(), 'tier0-mirror-'));
  try {
    const mirror = createMirror({ url: urlOf(repository), directory: join(folder, 'mirror.git'), authorization: repository.authorization });
    const place = { branch: repository.branch ?? 'main', path: repository.path };
    return await propose({ ...place, mirror, reader, remedy: wishedRemedy({ edit, why }), author, why, dryRun }, context);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A path counts from where this process stands; anything with a scheme is taken as it is. */
function urlOf({ url }: RepositoryConfig): string {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(url) ? url : resolve(url);
}
