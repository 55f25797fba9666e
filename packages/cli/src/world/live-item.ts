import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createCmdb, createKubernetesSource, createManifestsSource } from '@tier0/cmdb';
import {
  type CallContext,
  type CmdbReader,
  type FieldPath,
  type JsonValue,
  parseKubernetesItemId,
  readField,
  Tier0Error,
} from '@tier0/core';
import { createMirror } from '@tier0/gitops';
import type { Environment } from '../environment.ts';

/** Where live objects are read from; exactly one of the first two. */
export interface LiveOptions {
  readonly manifests?: string | undefined;
  readonly kubeconfig?: string | undefined;
  readonly cluster: string;
}

/** Reads the live objects. Throws INVALID_INPUT unless exactly one place is named. */
export async function readLive({ manifests, kubeconfig, cluster }: LiveOptions, context: CallContext): Promise<CmdbReader> {
  if ((manifests === undefined) === (kubeconfig === undefined)) {
    throw invalid('Where are the live objects?', 'Give either --manifests DIR or --kubeconfig FILE.');
  }
  const source =
    manifests === undefined
      ? createKubernetesSource({ kubeconfig: await readKubeconfig(kubeconfig ?? ''), cluster })
      : createManifestsSource({ directory: manifests, cluster });
  const cmdb = createCmdb({ sources: [source] });
  await cmdb.refresh(context);
  return cmdb.reader();
}

async function readKubeconfig(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause) => {
    throw new Tier0Error({ code: 'NOT_FOUND', message: `There is no kubeconfig ${file}.`, hint: 'Check the path.', cause });
  });
}

/** Item id of `Deployment/shop/web`; an item id is taken as it is. Throws INVALID_INPUT. */
export function itemId(text: string, cluster: string): string {
  if (parseKubernetesItemId(text)) return text;
  const [kind, namespace, name, ...rest] = text.split('/');
  if (kind && namespace && name && rest.length === 0) return `kubernetes:${cluster}/${namespace}/${kind}/${name}`;
  throw invalid(`"${text}" is not an item.`, 'Write it like Deployment/shop/web, or Node/-/node-a for what has no namespace.');
}

/** The live value of a field; undefined when the object has no such field. Throws NOT_FOUND without the object. */
export function liveValue(reader: CmdbReader, item: string, path: FieldPath): JsonValue | undefined {
  const object = reader.object(item);
  if (object) return readField(object, path) as JsonValue | undefined;
  throw new Tier0Error({
    code: 'NOT_FOUND',
    message: `There is no live ${item}.`,
    hint: 'Check kind, namespace and name; --cluster must be the one in the item id.',
  });
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
