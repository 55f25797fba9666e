import { access, readFile } from 'node:fs/promises';
import { delimiter, dirname, isAbsolute, resolve } from 'node:path';
import { Tier0Error } from '@tier0/core';
import { stringify } from 'yaml';
import { entriesIn, isEntry, type KubeconfigEntry, parseKubeconfig, textIn } from './kubeconfig.ts';

/** Which kubeconfig is meant. */
export interface LoadKubeconfigOptions {
  /** Path of a file. Default: the files that kubectl would take. */
  readonly file?: string | undefined;
  /** Environment variables: `KUBECONFIG`, `HOME`, and what Kubernetes sets in a pod. Default: none. */
  readonly variables?: Readonly<Record<string, string | undefined>> | undefined;
  /** Folder of the pod's service account. Default: where Kubernetes mounts it. */
  readonly accountFolder?: string | undefined;
}

/** Where Kubernetes mounts the service account of a pod. Source: kubernetes.io/docs/tasks/run-application/access-api-from-pod. */
const ACCOUNT_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';

/** A kubeconfig file as it was read. */
interface KubeconfigFile {
  readonly path: string;
  readonly content: KubeconfigEntry;
}

/** The files that kubectl would take: the named one, else those of `KUBECONFIG`, else the one in the home folder. */
export function kubeconfigFiles({ file, variables = {} }: LoadKubeconfigOptions): readonly string[] {
  if (file !== undefined) return [file];
  const listed = (variables.KUBECONFIG ?? '').split(delimiter).filter((path) => path !== '');
  const home = variables.HOME ?? variables.USERPROFILE ?? '';
  return listed.length > 0 ? listed : [`${home}/.kube/config`];
}

/**
 * Text of the kubeconfig that kubectl would take: several files of `KUBECONFIG` become one, in which the first to name something counts, and
 * files that an entry names are taken from the folder of its own file. Where there is none, in a pod, the pod's own service account. Throws
 * NOT_FOUND and INVALID_INPUT.
 */
export async function loadKubeconfig(options: LoadKubeconfigOptions = {}): Promise<string> {
  const paths = kubeconfigFiles(options);
  const found = (await Promise.all(paths.map(readKubeconfig))).filter((one) => one !== undefined);
  if (found.length > 0) return stringify(mergeKubeconfigs(found));
  const own = options.file === undefined ? await serviceAccountKubeconfig(options) : undefined;
  return own ?? fail(notThere(paths));
}

/** A kubeconfig of the pod's own service account; undefined outside a pod. Its token is named by its file: it is renewed, and read anew. */
export async function serviceAccountKubeconfig(options: LoadKubeconfigOptions): Promise<string | undefined> {
  const { variables = {}, accountFolder = ACCOUNT_FOLDER } = options;
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } = variables;
  if (host === undefined || !(await isThere(`${accountFolder}/token`))) return undefined;
  const server = `https://${host.includes(':') ? `[${host}]` : host}:${port}`;
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'own', cluster: { server, 'certificate-authority': `${accountFolder}/ca.crt` } }],
    users: [{ name: 'own', user: { tokenFile: `${accountFolder}/token` } }],
    contexts: [{ name: 'own', context: { cluster: 'own', user: 'own' } }],
    'current-context': 'own',
  });
}

async function isThere(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}

/** Undefined for a file that is not there: kubectl passes over one too, as long as another is. */
async function readKubeconfig(path: string): Promise<KubeconfigFile | undefined> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw unusable(path, `it cannot be read (${error.code})`, error);
  });
  return text === undefined ? undefined : { path, content: contentOf(path, text) };
}

function contentOf(path: string, text: string): KubeconfigEntry {
  try {
    return parseKubeconfig(text);
  } catch (cause) {
    throw unusable(path, (cause as Error).message.replace(/^The kubeconfig cannot be used: |\.$/g, ''), cause);
  }
}

/** One kubeconfig of several, as kubectl joins them. Pure. */
function mergeKubeconfigs(files: readonly KubeconfigFile[]): KubeconfigEntry {
  const first = files.map(({ content }) => textIn(content, 'current-context')).find((name) => name !== undefined);
  const named = (key: string) => {
    const all = files.flatMap(({ path, content }) =>
      entriesIn(content[key]).map((entry) => withAbsolutePaths(entry, dirname(resolve(path)))),
    );
    return all.filter((entry, index) => all.findIndex((other) => other.name === entry.name) === index);
  };
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': first ?? '',
    clusters: named('clusters'),
    contexts: named('contexts'),
    users: named('users'),
  };
}

/** Fields that name files. Source: "Cluster" and "AuthInfo" of client-go's clientcmd API v1. */
const FILE_FIELDS: Readonly<Record<string, readonly string[]>> = {
  cluster: ['certificate-authority'],
  user: ['client-certificate', 'client-key', 'tokenFile'],
};

function withAbsolutePaths(entry: KubeconfigEntry, folder: string): KubeconfigEntry {
  const absolute = (path: unknown) => (typeof path === 'string' && path !== '' && !isAbsolute(path) ? resolve(folder, path) : path);
  const parts = Object.entries(FILE_FIELDS).flatMap(([part, fields]) => {
    const body = entry[part];
    if (!isEntry(body)) return [];
    const changed = fields.filter((field) => field in body).map((field) => [field, absolute(body[field])]);
    return [[part, { ...body, ...Object.fromEntries(changed), ...pluginIn(body, absolute) }] as const];
  });
  return { ...entry, ...Object.fromEntries(parts) };
}

/** A plugin named with a folder (`./bin/login`) is a file beside the kubeconfig; a bare name is looked for on PATH. */
function pluginIn({ exec }: KubeconfigEntry, absolute: (path: unknown) => unknown): KubeconfigEntry {
  if (!isEntry(exec) || !/[/\\]/.test(textIn(exec, 'command') ?? '')) return {};
  return { exec: { ...exec, command: absolute(exec.command) } };
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

function fail(error: Tier0Error): never {
  throw error;
}
