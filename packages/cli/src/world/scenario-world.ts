import { join } from 'node:path';
import { type CallContext, Tier0Error } from '@tier0/core';
import type { Scenario } from '@tier0/eval';
import {
  createEmbeddedCluster,
  createMetricsExposition,
  createProcessRuntime,
  createRolloutSimulator,
  type EmbeddedCluster,
  type KubernetesObject,
} from '@tier0/eval/cluster';
import {
  createLocalForgeDesk,
  createLocalReconciler,
  createMirror,
  type LocalForgeDesk,
  type LocalReconciler,
  type Members,
  type Protection,
  type StatementSigner,
} from '@tier0/gitops';
import { initRepository } from './init-repository.ts';
import { createManifestTarget } from './manifest-target.ts';
import { spoilTarget } from './spoil-target.ts';
import type { StateFolder } from './state-folder.ts';

/** Branch that a scenario's cluster is reconciled from. */
export const BASE_BRANCH = 'main';

/** From scheduling to running, on the scenario's clock, for containers that are only simulated: as long as pulling takes where time is played. */
const START_DELAY_MS = 60_000;

/** What the forge of a scenario demands: code owners approve, and rules that people merged may speak for them. */
export const PROTECTION: Protection = { requireCodeOwners: true, allowStandingRules: true };

const LONG_AGO_MS = 10 * 24 * 60 * 60 * 1000;

/** A scenario brought to life: the outside world, known to tier0 by address only. */
export interface ScenarioWorld {
  readonly cluster: EmbeddedCluster;
  /** Text exposition of the memory of the running workloads. */
  readonly metricsUrl: string;
  readonly reconciler: LocalReconciler;
  /** Where people review. */
  desk(members: Members, signer?: StatementSigner): LocalForgeDesk;
  close(): Promise<void>;
}

export interface ScenarioWorldOptions {
  /** Whether what is new to the cluster becomes worse on its way in, for everything or for objects of these names. Default false. */
  readonly spoil?: boolean | readonly string[] | undefined;
  readonly scenario: Scenario;
  readonly folder: StateFolder;
  readonly context: CallContext;
  /** From scheduling to running, milliseconds of the context's clock. Default 60,000. */
  readonly startDelayMs?: number | undefined;
  /** Keep the repository that is there, to go on with an interrupted run. */
  readonly keepRepository: boolean;
}

/** Starts the cluster, the workloads, the repository and the reconciler of a scenario. What was started is ended when the rest cannot. */
export async function startScenarioWorld(options: ScenarioWorldOptions): Promise<ScenarioWorld> {
  const opened: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const end of opened.splice(0).reverse()) await end();
  };
  try {
    return { ...(await startParts(options, (end) => opened.push(end))), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function startParts(
  options: ScenarioWorldOptions,
  onOpen: (end: () => Promise<unknown>) => void,
): Promise<Omit<ScenarioWorld, 'close'>> {
  const { scenario, folder, context } = options;
  // What the repository declares was applied long before the story begins; applying it now would look like a change.
  let longAgo = true;
  const now = () => (longAgo ? Date.parse(scenario.meta.now) - LONG_AGO_MS : context.now());
  if (!options.keepRepository) await seedRepository(scenario, folder, context);
  const cluster = await createEmbeddedCluster({
    objects: scenario.objects as readonly KubernetesObject[],
    now,
    serverVersion: scenario.meta.serverVersion,
    writable: true,
    logs: (namespace, pod, container, previous) => scenario.logs.get(`${namespace}/${pod}/${container}${previous ? '.previous' : ''}`),
  });
  onOpen(() => cluster.close());
  const runtime = createProcessRuntime({ programs: programsOf(scenario), now, sampleEveryMs: scenario.meta.sampleEveryMs });
  const mirror = createMirror({ url: folder.repository, directory: join(folder.state, 'reconciler.git') });
  const target = targetOf(cluster.url, options.spoil);
  const reconciler = createLocalReconciler({ mirror, branch: BASE_BRANCH, path: scenario.meta.syncPath, cluster: target, pollMs: 150 });
  onOpen(() => reconciler.stop());
  await reconciler.sync(context);
  longAgo = false;
  const missing = new Set(scenario.meta.missingImages);
  const imageExists = (image: string) => !missing.has(image);
  const simulator = createRolloutSimulator({ cluster, runtime, now, imageExists, startDelayMs: options.startDelayMs ?? START_DELAY_MS });
  onOpen(() => simulator.stop());
  simulator.start();
  const exposition = await createMetricsExposition({ cluster, runtime, now });
  onOpen(() => exposition.close());
  reconciler.start(context);
  return {
    cluster,
    metricsUrl: exposition.url,
    reconciler,
    desk: (members, signer) =>
      createLocalForgeDesk({
        mirror: createMirror({ url: folder.repository, directory: join(folder.state, 'desk.git') }),
        members,
        protection: PROTECTION,
        signer,
      }),
  };
}

function targetOf(url: string, spoil: ScenarioWorldOptions['spoil']) {
  const target = createManifestTarget(url);
  if (spoil === undefined || spoil === false) return target;
  return spoilTarget(target, spoil === true ? undefined : spoil);
}

function programsOf(scenario: Scenario) {
  const programs = Object.entries(scenario.meta.programs);
  return Object.fromEntries(programs.map(([image, file]) => [image, { file: join(scenario.directory, file) }]));
}

async function seedRepository(scenario: Scenario, folder: StateFolder, context: CallContext): Promise<void> {
  if (!scenario.repository) {
    throw new Tier0Error({
      code: 'INVALID_INPUT',
      message: `The scenario ${scenario.name} has no repo/ folder, so nothing could be proposed.`,
      hint: 'Add the files that declare its cluster under repo/.',
    });
  }
  await initRepository({ directory: folder.repository, branch: BASE_BRANCH, files: scenario.repository, date: scenario.meta.now }, context);
}
