import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import {
  type CallContext,
  type CmdbReader,
  type FieldPath,
  formatFieldPath,
  formatItemId,
  type JsonValue,
  parseKubernetesItemId,
  readField,
  Tier0Error,
} from '@tier0/core';
import { createMirror, typeAt } from '@tier0/gitops';
import { didYouMean } from '../commands/did-you-mean.ts';
import type { Environment } from '../environment.ts';
import { openGraph } from '../operations/open-graph.ts';
import { nothingRead } from '../operations/open-world.ts';
import { isClusterWide, parseItemName } from './item-name.ts';
import { kubeconfigFrom } from './kubeconfig-from-options.ts';

/** Where live objects are read from: a folder, or a cluster. */
export interface LiveOptions {
  readonly manifests?: string | undefined;
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  readonly cluster: string;
}

/** Reads the live objects, of the cluster that kubectl would take where no place is named. Throws INVALID_INPUT for two places. */
export async function readLive(options: LiveOptions, environment: Environment, context: CallContext): Promise<CmdbReader> {
  const { manifests, kubeconfig, cluster } = options;
  if (manifests !== undefined && kubeconfig !== undefined) {
    throw invalid('Where are the live objects? --manifests and --kubeconfig exclude each other.', 'Leave one of them out.');
  }
  const read = manifests === undefined ? { kubeconfigText: await readKubeconfig(options, environment) } : { snapshot: manifests };
  const { newest, failures } = await openGraph({ ...read, context: options.context, cluster }, context);
  if (newest.items({}).items.length > 0) return newest;
  if (manifests === undefined) throw nothingRead({ failures });
  throw new Tier0Error({
    code: 'UNAVAILABLE',
    message: failures[0]?.message ?? `There are no live objects in ${manifests}.`,
    hint: `Put manifests into ${manifests}, e.g. from "kubectl get -o yaml".`,
  });
}

async function readKubeconfig({ kubeconfig, context }: LiveOptions, environment: Environment): Promise<string> {
  return kubeconfigFrom(kubeconfig, environment, context).catch((error: Tier0Error) => {
    if (kubeconfig !== undefined || error.code !== 'NOT_FOUND') throw error;
    throw invalid(`Where are the live objects? ${error.message}`, 'Give either --manifests DIR or --kubeconfig FILE.');
  });
}

/** Item id of `deploy/shop/web`; an item id is taken as it is. Throws INVALID_INPUT. */
export function itemId(text: string, cluster: string): string {
  if (parseKubernetesItemId(text)) return text;
  const name = parseItemName(text);
  const namespace = name?.namespace ?? (name && isClusterWide(name.kind) ? '-' : undefined);
  if (name && namespace !== undefined) return `kubernetes:${cluster}/${namespace}/${name.kind}/${name.name}`;
  if (name) throw invalid(`"${text}" does not say its namespace.`, `Write it like ${text.split(/[/\s]/)[0]}/NAMESPACE/${name.name}.`);
  throw invalid(`"${text}" is not an item.`, 'Write it like deploy/shop/web, or node/node-a for what has no namespace.');
}

/** The live value of a field; undefined when the object has no such field. Throws NOT_FOUND without the object. */
export function liveValue(reader: CmdbReader, item: string, path: FieldPath): JsonValue | undefined {
  const object = reader.object(item);
  if (object) return readField(object, path) as JsonValue | undefined;
  throw new Tier0Error({
    code: 'NOT_FOUND',
    message: `There is no live ${formatItemId(item)}.`,
    hint: `${nearItem(reader, item)}Check kind, namespace and name; --cluster must be the one in the item id.`,
  });
}

/** Throws INVALID_INPUT for a field that the live object lacks and its kind does not know. */
export function requireField(reader: CmdbReader, item: string, path: FieldPath): void {
  const object = reader.object(item);
  if (object === undefined || readField(object, path) !== undefined) return;
  const type = typeAt(object as JsonValue, path);
  if (type.status !== 'unknown') return;
  const wrong = formatFieldPath(path.slice(0, type.depth + 1));
  throw invalid(
    `${formatItemId(item)} has no field ${wrong}.`,
    type.nearest === undefined
      ? 'Write it like spec.replicas or spec.template.spec.containers[name=web].image.'
      : `Did you mean "${type.nearest}"?`,
  );
}

/** The item whose name is nearest to that of an id, as a question. */
function nearItem(reader: CmdbReader, item: string): string {
  return didYouMean(
    formatItemId(item),
    reader.items({}).items.map(({ id }) => formatItemId(id)),
  );
}

/** A value from the command line: text where the live value is text, else JSON, else text. */
export function toValue(text: string, live: JsonValue | undefined): JsonValue {
  if (typeof live === 'string') return text;
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return text;
  }
}

/** Uses a mirror of a repository in a temporary folder. */
export async function withMirror<T>(
  repository: string,
  environment: Environment,
  use: (mirror: ReturnType<typeof createMirror>) => Promise<T>,
): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'tier0-mirror-'));
  try {
    const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(repository) ? repository : resolve(repository);
    return await use(
      createMirror({ url, directory: join(directory, 'mirror'), authorization: environment.variables.TIER0_GIT_AUTHORIZATION }),
    );
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Throws INVALID_INPUT for a URL with a user or password in it. */
export function refuseCredentials(url: string): void {
  if (!/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*@/i.test(url)) return;
  throw invalid(
    'The URL of --repository holds credentials; it is not repeated here.',
    'Leave them out; TIER0_GIT_AUTHORIZATION is read from the environment.',
  );
}

function invalid(message: string, hint: string): Tier0Error {
  return new Tier0Error({ code: 'INVALID_INPUT', message, hint });
}
