import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKubernetesLogsEvidence, createVerifier, type DiagnosisDocument, type RehearsedRemedy } from '@tier0/agents';
import {
  type CallContext,
  type CmdbReader,
  type EvidenceSource,
  type Finding,
  Tier0Error,
  type Verification,
  type WatchRound,
} from '@tier0/core';
import { createMirror, type Mirror } from '@tier0/gitops';
import { askGraph, type GraphAnswers, type GraphAsk, type GraphQuestions } from './operations/ask-graph.ts';
import { type DiagnoseOptions, diagnoseWorld } from './operations/diagnose.ts';
import { openWorld, type Place, type World } from './operations/open-world.ts';
import { type ProposeOutcome, propose } from './operations/propose.ts';
import { type WatchWorldOptions, watchWorld } from './operations/watch.ts';
import { loadPlugins } from './plugins/load-plugins.ts';

/** What tier0 works on. Two of them in one process share nothing. */
export interface Tier0Config {
  /** The cluster, live or recorded. */
  readonly cluster: Place;
  /** The repository that declares it. Without it nothing can be proposed. */
  readonly repository?: RepositoryConfig | undefined;
  /** Account that proposes; it can never approve. Default `tier0-bot`. */
  readonly author?: string | undefined;
  /** Further evidence, e.g. Prometheus. Logs of a live cluster are read without it. */
  readonly evidence?: readonly EvidenceSource[] | undefined;
  /** Packages or files that add rules, sources and evidence; a package is found from where the process stands. See `definePlugin`. */
  readonly plugins?: readonly string[] | undefined;
  /** Milliseconds since the epoch. Default `Date.now`. */
  readonly now?: (() => number) | undefined;
  /** Ends every call. Default: none. */
  readonly signal?: AbortSignal | undefined;
}

/** A Git repository that declares a cluster. */
export interface RepositoryConfig {
  /** A path, `file://` or `http(s)://` URL without credentials. */
  readonly url: string;
  /** Branch the cluster is reconciled from. Default `main`. */
  readonly branch?: string | undefined;
  /** Folder of the repository that declares this cluster. Default: all of it. */
  readonly path?: string | undefined;
  /** Value of the `Authorization` header for an HTTP repository. */
  readonly authorization?: string | undefined;
}

/** A root cause with the remedies that were tried for it, best first. */
export interface Tier0Cause {
  readonly finding: Finding;
  readonly remedies: readonly RehearsedRemedy[];
}

/** What is broken, and what would help. */
export interface Tier0Diagnosis {
  /** The whole answer, in the schema `tier0.diagnosis/v1`. */
  readonly document: DiagnosisDocument;
  readonly health: 'healthy' | 'problems' | 'unknown';
  /** In the order of `document.rootCauses`. */
  readonly causes: readonly Tier0Cause[];
}

/** Diagnose, propose, verify, watch, ask: the parts of tier0 that were put together. */
export interface Tier0 {
  /** Reads the cluster and names the root causes. */
  diagnose(options?: DiagnoseOptions): Promise<Tier0Diagnosis>;
  /**
   * Opens a pull request for a remedy of a cause of the newest diagnosis. Throws INVALID_INPUT without a repository or a diagnosis. It never
   * merges: people and the forge do.
   */
  propose(
    cause: Tier0Cause,
    options?: { readonly remedy?: RehearsedRemedy; readonly why?: string; readonly dryRun?: boolean },
  ): Promise<ProposeOutcome>;
  /** Watches until it can say whether a cause is gone for good, or gives up. Throws UNSUPPORTED for a recording, which never changes. */
  verify(
    cause: Tier0Cause,
    options?: { readonly liveAtMs?: number; readonly holdMs?: number; readonly giveUpAfterMs?: number },
  ): Promise<Verification>;
  /**
   * Looks again and again, and yields what is wrong or about to be, worst first; stops when the caller does. Limits that will be reached are
   * looked for where evidence was given. Throws UNSUPPORTED for a recording.
   */
  watch(options?: Pick<WatchWorldOptions, 'everyMs' | 'rounds'>): AsyncGenerator<WatchRound>;
  /** Answers a question from the graph as it was read last: `ask('owner', { item: 'deploy/shop/web' })`. Throws NOT_FOUND and INVALID_INPUT. */
  ask<Ask extends GraphAsk>(ask: Ask, question: GraphQuestions[Ask]): Promise<GraphAnswers[Ask]>;
  /** The graph as it was read last. */
  graph(): Promise<CmdbReader>;
  /** Takes away what was kept in temporary folders. */
  close(): Promise<void>;
}

/** Puts tier0 together from one configuration. Nothing is read before the first call. */
export function createTier0(config: Tier0Config): Tier0 {
  const context: CallContext = { signal: config.signal ?? new AbortController().signal, now: config.now ?? Date.now };
  const folders: string[] = [];
  let world: World | undefined;
  let last: { readonly world: World; readonly found: Awaited<ReturnType<typeof diagnoseWorld>> } | undefined;
  const mirror = once(async () => await openMirror(config, folders));
  const additions = once(async () => await loadPlugins(config.plugins ?? []));
  const opened = async (): Promise<World> => {
    world ??= await openWorld(config.cluster, context, (await additions()).sources);
    return world;
  };
  const tier0: Tier0 = {
    async diagnose(options = {}) {
      const { sources, matters } = await additions();
      const fresh = await openWorld(config.cluster, context, sources);
      const found = await diagnoseWorld(fresh, { matters, ...options }, context);
      world = fresh;
      last = { world: fresh, found };
      const wanted = new Set(found.document.rootCauses.map(({ finding }) => finding));
      const causes = found.diagnosis.causes
        .filter(({ finding }) => wanted.has(finding.fingerprint))
        .map(({ finding }) => ({ finding, remedies: found.diagnosis.remedies.get(finding.fingerprint) ?? [] }));
      return { document: found.document, health: found.health, causes };
    },
    async propose(cause, { remedy = cause.remedies[0], why, dryRun = false } = {}) {
      if (last === undefined || remedy === undefined) throw nothingToPropose(last === undefined);
      const { branch = 'main', path } = config.repository ?? {};
      const asked = { remedy, finding: cause.finding, author: config.author ?? 'tier0-bot', why: why ?? whyOf(cause, remedy) };
      return await propose({ ...asked, mirror: await mirror(), reader: last.world.reader, branch, path, dryRun }, context);
    },
    async verify(cause, { liveAtMs = context.now(), holdMs, giveUpAfterMs } = {}) {
      const remedy = cause.remedies[0];
      const cmdb = last?.world.cmdb;
      if (last === undefined || cmdb === undefined || remedy === undefined) throw cannotVerify();
      const findings = last.found.diagnosis.findings;
      const diagnosis = { takenAt: last.world.reader.at, rootCauses: [], findings, evidence: [], unknowns: [] };
      const verifier = createVerifier({
        evidence: [...(await additions()).evidence, ...evidenceOf(config, last.world)],
        ...(holdMs === undefined ? {} : { holdMs }),
        ...(giveUpAfterMs === undefined ? {} : { giveUpAfterMs }),
      });
      return await verifier.verify({ remedy, alerts: [], diagnosis, cmdb, liveAtMs }, context);
    },
    async *watch(options = {}) {
      const { evidence, matters } = await additions();
      const all = [...(config.evidence ?? []), ...evidence];
      yield* watchWorld(await opened(), { ...options, matters, evidence: all, forecasts: all.length > 0 }, context);
    },
    async ask(ask, question) {
      return askGraph({ reader: await tier0.graph() }, ask, question);
    },
    async graph() {
      const { cmdb, reader } = await opened();
      return cmdb?.reader() ?? reader;
    },
    async close() {
      for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
    },
  };
  return tier0;
}

function evidenceOf({ evidence = [] }: Tier0Config, { readLog }: World): readonly EvidenceSource[] {
  return [...evidence, createKubernetesLogsEvidence({ readLog })];
}

async function openMirror({ repository }: Tier0Config, folders: string[]): Promise<Mirror> {
  if (repository === undefined) {
    throw new Tier0Error({
      code: 'INVALID_INPUT',
      message: 'No repository is named.',
      hint: 'Give repository: { url } in the configuration.',
    });
  }
  const folder = await mkdtemp(join(tmpdir(), 'tier0-mirror-'));
  folders.push(folder);
  return createMirror({ url: repository.url, directory: join(folder, 'mirror.git'), authorization: repository.authorization });
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

function whyOf({ finding }: Tier0Cause, remedy: RehearsedRemedy): string {
  return `${finding.message}. ${remedy.why}`;
}

function nothingToPropose(isEarly: boolean): Tier0Error {
  return new Tier0Error({
    code: 'INVALID_INPUT',
    message: isEarly ? 'Nothing was diagnosed yet.' : 'No remedy is known for this cause.',
    hint: isEarly
      ? 'Call diagnose() first, and propose for one of its causes.'
      : 'Hand the cause to its owner: document.rootCauses names who that is.',
  });
}

function cannotVerify(): Tier0Error {
  return new Tier0Error({
    code: 'UNSUPPORTED',
    message: 'Whether the cause is gone cannot be watched.',
    hint: 'Diagnose a live cluster first: a recording never changes.',
  });
}
