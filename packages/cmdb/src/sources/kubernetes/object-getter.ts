import { type CallContext, Tier0Error } from '@tier0/core';
import { isRecord } from '../../kinds/kubernetes-object.ts';
import { type ApiConnection, connect } from './connection.ts';
import { type Discovery, discoverKinds } from './discovery.ts';
import { refusal } from './list-objects.ts';
import type { KubernetesSourceOptions } from './source.ts';

/** Names one object of the API. */
export interface LiveObjectReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string | undefined;
  readonly name: string;
}

/** Reads single live objects, always asked anew. */
export interface LiveObjectGetter {
  /** The object as it is now; undefined when it, or its kind, does not exist. Throws PERMISSION_DENIED and UNAVAILABLE where it cannot be known. */
  get(reference: LiveObjectReference, context: CallContext): Promise<object | undefined>;
}

/** A getter for a live cluster; nothing is sent until it is called. Secrets are refused. */
export function createObjectGetter(options: Omit<KubernetesSourceOptions, 'cluster' | 'namespaces'>): LiveObjectGetter {
  const { kubeconfig, context: name, requestTimeoutMs = 30_000, maxBytes = 64 * 1024 * 1024 } = options;
  let connection: Promise<ApiConnection> | undefined;
  let discovery: Discovery | undefined;
  const kindOf = async ({ apiVersion, kind }: LiveObjectReference, api: ApiConnection, signal: AbortSignal) => {
    const find = () => discovery?.listable.find((one) => one.kind === kind && one.apiVersion === apiVersion);
    // A kind that was installed meanwhile is not known yet: then the server is asked again, once.
    if (find() === undefined) discovery = (await discoverKinds(api, signal)) ?? discovery;
    return find();
  };
  return {
    async get(reference, { signal }) {
      if (reference.kind === 'Secret') throw refusedSecret();
      connection ??= connect({ kubeconfig, context: name, requestTimeoutMs, maxBytes });
      const api = await connection;
      const kind = await kindOf(reference, api, signal);
      if (kind === undefined) return undefined;
      const base = reference.apiVersion.includes('/') ? `/apis/${reference.apiVersion}` : `/api/${reference.apiVersion}`;
      const place = kind.namespaced && reference.namespace ? `/namespaces/${encodeURIComponent(reference.namespace)}` : '';
      const answer = await api.get(`${base}${place}/${kind.resource}/${encodeURIComponent(reference.name)}`, signal);
      if (answer.status === 404) return undefined;
      const object = answer.status === 200 ? parse(answer.body) : undefined;
      if (object !== undefined) return object;
      const { state, reason = 'the answer is no object' } = refusal(kind, answer);
      throw new Tier0Error({
        code: state === 'forbidden' ? 'PERMISSION_DENIED' : 'UNAVAILABLE',
        message: `${reference.kind} ${reference.namespace ?? ''}/${reference.name} could not be read: ${reason}.`,
        hint: `tier0 needs "get" on ${kind.resource} (kubectl auth can-i get ${kind.resource} -n ${reference.namespace ?? 'default'}).`,
        retryable: state !== 'forbidden',
      });
    },
  };
}

function parse(body: string): object | undefined {
  try {
    const object: unknown = JSON.parse(body);
    return isRecord(object) ? object : undefined;
  } catch {
    return undefined;
  }
}

function refusedSecret(): Tier0Error {
  return new Tier0Error({ code: 'PERMISSION_DENIED', message: 'Secrets are not read.', hint: 'Ask for another kind.' });
}
