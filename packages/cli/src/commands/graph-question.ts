import { type CmdbReader, Tier0Error } from '@tier0/core';
import type { Environment } from '../environment.ts';
import { openGraph } from '../operations/open-graph.ts';
import { type Additions, loadPlugins } from '../plugins/load-plugins.ts';
import { PROGRAM } from '../program-name.ts';
import { kubeconfigFrom } from '../world/kubeconfig-from-options.ts';
import { parseOptions } from './command.ts';
import { chosen } from './did-you-mean.ts';

/** Options of every question to the graph, as the commands' help shows them. */
export const GRAPH_USAGE = `What is read (nothing named: the cluster that kubectl would take):
  --snapshot DIR       a recording, or a folder of manifests, e.g. what "kubectl get -o yaml" wrote
  --kubeconfig FILE    a live cluster; needs get and list only   ($KUBECONFIG, else ~/.kube/config, where nothing else is named)
  --store FILE         what a CMDB recorded into SQLite, with its history
  --plugins LIST       packages or files, with commas between them, that read further sources
  --catalog FILE       a Backstage catalog-info.yaml, alone or besides; alone, no cluster is asked
  --context NAME       context of the kubeconfig                           (its current one)
  --cluster NAME       name of the cluster in item ids                     (cluster)
  -n, --namespace NS   namespace of the ITEM, where it does not say one
  --at TIME            as it was then: 2026-11-22T02:00:00Z, or 30m, 24h, 7d ago
  -o, --output json    one JSON object instead of text

ITEM is an id, a name (deploy/shop/web, "Deployment shop/web", or deploy/web with -n shop), or a query that one item matches ("kind:Deployment name:web").
Exit code: 0 answered, 1 there is no answer, 2 could not look.`;

const OPTIONS = {
  snapshot: { type: 'string' },
  kubeconfig: { type: 'string' },
  store: { type: 'string' },
  context: { type: 'string' },
  namespace: { type: 'string', short: 'n' },
  catalog: { type: 'string' },
  plugins: { type: 'string' },
  cluster: { type: 'string', default: 'cluster' },
  at: { type: 'string' },
  output: { type: 'string', short: 'o', default: 'text' },
} as const;

/** Further options of one command. */
export type FurtherOptions = Readonly<Record<string, { readonly type: 'string' | 'boolean' }>>;

/** A cluster that answers, and its name in item ids. */
export interface LiveCluster {
  /** YAML. */
  readonly kubeconfig: string;
  readonly context?: string | undefined;
  readonly cluster: string;
}

/** A graph that was read, ready for one question. */
export interface GraphQuestion {
  /** At the asked moment. */
  readonly reader: CmdbReader;
  /** At the newest moment. */
  readonly newest: CmdbReader;
  readonly positionals: readonly string[];
  /** Namespace of an item that does not say one. */
  readonly namespace?: string | undefined;
  readonly isJson: boolean;
  /** What plugins add. */
  readonly additions: Additions;
  /** How the live cluster is reached; undefined where none is read. */
  readonly live?: LiveCluster | undefined;
  /** Value of a further option. */
  readonly value: (name: string) => string | undefined;
}

/** Reads what the options name. What could not be read is said on stderr. Throws INVALID_INPUT and NOT_FOUND. */
export async function readGraphQuestion(
  command: string,
  args: readonly string[],
  { environment, further = {} }: { readonly environment: Environment; readonly further?: FurtherOptions },
): Promise<GraphQuestion> {
  const { values, positionals } = parseOptions(command, args, { ...OPTIONS, ...further });
  const given: Readonly<Record<string, string | undefined>> = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, value === undefined ? undefined : String(value)]),
  );
  chosen({ name: '--output', given: given.output, known: ['text', 'json'] });
  const kubeconfigText = await kubeconfigFor(given, environment);
  const additions = await loadPlugins(given.plugins?.split(',') ?? []);
  const { snapshot, store, context, cluster, catalog, at, namespace } = given;
  const place = { snapshot, store, kubeconfigText, context, cluster, catalog, at };
  const graph = await openGraph(place, { signal: environment.signal, now: () => Date.now() }, additions.sources);
  for (const { message } of graph.failures) environment.stderr(`tier0: ${message}\n`);
  const live = kubeconfigText === undefined ? undefined : liveCluster(kubeconfigText, given);
  const { reader, newest } = graph;
  return { reader, newest, positionals, namespace, live, additions, isJson: given.output === 'json', value: (name) => given[name] };
}

function liveCluster(kubeconfig: string, { context, cluster = 'cluster' }: Readonly<Record<string, string | undefined>>): LiveCluster {
  return { kubeconfig, context, cluster };
}

/** Text of the kubeconfig that was named, or of the one kubectl would take where nothing else is named. Throws NOT_FOUND, with what else could be read. */
async function kubeconfigFor(given: Readonly<Record<string, string | undefined>>, environment: Environment): Promise<string | undefined> {
  if (given.kubeconfig === undefined && (given.snapshot ?? given.store ?? given.catalog) !== undefined) return undefined;
  return kubeconfigFrom(given.kubeconfig, environment, given.context).catch((error: Tier0Error) => {
    if (given.kubeconfig !== undefined || error.code !== 'NOT_FOUND') throw error;
    throw new Tier0Error({
      code: 'NOT_FOUND',
      message: `What is to be read? ${error.message}`,
      hint: 'Name --snapshot DIR, --kubeconfig FILE, --store FILE or --catalog FILE.',
      cause: error,
    });
  });
}

/** A whole number of at least 1; undefined where the option was not given. Throws INVALID_INPUT. */
export function countOf(question: GraphQuestion, option: string, command: string): number | undefined {
  const text = question.value(option);
  if (text === undefined) return undefined;
  const count = Number(text);
  if (Number.isSafeInteger(count) && count > 0) return count;
  throw invalid(`--${option} is a whole number of at least 1, not "${text}".`, command);
}

/** The item that the words of a command mean, as a question says it. Throws INVALID_INPUT where there is none, or more than one. */
export function itemAsked({ positionals, namespace }: Pick<GraphQuestion, 'positionals' | 'namespace'>, command: string) {
  const item = positionals.join(' ').trim();
  if (item === '') throw invalid('Which item?', command);
  if (positionals.length > 1 && positionals.every((word) => word.includes('/'))) throw invalid('One item is looked at at a time.', command);
  return { item, namespace, example: (name: string) => `${PROGRAM} ${command} "${name}"` };
}

function invalid(message: string, command: string): Tier0Error {
  return new Tier0Error({ code: 'INVALID_INPUT', message, hint: `Run "${PROGRAM} ${command} --help" for all options.` });
}
