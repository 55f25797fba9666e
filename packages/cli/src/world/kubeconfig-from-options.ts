import { readFile } from 'node:fs/promises';
import { delimiter, dirname, isAbsolute, resolve } from 'node:path';
import { Tier0Error } from '@tier0/core';
import { parseDocument, stringify } from 'yaml';
import { didYouMean } from '../commands/did-you-mean.ts';
import type { Environment } from '../environment.ts';

type Variables = Environment['variables'];
type Entry = Readonly<Record<string, unknown>>;

/** A kubeconfig file as it was read. */
interface KubeconfigFile {
  readonly path: string;
  readonly content: Entry;
}

/** The files that kubectl would take: the named one, else those of `KUBECONFIG`, else the one in the home folder. */
export function kubeconfigFiles(file: string | undefined, variables: Variables): readonly string[] {
  if (file !== undefined) return [file];
  const listed = (variables.KUBECONFIG ?? '').split(delimiter).filter((path) => path !== '');
  return listed.length > 0 ? listed : [`${variables.HOME ?? ''}/.kube/config`];
}

/**
 * Text of the kubeconfig that was named, else of the one kubectl would take: several files of `KUBECONFIG` become one, in which the first to
 * name something counts, and files that an entry names are taken from the folder of its own file. Throws NOT_FOUND and INVALID_INPUT.
 */
export async function kubeconfigFrom(
  file: string | undefined,
  { variables }: Pick<Environment, 'variables'>,
  context?: string | undefined,
): Promise<string> {
  const paths = kubeconfigFiles(file, variables);
  const found = (await Promise.all(paths.map(readKubeconfig))).filter((one) => one !== undefined);
  if (found.length === 0) throw notThere(paths);
  const merged = mergeKubeconfigs(found);
  if (context !== undefined) requireContext(merged, context);
  return stringify(merged);
}

/** Undefined for a file that is not there: kubectl passes over one too, as long as another is. */
async function readKubeconfig(path: string): Promise<KubeconfigFile | undefined> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw unusable(path, `it cannot be read (${error.code})`, error);
  });
  if (text === undefined) return undefined;
  const document = parseDocument(text, { merge: true });
  const [flaw] = document.errors;
  if (flaw) throw unusable(path, `line ${flaw.linePos?.[0].line ?? '?'}: it is no YAML`, flaw);
  const content: unknown = document.toJS({ maxAliasCount: 100 });
  if (content === null || typeof content !== 'object' || Array.isArray(content)) throw unusable(path, 'it holds no kubeconfig');
  return { path, content: content as Entry };
}

/** One kubeconfig of several, as kubectl joins them. Pure. */
export function mergeKubeconfigs(files: readonly KubeconfigFile[]): Entry {
  const first = (key: string) => files.map(({ content }) => content[key]).find((value) => value !== undefined && value !== '');
  const named = (key: string) => {
    const all = files.flatMap(({ path, content }) => listOf(content[key]).map((entry) => withAbsolutePaths(entry, dirname(resolve(path)))));
    return all.filter((entry, index) => all.findIndex((other) => other.name === entry.name) === index);
  };
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': first('current-context') ?? '',
    clusters: named('clusters'),
    contexts: named('contexts'),
    users: named('users'),
  };
}

function listOf(value: unknown): readonly Entry[] {
  return Array.isArray(value) ? value.filter((entry): entry is Entry => entry !== null && typeof entry === 'object') : [];
}

/** Fields that name files. Source: "Cluster" and "AuthInfo" of client-go's clientcmd API v1. */
const FILE_FIELDS: Readonly<Record<string, readonly string[]>> = {
  cluster: ['certificate-authority'],
  user: ['client-certificate', 'client-key', 'tokenFile'],
};

function withAbsolutePaths(entry: Entry, folder: string): Entry {
  const absolute = (path: unknown) => (typeof path === 'string' && path !== '' && !isAbsolute(path) ? resolve(folder, path) : path);
  const parts = Object.entries(FILE_FIELDS).flatMap(([part, fields]) => {
    const body = entry[part];
    if (body === null || typeof body !== 'object') return [];
    const changed = fields.filter((field) => field in body).map((field) => [field, absolute((body as Entry)[field])]);
    return [[part, { ...body, ...Object.fromEntries(changed) }] as const];
  });
  return { ...entry, ...Object.fromEntries(parts) };
}

function requireContext(config: Entry, context: string): void {
  const known = listOf(config.contexts).map(({ name }) => String(name));
  if (known.includes(context)) return;
  throw new Tier0Error({
    code: 'INVALID_INPUT',
    message: `The kubeconfig has no context "${context}".`,
    hint: `${didYouMean(context, known)}It has ${known.join(', ') || 'none'}.`,
  });
}

function notThere(paths: readonly string[]): Tier0Error {
  return new Tier0Error({
    code: 'NOT_FOUND',
    message: `There is no kubeconfig ${paths.join(' or ')}.`,
    hint: 'Name one with --kubeconfig FILE, or set KUBECONFIG.',
  });
}

function unusable(path: string, why: string, cause?: unknown): Tier0Error {
  return new Tier0Error({
    code: 'INVALID_INPUT',
    message: `The kubeconfig ${path} cannot be used: ${why}.`,
    hint: 'Check it with "kubectl config view", or name another one with --kubeconfig FILE.',
    cause,
  });
}
