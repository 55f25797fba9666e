import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { readSnapshot, readSnapshotLogs } from '@tier0/cmdb';
import { Tier0Error } from '@tier0/core';
import { createEmbeddedCluster } from '@tier0/eval/cluster';
import { PROGRAM } from '../program-name.ts';
import { type Command, parseOptions } from './command.ts';
import { portOf } from './port-option.ts';

/** `tier0 serve-recording DIR`: a recording as a Kubernetes API. */
export const serveRecording: Command = {
  name: 'serve-recording',
  usage: `Usage: ${PROGRAM} serve-recording DIR [options]

Serves the objects and logs of a recording on this machine, with its clock standing at the moment of the recording, until Ctrl-C. Prints the
kubeconfig to use. Nothing can be changed there; dry runs are answered.

  --port N           port on 127.0.0.1                     (a free one)
  --kubeconfig FILE  where the kubeconfig is written       (a temporary file, removed at the end)

Exit code: 0 stopped by a signal, 2 could not serve.
Example: ${PROGRAM} serve-recording ./monday-night, then: kubectl --kubeconfig FILE get pods -A`,
  async run(args, environment) {
    const { values, positionals } = parseOptions('serve-recording', args, { port: { type: 'string' }, kubeconfig: { type: 'string' } });
    const [directory, ...others] = positionals;
    if (directory === undefined || others.length > 0) throw invalid('Which recording? Name exactly one folder.');
    const port = portOf(values.port ?? '0', 'serve-recording');
    const snapshot = await readSnapshot(directory, environment.signal);
    const texts = await readSnapshotLogs(snapshot);
    const nowMs = Date.parse(snapshot.now);
    const { serverVersion } = snapshot;
    const cluster = await createEmbeddedCluster({
      objects: snapshot.objects as Parameters<typeof createEmbeddedCluster>[0]['objects'],
      now: () => nowMs,
      port,
      ...(serverVersion === undefined ? {} : { serverVersion }),
      logs: (namespace, pod, container, previous) => texts.get(`${namespace}/${pod}/${container}${previous ? '.previous' : ''}`),
    });
    const temporary = values.kubeconfig === undefined ? await mkdtemp(join(tmpdir(), 'tier0-recording-')) : undefined;
    const file = resolve(values.kubeconfig ?? join(temporary ?? '', 'kubeconfig'));
    try {
      await writeFile(file, cluster.kubeconfig, { mode: 0o600 });
      environment.terminal.write(
        `${snapshot.objects.length} objects and ${texts.size} logs, as of ${snapshot.now}, at ${cluster.url}\nexport KUBECONFIG=${file}\n`,
      );
      await stopped(environment.signal);
      return 0;
    } finally {
      await cluster.close();
      if (temporary !== undefined) await rm(temporary, { recursive: true, force: true });
    }
  },
};

function stopped(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) done();
    signal.addEventListener('abort', () => done(), { once: true });
  });
}

function invalid(message: string): Tier0Error {
  return new Tier0Error({ code: 'INVALID_INPUT', message, hint: `Run "${PROGRAM} serve-recording --help" to see how it is called.` });
}
