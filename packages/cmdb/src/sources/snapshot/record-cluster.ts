import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type CallContext, type Coverage, distinctGaps, type Gap, Tier0Error, toTier0Error, toTimestamp } from '@tier0/core';
import { flawOfName, writeInside } from '@tier0/core/files';
import { refusalCoverage, refusalOf } from '../../kinds/accept-object.ts';
import { KUBERNETES_KINDS, type KubernetesKind } from '../../kinds/kubernetes-kinds.ts';
import { entriesOf, isRecord, type KubernetesObject, textOf } from '../../kinds/kubernetes-object.ts';
import { flawOf } from '../kubernetes/api-flaw.ts';
import { type ApiConnection, connect } from '../kubernetes/connection.ts';
import { discoverKinds } from '../kubernetes/discovery.ts';
import { listObjects } from '../kubernetes/list-objects.ts';
import { createPodLogReader } from '../kubernetes/pod-logs.ts';
import { createRemovalReport, type RemovalReport } from './removal-report.ts';

/** Which cluster is recorded, and where to. */
export interface RecordClusterOptions {
  /** Kubeconfig as YAML text. */
  readonly kubeconfig: string;
  /** Default: the kubeconfig's current one. */
  readonly context?: string | undefined;
  /** Folder that shall hold the recording. It must not exist, or be empty. */
  readonly directory: string;
  /** Name of the cluster in item ids. */
  readonly cluster: string;
  /** Whose logs are kept: of containers that are not ready or were restarted (default), of all, of none. */
  readonly logs?: 'troubled' | 'all' | 'none' | undefined;
  /** Newest bytes of each log. Default 64 KiB. */
  readonly logBytes?: number | undefined;
  /** Keep only fields that say how something runs: no variable, argument, file content, annotation or log. Default false. */
  readonly strict?: boolean | undefined;
  /** Milliseconds one request may take. Default 60,000. */
  readonly requestTimeoutMs?: number | undefined;
  /** Told what is being done, and how much of it is done. */
  readonly onProgress?: ((line: string, count?: { readonly done: number; readonly all: number }) => void) | undefined;
}

/** What a recording holds. */
export interface RecordingReport {
  readonly objects: number;
  readonly logs: number;
  /** Secrets that were found and taken out, by kind. Best effort: what nobody can tell from an ordinary word stays. */
  readonly removed: Readonly<Record<string, number>>;
  /** What could not be recorded. */
  readonly failures: readonly Gap[];
}

/** Recorded as names only: the server is asked for metadata, so that no value leaves it. */
const METADATA_ONLY = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
/** Kinds that hold nothing to diagnose by and are many or change all the time. */
const SKIPPED: ReadonlySet<string> = new Set(['ComponentStatus', 'Lease', 'PodTemplate']);
const LOG_BYTES = 64 * 1024;

/**
 * Saves a live cluster as a folder that `readSnapshot` reads: one List for each kind and namespace, logs, and the moment. It appears whole
 * or not at all: what is interrupted leaves nothing behind. Secrets are recorded by name only. Throws CONFLICT when the folder is in use.
 */
export async function recordCluster(options: RecordClusterOptions, context: CallContext): Promise<RecordingReport> {
  await assertUnused(options.directory);
  const connection = await connect({ ...options, requestTimeoutMs: options.requestTimeoutMs ?? 60_000, maxBytes: 256 * 1024 * 1024 });
  const partial = `${options.directory.replace(/[/\\]+$/, '')}.partial-${process.pid}`;
  try {
    const report = await recordInto(partial, connection, options, context);
    await rm(options.directory, { recursive: true, force: true });
    await mkdir(dirname(options.directory), { recursive: true });
    await rename(partial, options.directory);
    return report;
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  }
}

async function assertUnused(directory: string): Promise<void> {
  const entries = await readdir(directory).catch((error: { code?: string }) => (error.code === 'ENOENT' ? [] : [error.code ?? 'file']));
  if (entries.length === 0) return;
  throw new Tier0Error({
    code: 'CONFLICT',
    message: `"${directory}" is in use.`,
    hint: 'Name a folder that does not exist yet; a recording never overwrites one.',
  });
}

async function recordInto(folder: string, connection: ApiConnection, options: RecordClusterOptions, context: CallContext) {
  const { signal } = context;
  const { serverVersion, dateMs } = await versionOf(connection, signal);
  const startedAt = toTimestamp(Math.min(dateMs ?? context.now(), context.now()));
  const kinds = await kindsOf(connection, signal);
  const objects: KubernetesObject[] = [];
  const coverage: Coverage[] = [];
  const failures: Gap[] = [];
  const removals = createRemovalReport();
  for (const [done, kind] of kinds.entries()) {
    options.onProgress?.('reading kinds', { done, all: kinds.length });
    const isSecret = kind.kind === 'Secret';
    const listing = await listObjects(connection, kind, signal, isSecret ? { accept: METADATA_ONLY } : {});
    coverage.push(listing.coverage);
    coverage.push(...refusalCoverage(listing.objects));
    const readable = listing.objects.filter((object) => refusalOf(object) === undefined);
    const kept = readable.map((object) =>
      removals.object(isSecret ? { ...object, apiVersion: 'v1', kind: 'Secret' } : object, options.strict === true),
    );
    objects.push(...kept);
    failures.push(...(await writeLists(folder, kind, kept, listing.coverage.state === 'complete')));
  }
  refuseEmpty(connection, objects, coverage);
  const logs = await recordLogs(folder, objects, { ...options, removals }, context);
  await writeInside(folder, { path: 'redactions.json', content: removals.text(options.strict === true) });
  const meta = { schema: 'tier0.snapshot/v1', now: startedAt, serverVersion, cluster: options.cluster };
  await writeInside(folder, { path: 'meta.json', content: `${JSON.stringify(meta, null, 2)}\n` });
  const gaps = coverage.flatMap(notRecorded);
  return {
    objects: objects.length,
    logs: logs.count,
    removed: removals.counts(),
    failures: [...gaps, ...distinctGaps([...failures, ...logs.failures])],
  };
}

function notRecorded({ kind, namespace, state, reason = state }: Coverage): readonly Gap[] {
  if (state !== 'forbidden' && state !== 'failed') return [];
  return [{ source: 'kubernetes', kind, namespace, code: state, message: `could not record ${kind}: ${reason}` }];
}

async function versionOf(connection: ApiConnection, signal: AbortSignal) {
  const answer = await connection.get('/version', signal);
  const flaw = flawOf(connection.server, answer);
  if (flaw !== undefined) throw flaw;
  const { body, dateMs } = answer;
  try {
    return { serverVersion: String((JSON.parse(body) as { gitVersion?: unknown }).gitVersion ?? 'unknown'), dateMs };
  } catch {
    return { serverVersion: 'unknown', dateMs };
  }
}

/** Everything the server lists, each kind in one version; the kinds of the rules where it does not tell. */
async function kindsOf(connection: ApiConnection, signal: AbortSignal): Promise<readonly KubernetesKind[]> {
  const discovery = await discoverKinds(connection, signal);
  const known = KUBERNETES_KINDS.flatMap((kind) => (discovery === undefined ? kind : (discovery.find(kind) ?? [])));
  const names = new Set(known.map((kind) => kind.kind));
  const further = (discovery?.listable ?? []).filter((kind) => !names.has(kind.kind) && !SKIPPED.has(kind.kind));
  const byKind = new Map([...further].reverse().map((kind) => [`${kind.kind} ${kind.apiVersion.split('/')[0]}`, kind]));
  return [...known, ...[...byKind.values()].sort((a, b) => (`${a.apiVersion} ${a.kind}` < `${b.apiVersion} ${b.kind}` ? -1 : 1))];
}

/** A complete list without objects is written too: it says that there are none. Returns what could not be written, and why. */
async function writeLists(
  folder: string,
  kind: KubernetesKind,
  objects: readonly KubernetesObject[],
  isComplete: boolean,
): Promise<readonly Gap[]> {
  const byNamespace = Map.groupBy(objects, (object) => object.metadata.namespace ?? '_cluster');
  if (byNamespace.size === 0 && isComplete) byNamespace.set('_cluster', []);
  const failures: Gap[] = [];
  for (const [namespace, items] of byNamespace) {
    const lines = items.map((object) => `  ${JSON.stringify(object)}`).join(',\n');
    const content = `{"kind":"${kind.kind}List","apiVersion":${JSON.stringify(kind.apiVersion)},"metadata":{},"items":[\n${lines}\n]}\n`;
    const parts = ['cluster', namespace, `${fileName(kind)}.json`];
    failures.push(...(await writeNamed(folder, parts, content)));
  }
  return failures;
}

/** Names come from the cluster. One that cannot be a file name is a gap that is said, not a file elsewhere and not the end. */
async function writeNamed(folder: string, parts: readonly string[], content: string): Promise<readonly Gap[]> {
  const flaw = parts.map(flawOfName).find((found) => found !== undefined);
  const message = `could not record ${JSON.stringify(parts.join(' / ').slice(0, 200))}: ${flaw}`;
  if (flaw !== undefined) return [{ source: 'kubernetes', code: 'failed', message }];
  await writeInside(folder, { path: parts.join('/'), content });
  return [];
}

function fileName({ kind, resource, apiVersion }: KubernetesKind): string {
  const isKnown = KUBERNETES_KINDS.some((known) => known.kind === kind) || !apiVersion.includes('/');
  return isKnown ? resource : `${resource}.${apiVersion.split('/')[0]}`;
}

function refuseEmpty(connection: ApiConnection, objects: readonly KubernetesObject[], coverage: readonly Coverage[]): void {
  if (objects.length > 0) return;
  const refused = coverage.find((row) => row.state === 'forbidden') ?? coverage[0];
  throw new Tier0Error({
    code: refused?.state === 'forbidden' ? 'PERMISSION_DENIED' : 'UNAVAILABLE',
    message: `Nothing could be recorded from ${connection.server}: ${refused?.reason ?? 'no kind answered'}.`,
    hint: 'Let the credentials "list" what docs/guides/read-only-access.yaml names ("kubectl apply -f" makes the role), or look with "kubectl auth can-i --list".',
  });
}

interface LogWanted {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly previous: boolean;
}

interface LogOptions extends RecordClusterOptions {
  readonly removals: RemovalReport;
}

async function recordLogs(folder: string, objects: readonly KubernetesObject[], options: LogOptions, { signal }: CallContext) {
  const mode = options.strict ? 'none' : (options.logs ?? 'troubled');
  const wanted = mode === 'none' ? [] : objects.filter((object) => object.kind === 'Pod').flatMap((pod) => logsOf(pod, mode === 'all'));
  const read = createPodLogReader(options);
  const failures: Gap[] = [];
  let count = 0;
  for (const [done, { namespace, pod, container, previous }] of wanted.entries()) {
    options.onProgress?.('reading logs', { done, all: wanted.length });
    const limitBytes = options.logBytes ?? LOG_BYTES;
    const text = await read({ namespace, pod, container, previous, limitBytes, signal }).catch((error: unknown) => {
      signal.throwIfAborted();
      failures.push({ source: 'logs', kind: 'Pod', namespace, code: 'failed', message: toTier0Error(error).message });
      return undefined;
    });
    if (text === undefined) continue;
    const parts = ['logs', namespace, pod, `${container}${previous ? '.previous' : ''}.log`];
    const refused = await writeNamed(folder, parts, options.removals.log(parts.join('/'), text));
    failures.push(...refused);
    count += refused.length === 0 ? 1 : 0;
  }
  return { count, failures };
}

function logsOf(pod: KubernetesObject, all: boolean): readonly LogWanted[] {
  const status = isRecord(pod.status) ? pod.status : {};
  const statuses = [...entriesOf(status.initContainerStatuses), ...entriesOf(status.containerStatuses)].filter(isRecord);
  return statuses.flatMap((entry): readonly LogWanted[] => {
    const container = textOf(entry.name);
    const restarts = typeof entry.restartCount === 'number' ? entry.restartCount : 0;
    const isDone = isRecord(entry.state) && isRecord(entry.state.terminated) && entry.state.terminated.exitCode === 0;
    if (!container || !(all || ((entry.ready !== true || restarts > 0) && !isDone))) return [];
    const wanted = { namespace: pod.metadata.namespace ?? 'default', pod: pod.metadata.name, container };
    return [{ ...wanted, previous: false }, ...(restarts > 0 ? [{ ...wanted, previous: true }] : [])];
  });
}
