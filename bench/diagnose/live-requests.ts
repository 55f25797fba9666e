import { join } from 'node:path';
import { diagnoseCluster } from '@tier0/agents';
import { createCmdb, createKubernetesSource, createPodLogReader } from '@tier0/cmdb';
import type { CallContext } from '@tier0/core';
import { spreadOf } from '../frame/measure.ts';
import type { Row } from '../frame/record.ts';
import { scenarioFolders } from './accuracy.ts';
import { serveFolder } from './serve-folder.ts';

/** What a live scan asks of the API server: the same number of lists whatever the cluster holds, and one request a candidate log. */
export async function countRequests(context: CallContext): Promise<readonly Row[]> {
  const counts: Record<'discovery' | 'lists' | 'logs' | 'single-objects', number[]> = {
    discovery: [],
    lists: [],
    logs: [],
    'single-objects': [],
  };
  for (const folder of scenarioFolders(join(import.meta.dirname, '../../scenarios'))) {
    const served = await serveFolder(folder);
    try {
      const { kubeconfig, cluster } = served.access;
      const cmdb = createCmdb({ sources: [createKubernetesSource({ kubeconfig, cluster })] });
      await cmdb.refresh(context);
      await diagnoseCluster(cmdb.reader(), { readLog: createPodLogReader({ kubeconfig }) }, context);
      const paths = served.cluster.requests.map((request) => request.path.split('?')[0] ?? '');
      const isDiscovery = (path: string) => /^\/(version|api|apis)$/.test(path);
      const isLog = (path: string) => path.endsWith('/log');
      const isList = (path: string) => /^\/(api|apis\/[^/]+)\/[^/]+\/[^/]+$/.test(path);
      counts.discovery.push(paths.filter(isDiscovery).length);
      counts.logs.push(paths.filter(isLog).length);
      counts.lists.push(paths.filter(isList).length);
      counts['single-objects'].push(paths.filter((path) => !isDiscovery(path) && !isLog(path) && !isList(path)).length);
    } finally {
      await served.close();
    }
  }
  return Object.entries(counts).map(([measure, values]) => ({
    measure: `live-requests-${measure}`,
    subject: 'tier0',
    unit: 'requests a scan',
    ...spreadOf(values),
  }));
}
