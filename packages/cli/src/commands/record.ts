import { recordCluster } from '@tier0/cmdb';
import { Tier0Error } from '@tier0/core';
import { PROGRAM } from '../program-name.ts';
import { createProgress } from '../terminal/progress.ts';
import { kubeconfigFrom } from '../world/kubeconfig-from-options.ts';
import { type Command, parseOptions } from './command.ts';
import { chosen } from './did-you-mean.ts';
import { requestTimeoutMs } from './request-timeout.ts';

const USAGE = `Usage: ${PROGRAM} record DIR [options]

Saves a live cluster as a folder, to be diagnosed elsewhere or later: ${PROGRAM} diagnose --snapshot DIR
It only reads. Secrets are recorded by name, never with a value; what looks like a credential in any object or log is replaced. That is best
effort: redactions.json in DIR says what was removed and where. Read the recording before you hand it to somebody, or take --strict.

  --kubeconfig FILE    the cluster                                         ($KUBECONFIG, else ~/.kube/config)
  --context NAME       context of the kubeconfig                           (its current one)
  --cluster NAME       name of the cluster in item ids                     (cluster)
  --request-timeout T  how long one request to the cluster may take        (60s)
  --logs WHICH         troubled: of containers that are not ready or were restarted; all; none        (troubled)
  --strict             keep only fields that say how something runs: no value of a variable, argument, file, annotation or log

DIR must not exist yet. An interrupted recording leaves nothing behind.
Exit code: 0 recorded, 1 recorded with gaps (they are listed), 2 nothing was recorded.

Example: ${PROGRAM} record ./monday-night --context production`;

/** `tier0 record`: a live cluster as a folder. */
export const record: Command = {
  name: 'record',
  usage: USAGE,
  async run(args, environment) {
    const { values, positionals } = parseOptions('record', args, {
      kubeconfig: { type: 'string' },
      context: { type: 'string' },
      cluster: { type: 'string', default: 'cluster' },
      logs: { type: 'string', default: 'troubled' },
      strict: { type: 'boolean', default: false },
      'request-timeout': { type: 'string' },
    });
    const [directory, ...others] = positionals;
    if (directory === undefined || others.length > 0) throw invalid('Into which folder? Name exactly one.');
    const logs = chosen({ name: '--logs', given: values.logs, known: ['troubled', 'all', 'none'] });
    const timeoutMs = requestTimeoutMs(values['request-timeout']);
    const kubeconfig = await kubeconfigFrom(values.kubeconfig, environment, values.context);
    const progress = createProgress(environment);
    const { context, cluster, strict } = values;
    const report = await recordCluster(
      { kubeconfig, context, directory, cluster, logs, strict, requestTimeoutMs: timeoutMs, onProgress: progress.tell },
      { signal: environment.signal, now: () => Date.now() },
    ).finally(progress.end);
    for (const { message } of report.failures) environment.stderr(`tier0: ${message}\n`);
    environment.terminal.write(`${report.objects} objects and ${report.logs} logs recorded in ${directory}\n`);
    const removed = Object.values(report.removed).reduce((sum, count) => sum + count, 0);
    const how = values.strict ? 'only allowed fields were kept' : 'best effort';
    environment.terminal.write(`${removed} values were removed (${how}); ${directory}/redactions.json says where\n`);
    environment.terminal.write(`next: ${PROGRAM} diagnose --snapshot ${directory}\n`);
    return report.failures.length === 0 ? 0 : 1;
  },
};

function invalid(message: string): Tier0Error {
  return new Tier0Error({ code: 'INVALID_INPUT', message, hint: `Run "${PROGRAM} record --help" to see the options.` });
}
