import {
  createBackstageSource,
  createCmdb,
  createKubernetesSource,
  createManifestsSource,
  createSqliteCmdbStore,
  DEFAULT_IDENTITY_RULES,
} from '@tier0/cmdb';
import { type CallContext, type CmdbReader, type ConfigurationItem, formatItemId, type InventorySource, Tier0Error } from '@tier0/core';
import type { Environment } from '../environment.ts';
import { existing, nothingRead } from '../operations/open-world.ts';
import { type Additions, loadPlugins } from '../plugins/load-plugins.ts';
import { PROGRAM } from '../program-name.ts';
import { itemsNamed, parseItemName } from '../world/item-name.ts';
import { kubeconfigFrom } from '../world/kubeconfig-from-options.ts';
import { atRecording, recordingPlace } from '../world/recording-place.ts';
import { parseOptions } from './command.ts';
import { chosen, didYouMean } from './did-you-mean.ts';

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
export async function askGraph(
  command: string,
  args: readonly string[],
  { environment, further = {} }: { readonly environment: Environment; readonly further?: FurtherOptions },
): Promise<GraphQuestion> {
  const { values, positionals } = parseOptions(command, args, { ...OPTIONS, ...further });
  const given: Readonly<Record<string, string | undefined>> = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, value === undefined ? undefined : String(value)]),
  );
  chosen({ name: '--output', given: given.output, known: ['text', 'json'] });
  const usesOther = [given.snapshot, given.store, given.catalog].some((named) => named !== undefined);
  const usesCluster = given.kubeconfig !== undefined || !usesOther;
  const kubeconfigText = usesCluster ? await kubeconfigFor(given, environment) : undefined;
  const place = given.snapshot === undefined ? undefined : await recordingPlace(given.snapshot);
  const additions = await loadPlugins(given.plugins?.split(',') ?? []);
  const sources = await sourcesOf({ ...given, snapshot: place?.directory, kubeconfigText }, additions);
  const store = given.store === undefined ? undefined : createSqliteCmdbStore({ file: await existing(given.store) });
  const now: CallContext = { signal: environment.signal, now: () => Date.now() };
  // A recording beside a live cluster is read as of now: one graph has one newest moment.
  const context = place === undefined || usesCluster ? now : atRecording(now, place);
  try {
    // A question records nothing: a store is asked without sources (its graph snapshot, a cache, may be renewed).
    const cmdb = createCmdb(sources.length === 0 ? { sources, store } : { sources, identity: DEFAULT_IDENTITY_RULES });
    const report = await cmdb.refresh(context);
    if (report.items === 0 && (report.errors ?? []).length > 0) throw nothingRead(report);
    for (const line of report.failures) environment.stderr(`tier0: ${line}\n`);
    const newest = cmdb.reader();
    const reader = given.at === undefined ? newest : newest.asOf(instantOf(given.at, newest.at));
    const live = kubeconfigText === undefined ? undefined : liveCluster(kubeconfigText, given);
    const common = { reader, newest, positionals, namespace: given.namespace, live, additions };
    return { ...common, isJson: given.output === 'json', value: (name) => given[name] };
  } finally {
    await store?.close?.();
  }
}

function liveCluster(kubeconfig: string, { context, cluster = 'cluster' }: Readonly<Record<string, string | undefined>>): LiveCluster {
  return { kubeconfig, context, cluster };
}

/** Text of the kubeconfig. Throws NOT_FOUND, with what else could be read. */
async function kubeconfigFor(given: Readonly<Record<string, string | undefined>>, environment: Environment): Promise<string> {
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

async function sourcesOf(given: Readonly<Record<string, string | undefined>>, { sources }: Additions): Promise<readonly InventorySource[]> {
  const { snapshot, kubeconfigText, context, catalog, store, cluster = 'cluster' } = given;
  if (store !== undefined && (snapshot ?? given.kubeconfig ?? catalog) !== undefined) {
    throw new Tier0Error({
      code: 'INVALID_INPUT',
      message: '--store is read alone: its record already holds what its sources said.',
      hint: 'Leave out either --store or the other sources.',
    });
  }
  return [
    ...(snapshot === undefined ? [] : [createManifestsSource({ directory: snapshot, cluster })]),
    ...(kubeconfigText === undefined ? [] : [createKubernetesSource({ kubeconfig: kubeconfigText, context, cluster })]),
    ...(catalog === undefined ? [] : [createBackstageSource({ file: await existing(catalog) })]),
    ...(store === undefined ? sources : []),
  ];
}

/** An instant, or a time before `now`: `30m`, `24h`, `7d`. Throws INVALID_INPUT. */
export function instantOf(text: string, now: string): string {
  const ms = durationOf(text);
  if (ms !== undefined) return new Date(Date.parse(now) - ms).toISOString();
  if (!Number.isNaN(Date.parse(text))) return new Date(text).toISOString();
  throw new Tier0Error({
    code: 'INVALID_INPUT',
    message: `"${text}" is neither an instant nor a time ago.`,
    hint: 'Write 2026-11-22T02:00:00Z, or 30m, 24h, 7d.',
  });
}

/** Milliseconds of `30m`, `24h`, `7d`; undefined for anything else. */
export function durationOf(text: string): number | undefined {
  const match = /^(\d+)([mhd])$/.exec(text);
  return match ? Number(match[1]) * { m: 60_000, h: 3_600_000, d: 86_400_000 }[match[2] as 'm' | 'h' | 'd'] : undefined;
}

/** A whole number of at least 1; undefined where the option was not given. Throws INVALID_INPUT. */
export function countOf(question: GraphQuestion, option: string, command: string): number | undefined {
  const text = question.value(option);
  if (text === undefined) return undefined;
  const count = Number(text);
  if (Number.isSafeInteger(count) && count > 0) return count;
  throw invalid(`--${option} is a whole number of at least 1, not "${text}".`, command);
}

/** The id of the one item a person means. Throws INVALID_INPUT where several match, NOT_FOUND where none does. */
export function itemOf(
  { reader, newest, positionals, namespace }: Pick<GraphQuestion, 'reader' | 'newest' | 'positionals' | 'namespace'>,
  command: string,
): string {
  const text = positionals.join(' ').trim();
  if (text === '') throw invalid('Which item?', command);
  if (positionals.length > 1 && positionals.every((word) => word.includes('/'))) throw invalid('One item is looked at at a time.', command);
  // A snapshot knows its items since it was read, and their changes from long before.
  if (reader.get(text).state === 'found' || newest.get(text).state === 'found') return text;
  const now = matchesOf(reader, { text, namespace });
  const found = now.length > 0 ? now : matchesOf(newest, { text, namespace });
  const [first] = found;
  if (first && found.length === 1) return first.id;
  if (first) {
    const shown = found.slice(0, 10).map(({ id }) => `  ${formatItemId(id)}  ${id}`);
    throw new Tier0Error({
      code: 'INVALID_INPUT',
      message: `"${text}" may be ${found.length} items:\n${shown.join('\n')}${found.length > 10 ? '\n  ...' : ''}`,
      hint: `Name one of them, e.g. ${PROGRAM} ${command} "${formatItemId(first.id)}"`,
    });
  }
  throw new Tier0Error({
    code: 'NOT_FOUND',
    message: `No item matches "${text}" at ${reader.at}.`,
    hint: `${nearItem(reader, text)}Try a part of its name, or another --at.`,
  });
}

/** What a person may mean, and the namespace they gave besides. */
interface Wanted {
  readonly text: string;
  readonly namespace: string | undefined;
}

function matchesOf(reader: CmdbReader, { text, namespace }: Wanted): readonly ConfigurationItem[] {
  const name = parseItemName(text);
  const named = name === undefined ? [] : itemsNamed(reader, { ...name, namespace: name.namespace ?? namespace });
  return named.length > 0 ? named : reader.query(text);
}

/** The item whose name is nearest to what was written, as a question. */
function nearItem(reader: CmdbReader, text: string): string {
  const wanted = parseItemName(text);
  const known = reader.items({}).items.map(({ id }) => formatItemId(id));
  const place = wanted?.namespace === undefined || wanted.namespace === '-' ? '' : `${wanted.namespace}/`;
  return didYouMean(wanted === undefined ? text : `${wanted.kind} ${place}${wanted.name}`, known);
}

function invalid(message: string, command: string): Tier0Error {
  return new Tier0Error({ code: 'INVALID_INPUT', message, hint: `Run "${PROGRAM} ${command} --help" for all options.` });
}
