import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CallContext, PullRequest } from '@tier0/core';
import { readScenario } from '@tier0/eval';
import { createMirror, pullRequestDigest, readMembers } from '@tier0/gitops';
import { BASE_BRANCH, startScenarioWorld } from './scenario-world.ts';
import { clearState, stateFolder } from './state-folder.ts';

/** A scenario that runs on this machine: a cluster, a repository that declares it, a reconciler between the two, and people who approve. */
export interface RunningScenario {
  /** Text of a kubeconfig for the cluster. */
  readonly kubeconfigText: string;
  /** URL of the repository. */
  readonly repository: string;
  /** Address of a Prometheus target: memory of the workloads, and the state of the objects under the names of kube-state-metrics. */
  readonly metricsUrl: string;
  /** Folder of the repository that declares the cluster. */
  readonly path: string;
  /** Account of the scenario's on-call role. */
  readonly approver: string;
  /** Approves a pull request as the scenario's on-call role, exactly as it was shown; the forge merges it by its own rules. */
  approve(shown: PullRequest): Promise<void>;
  /** Ends the cluster and everything that was started for it. */
  close(): Promise<void>;
}

/** How a scenario is brought to life. */
export interface StartScenarioOptions {
  /** Names of objects that become something worse on their way into the cluster whenever the repository brings something new for them. */
  readonly spoil?: readonly string[] | undefined;
}

/** From scheduling to running where nobody has time to watch a clock. */
const START_DELAY_MS = 2_000;

/** Brings a scenario to life, in a temporary folder. Throws INVALID_INPUT for one that has no repository. */
export async function startScenario(directory: string, { spoil }: StartScenarioOptions = {}): Promise<RunningScenario> {
  const scenario = await readScenario(directory);
  const out = await mkdtemp(join(tmpdir(), 'tier0-scenario-'));
  const folder = stateFolder(out);
  const stopping = new AbortController();
  const context: CallContext = { signal: stopping.signal, now: Date.now };
  await clearState(folder);
  await writeFile(folder.run, '{}\n');
  const world = await startScenarioWorld({ scenario, folder, context, keepRepository: false, spoil, startDelayMs: START_DELAY_MS });
  return {
    kubeconfigText: world.cluster.kubeconfig,
    repository: folder.repository,
    metricsUrl: world.metricsUrl,
    path: scenario.meta.syncPath,
    approver: scenario.meta.approver,
    async approve(shown) {
      const mirror = createMirror({ url: folder.repository, directory: join(folder.state, 'people.git') });
      await mirror.fetch(context);
      const base = await mirror.resolve(BASE_BRANCH, context);
      const { members } = base ? await readMembers(mirror, base, context) : { members: {} };
      const review = { number: shown.number, reviewer: scenario.meta.approver, state: 'approved', body: 'Read and agreed.' } as const;
      await world.desk(members).submitReview({ ...review, shown: pullRequestDigest(shown) }, context);
    },
    async close() {
      stopping.abort();
      await world.close();
      await rm(out, { recursive: true, force: true });
    },
  };
}
