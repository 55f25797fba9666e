import { access, readFile } from 'node:fs/promises';
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
import { parseOptions } from './command.ts';

/** Options of every question to the graph, as the commands' help shows them. */
export const GRAPH_USAGE = `What is read (at least one):
  --snapshot DIR       a folder of manifests, e.g. what "kubectl get -o yaml" wrote
  --kubeconfig FILE    a live cluster; needs get and list only             ($KUBECONFIG, where nothing else is named)
  --store FILE         what a CMDB recorded into SQLite, with its history
  --catalog FILE       a Backstage catalog-info.yaml, alone or besides; alone, no cluster is asked
  --cluster NAME       name of the cluster in item ids                     (cluster)
  --at TIME            as it was then: 2026-11-22T02:00:00Z, or 30m, 24h, 7d ago
  --output json        one JSON object instead of text

ITEM is an id, a name ("Deployment shop/web" or Deployment/shop/web), or a query that one item matches ("kind:Deployment name:web").
Exit code: 0 answered, 1 there is no answer, 2 could not look.`;

const OPTIONS = {
  snapshot: { type: 'string' },
  kubeconfig: { type: 'string' },
  store: { type: 'string' },
  catalog: { type: 'string' },
  cluster: { type: 'string', default: 'cluster' },
  at: { type: 'string' },
  output: { type: 'string', default: 'text' },
} as const;

/** Further options of one command. */
export type FurtherOptions = Readonly<Record<string, { readonly type: 'string' | 'boolean' }>>;

/** A graph that was read, ready for one question. */
export interface GraphQuestion {
  /** At the asked moment. */
  readonly reader: CmdbReader;
  /** At the newest moment. */
  readonly newest: CmdbReader;
  readonly positionals: readonly string[];
  readonly isJson: boolean;
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
  if (given.output !== 'text' && given.output !== 'json') throw invalid('--output is text or json.', command);
  const usesOther = [given.snapshot, given.store, given.catalog].some((named) => named !== undefined);
  const kubeconfig = given.kubeconfig ?? (usesOther ? undefined : environment.variables.KUBECONFIG);
  if (!usesOther && kubeconfig === undefined) {
    throw invalid('What is to be read? Name --snapshot DIR, --kubeconfig FILE, --store FILE or --catalog FILE.', command);
  }
  const sources = await sourcesOf({ ...given, kubeconfig });
  if (given.store !== undefined) await assertExists(given.store);
  const store = given.store === undefined ? undefined : createSqliteCmdbStore({ file: given.store });
  const context: CallContext = { signal: environment.signal, now: () => Date.now() };
  try {
    // A question records nothing: a store is asked without sources (its graph snapshot, a cache, may be renewed).
    const cmdb = createCmdb(sources.length === 0 ? { sources, store } : { sources, identity: DEFAULT_IDENTITY_RULES });
    const { failures } = await cmdb.refresh(context);
    for (const line of failures) environment.stderr(`tier0: ${line}\n`);
    const newest = cmdb.reader();
    const reader = given.at === undefined ? newest : newest.asOf(instantOf(given.at, newest.at));
    return { reader, newest, positionals, isJson: given.output === 'json', value: (name) => given[name] };
  } finally {
    await store?.close?.();
  }
}

async function sourcesOf(given: Readonly<Record<string, string | undefined>>): Promise<readonly InventorySource[]> {
  const { snapshot, kubeconfig, catalog, store, cluster = 'cluster' } = given;
  if (store !== undefined && (snapshot ?? given.kubeconfig ?? catalog) !== undefined) {
    throw new Tier0Error({
      code: 'INVALID_INPUT',
      message: '--store is read alone: its record already holds what its sources said.',
      hint: 'Leave out either --store or the other sources.',
    });
  }
  return [
    ...(snapshot === undefined ? [] : [createManifestsSource({ directory: snapshot, cluster })]),
    ...(kubeconfig === undefined ? [] : [createKubernetesSource({ kubeconfig: await read(kubeconfig), cluster })]),
    ...(catalog === undefined ? [] : [createBackstageSource({ file: catalog })]),
  ];
}

async function read(file: string): Promise<string> {
  await assertExists(file);
  return readFile(file, 'utf8');
}

async function assertExists(file: string): Promise<void> {
  await access(file).catch((cause) => {
    throw new Tier0Error({
      code: 'NOT_FOUND',
      message: `There is no file ${file}.`,
      hint: 'Name an existing file that may be read.',
      cause,
    });
  });
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
export function itemOf({ reader, newest, positionals }: Pick<GraphQuestion, 'reader' | 'newest' | 'positionals'>, command: string): string {
  const text = positionals.join(' ').trim();
  if (text === '') throw invalid('Which item?', command);
  // A snapshot knows its items since it was read, and their changes from long before.
  if (reader.get(text).state === 'found' || newest.get(text).state === 'found') return text;
  const now = matchesOf(reader, text);
  const found = now.length > 0 ? now : matchesOf(newest, text);
  const [first] = found;
  if (first && found.length === 1) return first.id;
  if (first) {
    const shown = found.slice(0, 10).map(({ id }) => `  ${formatItemId(id)}  ${id}`);
    throw new Tier0Error({
      code: 'INVALID_INPUT',
      message: `"${text}" may be ${found.length} items:\n${shown.join('\n')}${found.length > 10 ? '\n  ...' : ''}`,
      hint: `Name one of them, e.g. pnpm tier0 ${command} "${formatItemId(first.id)}"`,
    });
  }
  throw new Tier0Error({
    code: 'NOT_FOUND',
    message: `No item matches "${text}" at ${reader.at}.`,
    hint: 'Try a part of its name, or another --at.',
  });
}

function matchesOf(reader: CmdbReader, text: string): readonly ConfigurationItem[] {
  const shown = shownName(text).toLowerCase();
  const named = reader.items({}).items.filter(({ id }) => formatItemId(id).toLowerCase() === shown);
  return named.length > 0 ? named : reader.query(text);
}

/** `Deployment/shop/web` as this tool shows it: `Deployment shop/web`; a kind without namespace is `Node/-/node-a` or `Node/node-a`. */
function shownName(text: string): string {
  const [kind = '', ...rest] = text.split('/');
  return /^[A-Z]\w*$/.test(kind) && rest.length > 0 ? `${kind} ${rest.join('/').replace(/^-\//, '')}` : text;
}

function invalid(message: string, command: string): Tier0Error {
  return new Tier0Error({ code: 'INVALID_INPUT', message, hint: `Run "pnpm tier0 ${command} --help" for all options.` });
}
