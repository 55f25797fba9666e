import { type Coverage, readField } from '@tier0/core';
import { acceptObject } from '../../kinds/accept-object.ts';
import { coverageName } from '../../kinds/further-kinds.ts';
import { type KubernetesKind, listPath } from '../../kinds/kubernetes-kinds.ts';
import { entriesOf, isKubernetesObject, isRecord, type KubernetesObject, textOf } from '../../kinds/kubernetes-object.ts';
import type { ApiAnswer, ApiConnection } from './connection.ts';

/** Everything one kind answered, with how completely it was read. */
export interface KindListing {
  readonly objects: readonly KubernetesObject[];
  readonly coverage: Coverage;
  /** Version of the collection this is; a watch goes on from it. Absent when the server told none or the list is not complete. */
  readonly resourceVersion?: string | undefined;
  /** How long the server asked to be left alone, milliseconds. */
  readonly retryAfterMs?: number | undefined;
}

/** What of a kind is listed, and in which form. */
export interface ListOptions {
  /** Default: all namespaces. */
  readonly namespace?: string | undefined;
  /** Media type wanted. Default: JSON with everything. */
  readonly accept?: string | undefined;
}

const PAGE_SIZE = 500;
/** What one list may hold at most. A larger one is failed, not shortened: what is missing could be what matters. */
const MAX_PAGES = 2_000;
const MAX_TEXT = 512 * 1024 * 1024;
/** Pages without one object that are followed. */
const MAX_EMPTY_PAGES = 20;
/** Restarts of an expired list (410 Gone) before the kind counts as failed. */
const MAX_RESTARTS = 2;

/** Lists one kind, page by page. A failure is said in the coverage; only an unreachable server throws. */
export async function listObjects(
  connection: ApiConnection,
  kind: KubernetesKind,
  signal: AbortSignal,
  options: ListOptions = {},
): Promise<KindListing> {
  const path = listPath(kind, options.namespace);
  const about = { kind: coverageName(kind), ...(options.namespace === undefined ? {} : { namespace: options.namespace }) };
  let objects: KubernetesObject[] = [];
  let token = '';
  let restarts = 0;
  let resourceVersion: string | undefined;
  let [text, empty] = [0, 0];
  const seen = new Set<string>();
  const failed = (reason: string): KindListing => ({ objects, coverage: { ...about, state: 'failed', reason } });
  let strange = 0;
  for (;;) {
    const answer = await connection.get(
      `${path}?limit=${PAGE_SIZE}${token && `&continue=${encodeURIComponent(token)}`}`,
      signal,
      options.accept,
    );
    if (answer.status === 410 && token !== '' && restarts < MAX_RESTARTS) {
      restarts += 1;
      objects = [];
      token = '';
      seen.clear();
      strange = 0;
      continue;
    }
    if (answer.status !== 200) return { objects, coverage: { ...refusal(kind, answer), ...about }, retryAfterMs: answer.retryAfterMs };
    const page = parsePage(answer.body, kind);
    if (!page) return failed(`the answer for ${kind.resource} is not a list`);
    strange += page.strange;
    text += answer.body.length;
    empty = page.objects.length === 0 ? empty + 1 : 0;
    if (text > MAX_TEXT) return failed(`the list of ${kind.resource} is longer than ${MAX_TEXT} characters`);
    for (const object of page.objects) objects.push(object);
    resourceVersion = page.resourceVersion;
    if (page.next !== '' && seen.has(page.next)) return failed('the server repeats the same page');
    if (page.next !== '' && (seen.size >= MAX_PAGES || empty >= MAX_EMPTY_PAGES))
      return failed(`the list of ${kind.resource} does not end: ${seen.size + 1} pages were read`);
    seen.add(page.next);
    token = page.next;
    if (token === '') break;
  }
  if (strange > 0) return failed(`${strange} entries of the list of ${kind.resource} are no objects with a name`);
  return { objects, coverage: { ...about, state: 'complete' }, resourceVersion };
}

interface Page {
  readonly objects: readonly KubernetesObject[];
  /** Entries that are none. */
  readonly strange: number;
  /** Token of the next page; empty on the last one. */
  readonly next: string;
  readonly resourceVersion: string | undefined;
}

function parsePage(body: string, kind: KubernetesKind): Page | undefined {
  let page: unknown;
  try {
    page = JSON.parse(body);
  } catch {
    return undefined;
  }
  if (!isRecord(page) || !(Array.isArray(page.items) || page.items === null)) return undefined;
  // Entries of a list carry neither kind nor apiVersion.
  const objects = entriesOf(page.items)
    .map((entry) => (isRecord(entry) ? { apiVersion: kind.apiVersion, kind: kind.kind, ...entry } : entry))
    .filter(isKubernetesObject)
    .map(acceptObject);
  const next = readField(page, ['metadata', 'continue']);
  const strange = entriesOf(page.items).length - objects.length;
  return {
    objects,
    strange,
    next: typeof next === 'string' ? next : '',
    resourceVersion: textOf(readField(page, ['metadata', 'resourceVersion'])),
  };
}

/** Why a kind could not be read, as coverage. */
export function refusal(kind: KubernetesKind, answer: Pick<ApiAnswer, 'status' | 'body'>): Coverage {
  const reason = `the API server answered ${answer.status} for ${kind.resource}${statusMessage(answer.body)}`;
  if (answer.status === 401 || answer.status === 403) return { kind: coverageName(kind), state: 'forbidden', reason };
  if (answer.status === 404) return { kind: coverageName(kind), state: 'notInstalled', reason };
  return { kind: coverageName(kind), state: 'failed', reason };
}

function statusMessage(body: string): string {
  try {
    const message = readField(JSON.parse(body), ['message']);
    return typeof message === 'string' ? `: ${message.slice(0, 200)}` : '';
  } catch {
    return '';
  }
}
