import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
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
import { createLocalForgeDesk, createLocalReconciler, createMirror, initRepository, type LocalForgeDesk, type LocalReconciler, type Members } from '@tier0/gitops';
import { join as joinPath } from 'node:path';
import { createManifestTarget } from './manifest-target.ts';
import type { StateFolder } from './state-folder.ts';

/** Branch that the scenario's cluster is reconciled from. */
export const BASE_BRANCH = 'main';

/** A scenario brought to life: everything here is the outside world, known to tier0 by address only. */
export interface ScenarioWorld {
  readonly kubeconfig: string;
  readonly cluster: EmbeddedCluster;
  /** Text exposition of the memory of the running workloads. */
  readonly metricsUrl: string;
  /** Path of the bare repository. */
  readonly repository: string;
  readonly reconciler: LocalReconciler;
  /** Where people review. */
  desk(members: Members): LocalForgeDesk;
  close(): Promise<void>;
}

export interface ScenarioWorldOptions {
  readonly scenario: Scenario;
  readonly folder: StateFolder;
  readonly context: CallContext;
  /** Keep the repository that is there, to go on with an interrupted run. */
  readonly keepRepository: boolean;
}

/** Starts the cluster, the workloads, the repository and the reconciler of a scenario. */
export async function startScenarioWorld(options: ScenarioWorldOptions): Promise<ScenarioWorld> {
  const { scenario, folder, context } = options;
  const { now } = context;
  if (!options.keepRepository) await seedRepository(scenario, folder, context);
  const cluster = await createEmbeddedCluster({
    objects: scenario.objects as readonly KubernetesObject[],
    now,
    serverVersion: scenario.meta.serverVersion,
    writable: true,
    logs: (namespace, pod, container, previous) => scenario.logs.get(`${namespace}/${pod}/${container}${previous ? '.previous' : ''}`),
  });
  const programs = Object.fromEntries(
    Object.entries(scenario.meta.programs).map(([image, file]) => [image, { file: join(scenario.directory, file), args: ['--expose-gc'] }]),
  );
  const runtime = createProcessRuntime({ programs, now, sampleEveryMs: scenario.meta.sampleEveryMs });
  const missing = new Set(scenario.meta.missingImages);
  const simulator = createRolloutSimulator({ cluster, runtime, now, imageExists: (image) => !missing.has(image), startDelayMs: 60_000 });
  simulator.start();
  const exposition = await createMetricsExposition({ cluster, runtime, now });
  const mirror = createMirror({ url: folder.repository, directory: joinPath(folder.state, 'reconciler.git') });
  const reconciler = createLocalReconciler({ mirror, branch: BASE_BRANCH, path: scenario.meta.syncPath, cluster: createManifestTarget(cluster.url), pollMs: 100 });
  await reconciler.start(context);
  return {
    kubeconfig: cluster.kubeconfig,
    cluster,
    metricsUrl: exposition.url,
    repository: folder.repository,
    reconciler,
    desk: (members) => createLocalForgeDesk({ mirror: createMirror({ url: folder.repository, directory: joinPath(folder.state, 'desk.git') }), members }),
    async close() {
      await reconciler.stop();
      await simulator.stop();
      await runtime.close();
      await exposition.close();
      await cluster.close();
    },
  };
}

async function seedRepository(scenario: Scenario, folder: StateFolder, context: CallContext): Promise<void> {
  if (!scenario.repository) {
    throw new Tier0Error({
      code: 'INVALID_INPUT',
      message: `The scenario ${scenario.name} has no repo/ folder, so nothing could be proposed.`,
      hint: 'Add the files that declare its cluster under repo/.',
    });
  }
  const files = new Map<string, Uint8Array>();
  const entries = await readdir(scenario.repository, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((one) => one.isFile())) {
    const path = join(entry.parentPath, entry.name);
    files.set(relative(scenario.repository, path).replaceAll('\\', '/'), await readFile(path));
  }
  await initRepository({ directory: folder.repository, branch: BASE_BRANCH, files, message: 'Declare the cluster', date: scenario.meta.now }, context);
}
