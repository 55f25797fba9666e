import {
  type ClusterLogRequest,
  type DiagnosisDocument,
  diagnoseCluster,
  type TextStyle,
  toDiagnosisDocument,
  toDiagnosisText,
  toK8sgpt,
  toSarif,
} from '@tier0/agents';
import {
  createBackstageSource,
  createCmdb,
  createKubernetesSource,
  createPodLogReader,
  createSnapshotLogReader,
  openSnapshot,
  readSnapshot,
} from '@tier0/cmdb';
import { type CallContext, type CmdbReader, type Coverage, type InventorySource, Tier0Error } from '@tier0/core';
import type { Environment } from '../environment.ts';
import { CLEAR_LINE, painted, type Style } from '../terminal/outlet.ts';
import { versionOf } from '../version.ts';
import { kubeconfigFrom } from '../world/kubeconfig-from-options.ts';
import { type Command, parseOptions } from './command.ts';
import { itemOf } from './graph-question.ts';

const USAGE = `Usage: pnpm tier0 diagnose [ITEM] [options]

Says what is broken in a cluster, since when, why, who is hit, and which edit would fix it. It only reads: get, list and watch, and the logs of
containers that are candidates for the cause. It never reads the value of a Secret. No model is asked.

  --kubeconfig FILE    a live cluster                                     ($KUBECONFIG, else ~/.kube/config)
  --context NAME       context of the kubeconfig                           (its current one)
  --snapshot DIR       a recorded cluster instead: cluster/, logs/, meta.json, or any folder of "kubectl get -o json" files
  --catalog FILE       a Backstage catalog-info.yaml, to name owners
  --cluster NAME       name of the cluster in item ids                     (that of the recording, else: cluster)
  -n, --namespace NS   only what stands in this namespace, or reaches it
  -o, --output FORM    text, json (schema tier0.diagnosis/v1), sarif, k8sgpt                (text)
  --verbose            also what is not broken but worth a look
  --no-fail            exit code 0 although there are problems

ITEM limits the answer to what concerns one object: "Deployment shop/web", Deployment/shop/web, or an item id.
Exit code: 0 healthy, 1 problems, 2 could not look. The result goes to stdout and nothing else does.
What tier0 needs to be allowed: docs/guides/read-only-access.yaml ("kubectl apply -f" makes the role).

Example: pnpm tier0 diagnose --snapshot ./monday-night`;

const FORMS = ['text', 'json', 'sarif', 'k8sgpt'];

/** `tier0 diagnose`: root causes of a live or recorded cluster. */
export const diagnose: Command = {
  name: 'diagnose',
  summary: 'what is broken in a cluster, why, and what would fix it',
  usage: USAGE,
  async run(args, environment) {
    const { values, positionals } = parseOptions('diagnose', args, {
      kubeconfig: { type: 'string' },
      context: { type: 'string' },
      snapshot: { type: 'string' },
      catalog: { type: 'string' },
      cluster: { type: 'string' },
      namespace: { type: 'string', short: 'n' },
      output: { type: 'string', short: 'o', default: 'text' },
      verbose: { type: 'boolean', default: false },
      'no-fail': { type: 'boolean', default: false },
    });
    if (!FORMS.includes(values.output)) throw invalid(`--output is one of ${FORMS.join(', ')}, not "${values.output}".`);
    const context: CallContext = { signal: environment.signal, now: () => Date.now() };
    const progress = (line: string) => {
      if (environment.terminal.colour) environment.stderr(`${CLEAR_LINE}${line} ...`);
    };
    progress(values.snapshot === undefined ? 'reading the cluster' : 'reading the recording');
    const { reader, readLog, failures } = await look(values, environment, context);
    const item = positionals[0] === undefined ? undefined : itemOf({ reader, newest: reader, positionals }, 'diagnose');
    const diagnosis = await diagnoseCluster(reader, { readLog, onProgress: progress }, context);
    if (environment.terminal.colour) environment.stderr(CLEAR_LINE);
    const document = toDiagnosisDocument({ ...diagnosis, unknowns: [...new Set([...failures, ...diagnosis.unknowns])] }, reader, {
      namespace: values.namespace,
      item,
    });
    environment.terminal.write(render(document, values.output, { environment, verbose: values.verbose, version: await versionOf() }));
    return exitCode(document, reader, { isForgiving: values['no-fail'], namespace: values.namespace });
  },
};

interface Place {
  readonly snapshot?: string | undefined;
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  readonly catalog?: string | undefined;
  readonly cluster?: string | undefined;
  readonly namespace?: string | undefined;
}

/** A cluster that was read, and how its logs are. */
interface Look {
  readonly reader: CmdbReader;
  readonly readLog: (request: ClusterLogRequest) => Promise<string | undefined>;
  /** What the sources could not read. */
  readonly failures: readonly string[];
}

async function look(place: Place, environment: Environment, context: CallContext): Promise<Look> {
  if (place.snapshot !== undefined && place.kubeconfig !== undefined) {
    throw invalid('--snapshot and --kubeconfig exclude each other: either a recording is read or a live cluster.');
  }
  const catalog = place.catalog === undefined ? [] : [createBackstageSource({ file: place.catalog })];
  if (place.snapshot !== undefined) {
    const snapshot = await readSnapshot(place.snapshot, context.signal);
    const { reader, failures } = await openSnapshot(snapshot, { cluster: place.cluster, sources: catalog }, context);
    return { reader, failures: failures.filter(isNotInCoverage), readLog: createSnapshotLogReader(snapshot) };
  }
  const kubeconfig = await kubeconfigFrom(place.kubeconfig, environment);
  const namespaces = place.namespace === undefined ? [] : [place.namespace];
  const source = createKubernetesSource({ kubeconfig, context: place.context, cluster: place.cluster ?? 'cluster', namespaces });
  return {
    ...(await readOnce([source, ...catalog], context)),
    readLog: createPodLogReader({ kubeconfig, context: place.context }),
  };
}

async function readOnce(sources: readonly InventorySource[], context: CallContext) {
  const cmdb = createCmdb({ sources });
  const { failures, items } = await cmdb.refresh(context);
  if (items === 0) {
    throw new Tier0Error({
      code: 'UNAVAILABLE',
      message: failures[0] ?? 'The cluster holds nothing that tier0 may see.',
      hint: 'Check with "kubectl get pods -A"; tier0 needs "list" on the kinds in docs/guides/read-only-access.yaml.',
    });
  }
  return { reader: cmdb.reader(), failures: failures.filter(isNotInCoverage) };
}

/** What the cluster refused is in its coverage, which the rules read themselves. */
function isNotInCoverage(failure: string): boolean {
  return !/^(kubernetes|snapshot) could not read/.test(failure);
}

function render(
  document: DiagnosisDocument,
  form: string,
  { environment, verbose, version }: { readonly environment: Environment; readonly verbose: boolean; readonly version: string },
): string {
  if (form === 'json') return `${JSON.stringify(document, null, 2)}\n`;
  if (form === 'sarif') return `${JSON.stringify(toSarif(document, version), null, 2)}\n`;
  if (form === 'k8sgpt') return `${JSON.stringify(toK8sgpt(document), null, 2)}\n`;
  const { colour, width } = environment.terminal;
  return toDiagnosisText(document, { style: styleOf(colour), width, verbose });
}

function styleOf(colour: boolean): TextStyle {
  const paint = (style: Style) => (text: string) => (colour ? painted(style, text) : text);
  return { strong: paint('bold'), dim: paint('dim'), bad: paint('red'), good: paint('green') };
}

/** Finding nothing is good news only where everything could be looked at. */
function exitCode(
  document: DiagnosisDocument,
  reader: CmdbReader,
  { isForgiving, namespace }: { readonly isForgiving: boolean; readonly namespace?: string | undefined },
): number {
  if (document.rootCauses.length > 0) return isForgiving ? 0 : 1;
  const rows = reader.slices().flatMap((slice) => slice.coverage);
  const isGap = (row: Coverage) => row.state === 'forbidden' || row.state === 'failed';
  const isAsked = (row: Coverage) => row.namespace === undefined || row.namespace === namespace;
  // In a recording one namespace may lack what another has: that is said, and is no refusal.
  return rows.some((row) => isGap(row) && isAsked(row)) ? 2 : 0;
}

function invalid(message: string): Tier0Error {
  return new Tier0Error({ code: 'INVALID_INPUT', message, hint: 'Run "pnpm tier0 diagnose --help" to see the options.' });
}
