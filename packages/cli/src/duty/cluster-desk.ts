import { join } from 'node:path';
import { createKubernetesLogsEvidence, createPrometheusEvidence } from '@tier0/agents';
import { createKubernetesWatch, createObjectGetter, createPodLogReader, createSqliteCmdbStore, keepCurrent } from '@tier0/cmdb';
import {
  type AuditLog,
  type CallContext,
  type Cmdb,
  type CmdbStore,
  type Detector,
  type EvidenceSource,
  type Forge,
  type Gap,
  type LoopPorts,
  type LoopSettings,
  Tier0Error,
} from '@tier0/core';
import {
  createFileJournal,
  createLocalForgeDesk,
  createMirror,
  type LocalForgeDesk,
  type Members,
  type Mirror,
  readMembers,
} from '@tier0/gitops';
import { catalogFromRepository } from '../world/catalog-from-repository.ts';
import { composeCmdb, composeLoop, readPatterns } from '../world/compose-loop.ts';
import { forgeFromOptions, requireForge } from '../world/forge-from-options.ts';
import { gateSigner } from '../world/gate-key.ts';
import { modelFromOptions } from '../world/model-from-options.ts';
import { type StateFolder, stateFolder } from '../world/state-folder.ts';
import { teamMembers } from '../world/team-members.ts';
import { createBell } from './bell.ts';
import { kubeconfigText } from './cluster-kubeconfig.ts';
import type { ClusterConfig, DutyConfig } from './config/schema.ts';
import { readSecret } from './config/secret.ts';
import { deliveryOf } from './delivery.ts';

/** Everything that is needed to be on duty for one cluster, put together. */
export interface ClusterDesk {
  readonly config: ClusterConfig;
  readonly folder: StateFolder;
  readonly cmdb: Cmdb;
  readonly ports: LoopPorts;
  readonly detectors: readonly Detector[];
  readonly settings: LoopSettings;
  readonly forge: Forge;
  /** Where people decide, when the forge is the local one. */
  readonly people?: LocalForgeDesk | undefined;
  readonly members: Members;
  readonly audit: AuditLog;
  readonly evidence: readonly EvidenceSource[];
  /** Reads the log of a container. */
  readonly readLog: ReturnType<typeof createPodLogReader>;
  /** Secret of the forge's webhook; undefined: none is accepted. */
  readonly webhookSecret?: string | undefined;
  /** Where alerts of other systems are kept when no replica shares them; absent: in memory. */
  readonly alertFile?: string | undefined;
  /** The forge has news: whoever waits for a decision looks now. */
  ring(): void;
  /** Follows the cluster until the signal aborts; calls `onNews` after each reading. */
  follow(onNews: (failures: readonly Gap[]) => void, context: CallContext): Promise<void>;
  close(): Promise<void>;
}

/** Where a desk's parts come from. */
export interface DeskOptions {
  readonly config: DutyConfig;
  readonly cluster: ClusterConfig;
  readonly variables: Readonly<Record<string, string | undefined>>;
}

/** Opens the desk of a cluster. Throws INVALID_INPUT and NOT_FOUND for what the configuration names and is not there. */
export async function openClusterDesk({ config, cluster, variables }: DeskOptions, context: CallContext): Promise<ClusterDesk> {
  const folder = stateFolder(join(config.state, cluster.name));
  const kubeconfig = await kubeconfigText({ kubeconfig: cluster.kubeconfig, variables });
  const mirror = createMirror({
    url: cluster.repository.url,
    directory: folder.mirror,
    authorization: await secretOf(cluster.repository.authorization, variables),
  });
  await requireBranch(mirror, cluster, context);
  const catalog = cluster.catalog ?? (await catalogFromRepository(mirror, cluster.repository.branch, folder.state, context));
  const store = createSqliteCmdbStore({ file: folder.cmdb });
  try {
    return await openOn(store, { config, cluster, variables, folder, kubeconfig, mirror, catalog }, context);
  } catch (error) {
    await store.close?.();
    throw error;
  }
}

interface Parts extends DeskOptions {
  readonly folder: StateFolder;
  readonly kubeconfig: string;
  readonly mirror: Mirror;
  readonly catalog: string | undefined;
}

async function openOn(store: CmdbStore, parts: Parts, context: CallContext): Promise<ClusterDesk> {
  const { config, cluster, variables, folder, kubeconfig, mirror, catalog } = parts;
  const place = { kubeconfig, context: cluster.context };
  const watch = createKubernetesWatch({ ...place, cluster: cluster.name });
  const cmdb = composeCmdb({ ...place, cluster: cluster.name, catalog, store, watch, historyMs: config.times.history });
  if (catalog !== undefined) await cmdb.refresh(context, ['backstage']);
  const members = await membersOf(parts, cmdb, context);
  const forgeToken = cluster.forge.kind === 'local' ? undefined : await secretOf(cluster.forge.token, variables);
  const forge = forgeFromOptions(cluster.forge, { mirror, members, token: forgeToken, signer: await gateSigner(folder) });
  await requireForge(forge, context);
  const readLog = createPodLogReader(place);
  const evidence: EvidenceSource[] = [createKubernetesLogsEvidence({ readLog })];
  if (cluster.prometheus) evidence.unshift(createPrometheusEvidence({ url: cluster.prometheus.url }));
  const { times, limits, model } = config;
  const bell = createBell();
  const loop = await composeLoop({
    cmdb,
    evidence,
    forecasts: cluster.prometheus !== undefined,
    mirror,
    baseBranch: cluster.repository.branch,
    path: cluster.repository.path,
    forge,
    members,
    reconciler: deliveryOf(cluster, { mirror, cluster: createObjectGetter(place) }),
    folder,
    patterns: config.patterns === undefined ? [] : await readPatterns(config.patterns),
    model: modelFromOptions({ ...(await modelOptions(model, variables)), fallback: await modelOptions(model?.fallback, variables) }),
    rhythm: { approvalPollMs: times.poll, verifyPollMs: 2_000, holdMs: times.hold, giveUpAfterMs: times.verify },
    rest: bell.rest,
    limits: { openPullRequests: limits.openPullRequests, perHour: limits.changesPerHour },
    journal: createFileJournal({ file: join(folder.state, 'journal.jsonl') }),
  });
  const webhookSecret = cluster.forge.kind === 'local' ? undefined : await secretOf(cluster.forge.webhookSecret, variables);
  return {
    ...loop,
    config: cluster,
    folder,
    cmdb,
    forge,
    members,
    evidence,
    readLog,
    webhookSecret,
    alertFile: folder.alerts,
    people: cluster.forge.kind === 'local' ? createLocalForgeDesk({ mirror, members }) : undefined,
    settings: {
      author: config.author,
      repository: mirror.url,
      baseBranch: cluster.repository.branch,
      diagnoseTimeoutMs: times.diagnose,
      approvalTimeoutMs: times.approval,
      reconcileTimeoutMs: times.reconcile,
      holdMs: times.hold,
    },
    ring: bell.ring,
    follow: (onNews, following) => keepCurrent(cmdb, watch, following, { onRefresh: (report) => onNews(report.failures) }),
    close: async () => store.close?.(),
  };
}

/** From the catalog file that was named, else from the files of the repository that have a say. */
async function membersOf({ cluster, mirror }: Parts, cmdb: Cmdb, context: CallContext): Promise<Members> {
  if (cluster.catalog !== undefined) return teamMembers(cmdb.reader());
  const base = await mirror.resolve(cluster.repository.branch, context);
  return base ? (await readMembers(mirror, base, context)).members : {};
}

async function requireBranch(mirror: Mirror, { repository }: ClusterConfig, context: CallContext): Promise<void> {
  await mirror.fetch(context);
  if (await mirror.resolve(repository.branch, context)) return;
  throw new Tier0Error({
    code: 'NOT_FOUND',
    message: `The repository ${mirror.url} has no branch "${repository.branch}".`,
    hint: 'Correct "repository.branch" of the cluster in the configuration.',
  });
}

async function modelOptions(model: Omit<NonNullable<DutyConfig['model']>, 'fallback'> | undefined, variables: DeskOptions['variables']) {
  return { url: model?.url, name: model?.name, apiKey: await secretOf(model?.key, variables) };
}

async function secretOf(reference: Parameters<typeof readSecret>[0] | undefined, variables: DeskOptions['variables']) {
  return reference === undefined ? undefined : readSecret(reference, variables);
}
