import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readScenario, type ScenarioAccess } from '@tier0/eval';
import { createEmbeddedCluster, type EmbeddedCluster } from '@tier0/eval/cluster';

/** A recording behind the embedded cluster, read-only, its clock standing still. */
export interface ServedFolder {
  readonly access: ScenarioAccess;
  readonly cluster: EmbeddedCluster;
  close(): Promise<void>;
}

/** Serves a scenario folder to unmodified clients. */
export async function serveFolder(folder: string): Promise<ServedFolder> {
  const { objects, logs, meta, metrics } = await readScenario(folder);
  const cluster = await createEmbeddedCluster({
    objects,
    now: () => Date.parse(meta.now),
    serverVersion: meta.serverVersion,
    logs: (namespace, pod, container, previous) => logs.get(`${namespace}/${pod}/${container}${previous ? '.previous' : ''}`),
  });
  const home = await mkdtemp(join(tmpdir(), 'tier0-bench-served-'));
  const kubeconfigFile = join(home, 'kubeconfig');
  await writeFile(kubeconfigFile, cluster.kubeconfig, { mode: 0o600 });
  const { kubeconfig, url: apiUrl } = cluster;
  return {
    access: { kubeconfig, kubeconfigFile, apiUrl, cluster: meta.cluster, now: meta.now, digest: '', metrics },
    cluster,
    async close() {
      await cluster.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}
