import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isAccessReview, reviewAccess } from './api/access-review.ts';
import { type AccessRule, requireAllowed, verbOf } from './api/authorization.ts';
import { contentTypeOf, decodeBody, readBody } from './api/body.ts';
import { discover, isDiscoveryPath } from './api/discovery.ts';
import { asServed, listPage } from './api/list.ts';
import { openApiDocument } from './api/openapi.ts';
import { type LogSource, podLog } from './api/pod-log.ts';
import { type RepresentationContext, represent, representationOf, representList } from './api/representation.ts';
import { parseTarget, type RequestTarget } from './api/request-target.ts';
import { toScale } from './api/scale.ts';
import { serveWatch } from './api/watch.ts';
import {
  createObject,
  deleteCollection,
  deleteObject,
  isDryRun,
  patchObject,
  replaceObject,
  type WriteAnswer,
  type WriteRequest,
} from './api/write.ts';
import type { ResourceKind } from './kinds.ts';
import { toKubeconfig } from './kubeconfig.ts';
import type { KubernetesObject } from './kubernetes-object.ts';
import { createRequestLog, type RequestRecord } from './request-log.ts';
import { notFound, StatusError } from './status-error.ts';
import { type ApiStore, type ClusterStore, createStore } from './store.ts';

/** What the cluster holds, which clock it lives by, and what clients may do to it. */
export interface EmbeddedClusterOptions {
  /** What stands in the cluster at first. Lists are opened up; missing uid, version and creation time are filled in. */
  readonly objects: readonly KubernetesObject[];
  /** Milliseconds since the epoch; may run faster than real time. */
  readonly now: () => number;
  /** `gitVersion` in `/version`. Default `v1.32.4`. */
  readonly serverVersion?: string;
  /** Recorded logs, asked before those of running containers. */
  readonly logs?: LogSource;
  /** What clients may do. Default: everything, within what `writable` allows. Access reviews answer by it. */
  readonly accessRules?: readonly AccessRule[];
  /** What reviews say that others may do, by user name; who is not named may nothing. Requests themselves are not told apart by user. */
  readonly users?: Readonly<Record<string, readonly AccessRule[]>>;
  /** Whether clients may write. Default false: writes are answered 405, except dry runs, which change nothing. */
  readonly writable?: boolean;
  /** Default 0: the system picks a free one. */
  readonly port?: number;
}

/** A Kubernetes API on loopback that kubectl and other unmodified clients can use. */
export interface EmbeddedCluster {
  readonly url: string;
  /** YAML. */
  readonly kubeconfig: string;
  /** The same objects without HTTP, for controllers in this process. */
  readonly store: ClusterStore;
  /** Every request so far, oldest first. */
  readonly requests: readonly RequestRecord[];
  /** Adds a place to look for container logs. Returns the function that removes it. */
  addLogSource(source: LogSource): () => void;
  /** Stops listening and ends open watches. */
  close(): Promise<void>;
}

/** An embedded Kubernetes API over real HTTP on 127.0.0.1. It takes objects and knows nothing about where they come from. */
export async function createEmbeddedCluster(options: EmbeddedClusterOptions): Promise<EmbeddedCluster> {
  const store = createStore({ objects: options.objects, now: options.now });
  const log = createRequestLog(options.now);
  const logSources = new Set<LogSource>(options.logs ? [options.logs] : []);
  const watches = new Set<() => void>();
  const api: Api = { options, store, logSources, watches };
  const server = createServer((request, response) => void serve(api, log, { request, response }));
  const port = await listen(server, options.port ?? 0);
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    kubeconfig: toKubeconfig(url),
    store,
    requests: log.records,
    addLogSource(source) {
      logSources.add(source);
      return () => void logSources.delete(source);
    },
    async close() {
      for (const end of [...watches]) end();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

interface Api {
  readonly options: EmbeddedClusterOptions;
  readonly store: ApiStore;
  readonly logSources: ReadonlySet<LogSource>;
  readonly watches: Set<() => void>;
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

interface Call extends Exchange {
  readonly url: URL;
  readonly onBytes: (bytes: number) => void;
  readonly onDryRun: (dryRun: boolean) => void;
}

/** What is sent back; `watch` when the answer is streamed and already on its way. */
type Answer = { readonly code: number; readonly body: unknown; readonly contentType?: string } | { readonly text: string } | 'watch';

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return (server.address() as AddressInfo).port;
}

async function serve(api: Api, log: ReturnType<typeof createRequestLog>, { request, response }: Exchange): Promise<void> {
  request.on('error', () => response.destroy());
  response.on('error', () => undefined);
  const url = parseUrl(request.url);
  // A client reads the cluster's clock here, as from any API server.
  response.setHeader('date', new Date(api.options.now()).toUTCString());
  const record = log.enter(request, url);
  const onBytes = (bytes: number) => {
    record.bytes += bytes;
    record.status = response.statusCode;
  };
  try {
    requireLoopback(request);
    const onDryRun = (dryRun: boolean) => {
      record.dryRun = dryRun;
    };
    send(await answer(api, { request, response, url, onBytes, onDryRun }), { request, response }, onBytes);
  } catch (error) {
    sendError(error, { request, response }, onBytes);
  }
}

function parseUrl(target: string | undefined): URL {
  try {
    return new URL((target ?? '/').replace(/^\/+/, '/'), 'http://127.0.0.1');
  } catch {
    return new URL('http://127.0.0.1/malformed');
  }
}

/** A page in a browser must not reach the API by a name that resolves to this machine (DNS rebinding). */
function requireLoopback(request: IncomingMessage): void {
  const isLoopback = (host: string) => /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i.test(host);
  const origin = request.headers.origin;
  if (!isLoopback(request.headers.host ?? ''))
    throw new StatusError('Forbidden', `forbidden: Host "${request.headers.host ?? ''}" is not this server`);
  if (origin !== undefined && !isLoopback(origin.replace(/^https?:\/\//, '')))
    throw new StatusError('Forbidden', `forbidden: Origin "${origin}"`);
}

function send(reply: Answer, { request, response }: Exchange, onBytes: (bytes: number) => void): void {
  if (reply === 'watch') return;
  const [code, contentType, text] =
    'text' in reply
      ? [200, 'text/plain', reply.text]
      : [reply.code, reply.contentType ?? 'application/json', `${JSON.stringify(reply.body)}\n`];
  const body = Buffer.from(text);
  response.writeHead(code, { 'content-type': contentType, 'content-length': body.length, 'cache-control': 'no-cache, private' });
  response.end(request.method === 'HEAD' ? undefined : body);
  onBytes(request.method === 'HEAD' ? 0 : body.length);
}

function sendError(error: unknown, { request, response }: Exchange, onBytes: (bytes: number) => void): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const refusal = error instanceof StatusError ? error : new StatusError('InternalError', `Internal error occurred: ${String(error)}`);
  request.resume(); // a client still sending reads no answer until it is done
  send({ code: refusal.httpCode, body: refusal.toStatus() }, { request, response }, onBytes);
}

async function answer(api: Api, call: Call): Promise<Answer> {
  const path = call.url.pathname.replace(/(.)\/$/, '$1');
  const reads = call.request.method === 'GET' || call.request.method === 'HEAD';
  if (isAccessReview(path) && call.request.method === 'POST') return answerReview(api, call, path);
  const general = reads ? answerGeneral(api, call, path) : undefined;
  if (general !== undefined) return general;
  const target = parseTarget(path, api.store.kinds);
  const { accessRules } = api.options;
  const isWatch = ['true', '1'].includes(call.url.searchParams.get('watch') ?? '');
  if (accessRules) requireAllowed(accessRules, verbOf(call.request.method ?? '', target, isWatch), target);
  return reads ? answerRead(api, call, target) : { ...(await answerWrite(api, call, target)) };
}

async function answerReview(api: Api, { request }: Call, path: string): Promise<Answer> {
  const body = await readBody(request);
  return {
    code: 201,
    body: reviewAccess(path, body, {
      contentType: contentTypeOf(request),
      writable: api.options.writable === true,
      rules: api.options.accessRules,
      users: api.options.users,
    }),
  };
}

/** Health, version and discovery: everything that is not about objects. */
function answerGeneral(api: Api, { request }: Call, path: string): Answer | undefined {
  if (/^\/(livez|readyz|healthz)(\/|$)/.test(path)) return { text: 'ok' };
  if (path === '/version') return { code: 200, body: versionInfo(api.options.serverVersion ?? 'v1.32.4') };
  if (path.startsWith('/openapi/v3')) {
    const objectsOf = (kind: ResourceKind) => api.store.onShelf(kind.shelf).map((object) => asServed(kind, object));
    return { code: 200, body: openApiDocument(path, { kinds: api.store.kinds.all(), objectsOf }) };
  }
  if (!isDiscoveryPath(path)) return undefined;
  return { code: 200, ...discover(path, { kinds: api.store.kinds.all(), accept: request.headers.accept }) };
}

function versionInfo(gitVersion: string): unknown {
  const [major, minor] = gitVersion.replace(/^v/, '').split('.');
  return {
    major,
    minor,
    gitVersion,
    gitCommit: '',
    gitTreeState: 'clean',
    buildDate: '1970-01-01T00:00:00Z',
    goVersion: 'none',
    compiler: 'tier0-embedded',
    platform: 'linux/amd64',
  };
}

function answerRead(api: Api, call: Call, target: RequestTarget): Answer {
  const query = call.url.searchParams;
  if (target.subresource === 'log')
    return { text: podLog(oneObject(api, target), query, { sources: api.logSources, now: api.options.now() }) };
  const representation = representationContext(api, call, target);
  if (['true', '1'].includes(query.get('watch') ?? '')) {
    const end = serveWatch({ store: api.store, target, query, representation }, call.response, call.onBytes);
    api.watches.add(end);
    call.response.once('close', () => api.watches.delete(end));
    call.onBytes(0);
    return 'watch';
  }
  if (target.name === undefined) {
    const { objects, metadata } = listPage(api.store, target, query);
    return { code: 200, body: representList(objects, metadata, representation) };
  }
  const object = oneObject(api, target);
  return { code: 200, body: target.subresource === 'scale' ? toScale(object) : represent(object, representation) };
}

function representationContext(api: Api, { request }: Call, target: RequestTarget): RepresentationContext {
  const { kind } = target;
  const definition = kind.custom
    ? api.store.get({ apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', name: `${kind.resource}.${kind.group}` })
    : undefined;
  return { kind, now: api.options.now(), as: representationOf(request.headers.accept), definition };
}

function oneObject(api: Api, target: RequestTarget): KubernetesObject {
  const named = api.store.onShelf(target.kind.shelf);
  const found = named.find((object) => object.metadata.name === target.name && object.metadata.namespace === target.namespace);
  if (found === undefined) throw notFound(target.kind, target.name ?? '');
  return asServed(target.kind, found);
}

const NOT_ALLOWED = 'the server does not allow this method on the requested resource';

const WRITES: Readonly<Record<string, (request: WriteRequest) => WriteAnswer>> = {
  POST: createObject,
  PUT: replaceObject,
  PATCH: patchObject,
};

async function answerWrite(
  api: Api,
  { request, url, onDryRun }: Call,
  target: RequestTarget,
): Promise<{ readonly code: number; readonly body: unknown }> {
  const method = request.method ?? '';
  const isDelete = method === 'DELETE' && target.subresource === undefined;
  const isKnown = isDelete || WRITES[method] !== undefined;
  if (!isKnown || target.subresource === 'log') throw new StatusError('MethodNotAllowed', NOT_ALLOWED);
  const raw = await readBody(request);
  const contentType = contentTypeOf(request);
  const body = isDelete && (raw.length === 0 || contentType.includes('protobuf')) ? {} : decodeBody(raw, contentType);
  const dryRun = isDryRun(url.searchParams, isDelete ? body : undefined);
  onDryRun(dryRun);
  if (api.options.writable !== true && !dryRun) throw new StatusError('MethodNotAllowed', NOT_ALLOWED);
  const userAgent = request.headers['user-agent'] ?? '';
  const write = { store: api.store, target, query: url.searchParams, contentType, body, userAgent, now: api.options.now(), dryRun };
  if (isDelete) return { code: 200, body: target.name === undefined ? deleteCollection(write) : deleteObject(write) };
  const { code, object } = WRITES[method]!(write);
  const as = representationOf(request.headers.accept);
  const served = target.subresource === 'scale' ? object : asServed(target.kind, object);
  return {
    code,
    body: represent(served, { kind: target.kind, now: api.options.now(), as: target.subresource === 'scale' ? 'object' : as }),
  };
}
