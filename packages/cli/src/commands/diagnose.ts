import {
  type CodeTable,
  type DiagnosisDocument,
  type TextStyle,
  toDiagnosisText,
  toK8sgpt,
  toRepositorySarif,
  toSarif,
} from '@tier0/agents';
import { type CallContext, type CmdbReader, parseKubernetesItemId, Tier0Error } from '@tier0/core';
import type { Environment } from '../environment.ts';
import { diagnoseWorld } from '../operations/diagnose.ts';
import { findItem } from '../operations/find-item.ts';
import { openWorld, type Place } from '../operations/open-world.ts';
import { type Diagnosed, repositoryPlaces } from '../operations/repository-places.ts';
import { loadPlugins } from '../plugins/load-plugins.ts';
import { PROGRAM } from '../program-name.ts';
import { painted, type Style } from '../terminal/outlet.ts';
import { createProgress } from '../terminal/progress.ts';
import { versionOf } from '../version.ts';
import { kubeconfigFrom } from '../world/kubeconfig-from-options.ts';
import { refuseCredentials, withMirror } from '../world/live-item.ts';
import { type Command, parseOptions } from './command.ts';
import { chosen, didYouMean } from './did-you-mean.ts';
import { itemAsked } from './graph-question.ts';
import { nextCommands } from './next-command.ts';
import { requestTimeoutMs } from './request-timeout.ts';

const USAGE = `Usage: ${PROGRAM} diagnose [ITEM] [options]

Says what is broken in a cluster, since when, why, who is hit, and which edit would fix it. It only reads: get, list and watch, and the logs of
containers that are candidates for the cause. It never reads the value of a Secret. No model is asked.

  --kubeconfig FILE    a live cluster                                     ($KUBECONFIG, else ~/.kube/config)
  --context NAME       context of the kubeconfig                           (its current one)
  --snapshot DIR       a recorded cluster instead: of "tier0 record", "kubectl cluster-info dump", must-gather, a support bundle,
                       or any folder of "kubectl get -o json" files
  --request-timeout T  how long one request to the cluster may take        (30s)
  --catalog FILE       a Backstage catalog-info.yaml, to name owners
  --plugins LIST       packages or files, with commas between them, that add rules and sources
  --cluster NAME       name of the cluster in item ids                     (that of the recording, else: cluster)
  -n, --namespace NS   only what stands in this namespace, or reaches it
  -A, --all-namespaces everything that may be read                          (the default)
  -o, --output FORM    text, json (schema tier0.diagnosis/v1), sarif, k8sgpt                (text)
  --repository URL     with sarif: each result at its line of this Git repository, for code scanning; what no line declares is a notification
  --branch NAME        branch the cluster is reconciled from                (main)
  --path FOLDER        folder of the repository that declares this cluster
  --verbose            also what is not broken but worth a look
  --no-fail            exit code 0 although there are problems

ITEM limits the answer to what concerns one object: deploy/shop/web, "Deployment shop/web", deploy/web with -n shop, or an item id.
Exit code: 0 healthy, 1 problems, 2 could not look. The result goes to stdout and nothing else does.
What tier0 needs to be allowed: docs/guides/read-only-access.yaml ("kubectl apply -f" makes the role).

Example: ${PROGRAM} diagnose --snapshot ./monday-night`;

const FORMS = ['text', 'json', 'sarif', 'k8sgpt'];

/** `tier0 diagnose`: root causes of a live or recorded cluster. */
export const diagnose: Command = {
  name: 'diagnose',
  usage: USAGE,
  async run(args, environment) {
    const { values, positionals } = parseOptions('diagnose', args, {
      kubeconfig: { type: 'string' },
      context: { type: 'string' },
      snapshot: { type: 'string' },
      catalog: { type: 'string' },
      plugins: { type: 'string' },
      'request-timeout': { type: 'string' },
      cluster: { type: 'string' },
      namespace: { type: 'string', short: 'n' },
      'all-namespaces': { type: 'boolean', short: 'A', default: false },
      output: { type: 'string', short: 'o', default: 'text' },
      repository: { type: 'string' },
      branch: { type: 'string', default: 'main' },
      path: { type: 'string' },
      verbose: { type: 'boolean', default: false },
      'no-fail': { type: 'boolean', default: false },
    });
    chosen({ name: '--output', given: values.output, known: FORMS });
    const context: CallContext = { signal: environment.signal, now: () => Date.now() };
    const progress = createProgress(environment);
    const timeoutMs = requestTimeoutMs(values['request-timeout']);
    if (values.repository !== undefined && values.output !== 'sarif') throw invalid('--repository goes with "--output sarif".');
    if (values.repository !== undefined) refuseCredentials(values.repository);
    if (values['all-namespaces'] && values.namespace !== undefined) throw invalid('--namespace and --all-namespaces exclude each other.');
    progress.tell(values.snapshot === undefined ? 'reading the cluster' : 'reading the recording');
    const {
      output: _form,
      'all-namespaces': _all,
      verbose: _verbose,
      'no-fail': isForgiving,
      'request-timeout': _timeout,
      plugins,
      repository,
      branch,
      path,
      ...named
    } = values;
    const place = { ...named, requestTimeoutMs: timeoutMs, onProgress: progress.tell };
    const { sources, matters } = await loadPlugins(plugins?.split(',') ?? []);
    const world = await openWorld(await placeOf(place, environment), context, sources).finally(progress.end);
    requireNamespace(world.reader, values.namespace);
    const item =
      positionals[0] === undefined ? undefined : findItem(world, itemAsked({ positionals, namespace: values.namespace }, 'diagnose'));
    const { document, health } = await diagnoseWorld(
      world,
      { namespace: values.namespace, item, matters, onProgress: progress.tell },
      context,
    ).finally(progress.end);
    const codes = Object.assign({}, ...matters.map((matter) => matter.codes)) as CodeTable;
    const shown =
      repository === undefined
        ? render(document, values.output, { environment, verbose: values.verbose, version: await versionOf(), codes })
        : await sarifOf({ document, reader: world.reader }, { repository, branch, path, environment, codes }, context);
    environment.terminal.write(shown);
    if (values.output === 'text')
      for (const [at, line] of nextCommands(document, values).entries())
        environment.terminal.write(at === 0 ? `\nnext: ${line}\n` : `      ${line}\n`);
    return health === 'healthy' || (health === 'problems' && isForgiving) ? 0 : health === 'problems' ? 1 : 2;
  },
};

/** Throws NOT_FOUND for a namespace that nothing stands in, where all of it could be looked at: "nothing is wrong there" would be wrong. */
function requireNamespace(reader: CmdbReader, namespace: string | undefined): void {
  if (namespace === undefined) return;
  const known = new Set(
    reader.items({}).items.flatMap(({ id }) => {
      const named = parseKubernetesItemId(id);
      return named === undefined ? [] : [named.kind === 'Namespace' ? named.name : (named.namespace ?? '-')];
    }),
  );
  known.delete('-');
  if (
    known.has(namespace) ||
    reader.slices().some(({ coverage }) => coverage.some(({ state }) => state === 'forbidden' || state === 'failed'))
  )
    return;
  throw new Tier0Error({
    code: 'NOT_FOUND',
    message: `There is no namespace "${namespace}".`,
    hint: `${didYouMean(namespace, [...known])}There are ${[...known].sort().slice(0, 12).join(', ') || 'none'}${known.size > 12 ? ', ...' : ''}.`,
  });
}

/** A live cluster is the one kubectl would take, unless a recording is named. */
async function placeOf(place: Place, environment: Environment): Promise<Place> {
  if (place.snapshot !== undefined && place.kubeconfig !== undefined)
    throw invalid('--snapshot and --kubeconfig exclude each other: either a recording is read or a live cluster.');
  if (place.snapshot !== undefined) return place;
  return { ...place, kubeconfig: undefined, kubeconfigText: await kubeconfigFrom(place.kubeconfig, environment, place.context) };
}

interface Rendering {
  readonly environment: Environment;
  readonly verbose: boolean;
  readonly version: string;
  readonly codes: CodeTable;
}

function render(document: DiagnosisDocument, form: string, { environment, verbose, version, codes }: Rendering): string {
  if (form === 'json') return `${JSON.stringify(document, null, 2)}\n`;
  if (form === 'sarif') return `${JSON.stringify(toSarif(document, version, codes), null, 2)}\n`;
  if (form === 'k8sgpt') return `${JSON.stringify(toK8sgpt(document), null, 2)}\n`;
  const { colour, width } = environment.terminal;
  return toDiagnosisText(document, { style: styleOf(colour), width, verbose });
}

async function sarifOf(
  diagnosed: Diagnosed,
  part: {
    readonly repository: string;
    readonly branch: string;
    readonly path: string | undefined;
    readonly environment: Environment;
    readonly codes: CodeTable;
  },
  context: CallContext,
): Promise<string> {
  const { repository, branch, path, environment, codes } = part;
  const places = await withMirror(repository, environment, async (mirror) => {
    await mirror.fetch(context);
    if ((await mirror.resolve(branch, context)) === undefined)
      throw new Tier0Error({
        code: 'NOT_FOUND',
        message: `The branch ${branch} does not exist in ${mirror.url}.`,
        hint: 'Name the branch the cluster is reconciled from with --branch.',
      });
    return repositoryPlaces(diagnosed, { mirror, branch, path }, context);
  });
  const options = { version: await versionOf(), table: codes, placeOf: (fingerprint: string) => places.get(fingerprint) };
  return `${JSON.stringify(toRepositorySarif(diagnosed.document, options), null, 2)}\n`;
}

function styleOf(colour: boolean): TextStyle {
  const paint = (style: Style) => (text: string) => (colour ? painted(style, text) : text);
  return { strong: paint('bold'), dim: paint('dim'), bad: paint('red'), good: paint('green') };
}

function invalid(message: string): Tier0Error {
  return new Tier0Error({ code: 'INVALID_INPUT', message, hint: `Run "${PROGRAM} diagnose --help" to see the options.` });
}
