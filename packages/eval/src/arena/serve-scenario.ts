import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEmbeddedCluster, type RequestRecord } from '../cluster/index.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { ScenarioAccess } from '../tools/tool-under-test.ts';
import { recordingDigest } from './recording-digest.ts';

/** A recorded cluster that answers requests, and what was asked of it. */
export interface ServedScenario {
  readonly access: ScenarioAccess;
  readonly requests: readonly RequestRecord[];
  close(): Promise<void>;
}

/** Serves a recording for one trial: read-only, with its clock standing still at the moment of the recording. Port 0: any free one. */
export async function serveScenario(scenario: Scenario, port = 0): Promise<ServedScenario> {
  const at = Date.parse(scenario.meta.now);
  const cluster = await createEmbeddedCluster({
    objects: scenario.objects,
    now: () => at,
    port,
    serverVersion: scenario.meta.serverVersion,
    logs: (namespace, pod, container, previous) => scenario.logs.get(`${namespace}/${pod}/${container}${previous ? '.previous' : ''}`),
  });
  const folder = await mkdtemp(join(tmpdir(), 'tier0-trial-'));
  const kubeconfigFile = join(folder, 'kubeconfig');
  await writeFile(kubeconfigFile, cluster.kubeconfig, { mode: 0o600 });
  return {
    access: {
      kubeconfig: cluster.kubeconfig,
      kubeconfigFile,
      apiUrl: cluster.url,
      cluster: scenario.meta.cluster,
      now: new Date(at).toISOString(),
      digest: recordingDigest(scenario),
      metrics: scenario.metrics,
    },
    requests: cluster.requests,
    async close() {
      await cluster.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
