import { type CallContext, type Coverage, type InventorySource, readField, Tier0Error, toTier0Error, toTimestamp } from '@tier0/core';
import { createHttpClient, type HttpClient } from '@tier0/core/http';
import { entriesOf, isRecord, type KubernetesObject } from '../../kinds/kubernetes-object.ts';
import { ENTITY_KINDS, entityInventory, isEntity } from './entity-inventory.ts';
import { backstageId } from './entity-relations.ts';

/** Which Backstage is read, as whom, and within which bounds. */
export interface BackstageApiSourceOptions {
  /** Base address of the backend, e.g. `https://backstage.example.com`. */
  readonly url: string;
  /** Sent as a bearer token. Default: none. */
  readonly token?: string | undefined;
  /** Entities a page. Default 500. */
  readonly pageSize?: number | undefined;
  /** Milliseconds one request may take. Default 30,000. */
  readonly requestTimeoutMs?: number | undefined;
  /** Bytes of one page at most. Default 64 MiB. */
  readonly maxBytes?: number | undefined;
  /** Milliseconds waited in all for one page where the server asks for patience. Default 60,000. */
  readonly maxWaitMs?: number | undefined;
}

/** Pages at most: a cursor that never ends is a defect of the server. */
const MAX_PAGES = 10_000;

interface Reading {
  readonly entities: readonly KubernetesObject[];
  /** Why not everything was read. */
  readonly failure?: string;
}

/**
 * Inventory from the catalog API of Backstage (`/api/catalog/entities/by-query`), page by page. Where a page is missing, what was read is
 * given with failed coverage, so that nothing is deleted. Throws where nothing could be read.
 */
export function createBackstageApiSource(options: BackstageApiSourceOptions): InventorySource {
  const base = baseOf(options.url);
  return {
    name: 'backstage',
    async discover(context) {
      const observedAt = toTimestamp(context.now());
      const { entities, failure } = await readEntities(options, base, context);
      const coverage = ENTITY_KINDS.map(
        (kind): Coverage => (failure ? { kind, state: 'failed', reason: failure } : { kind, state: 'complete' }),
      );
      return entityInventory(entities, { scope: `backstage:${base.host}`, coverage, observedAt });
    },
  };
}

function baseOf(text: string): URL {
  const url = URL.parse(text);
  const isHttp = url?.protocol === 'https:' || url?.protocol === 'http:';
  if (url && isHttp && url.username === '' && url.password === '') return url;
  throw new Tier0Error({
    code: 'INVALID_INPUT',
    message: 'The address of Backstage is not an http(s) URL without credentials.',
    hint: 'Write it as https://backstage.example.com and give the token apart.',
  });
}

function clientOf(options: BackstageApiSourceOptions, baseUrl: URL): HttpClient {
  const { token, requestTimeoutMs = 30_000, maxBytes = 64 * 1024 * 1024, maxWaitMs = 60_000 } = options;
  return createHttpClient({
    name: 'Backstage',
    baseUrl,
    headers: token ? { authorization: `Bearer ${token}` } : {},
    timeoutMs: requestTimeoutMs,
    deadlineMs: requestTimeoutMs + maxWaitMs,
    maxBytes,
    retry: { maxAskedMs: maxWaitMs },
    hints: {
      unauthorised: 'Give a valid token in the source options: it is missing, wrong or expired.',
      forbidden: 'Grant the token reading of the catalog (catalog.entity.read).',
      notFound: 'Give the base address of the service, without the path of the API.',
    },
  });
}

async function readEntities(options: BackstageApiSourceOptions, base: URL, context: CallContext): Promise<Reading> {
  const { pageSize = 500 } = options;
  const client = clientOf(options, base);
  const found = new Map<string, KubernetesObject>();
  const cursors = new Set<string>();
  let received = 0;
  let cursor: string | undefined;
  const soFar = (failure?: string): Reading => ({ entities: [...found.values()], ...(failure ? { failure } : {}) });
  for (let page = 1; page <= MAX_PAGES; page++) {
    const query = { limit: String(pageSize), ...(cursor === undefined ? {} : { cursor }) };
    let answer: unknown;
    try {
      answer = (await client.send({ path: '/api/catalog/entities/by-query', query }, context)).json();
    } catch (error) {
      if (page === 1 || context.signal.aborted) throw error;
      return soFar(`page ${page} of the catalog could not be read: ${toTier0Error(error).message}`);
    }
    if (!isRecord(answer) || !Array.isArray(answer.items)) {
      if (page === 1) throw notCatalog(base);
      return soFar(`page ${page} of the catalog is not a list of entities`);
    }
    received += answer.items.length;
    for (const entity of entriesOf(answer.items).filter(isEntity)) {
      found.set(backstageId(entity.kind, entity.metadata.namespace ?? 'default', entity.metadata.name), entity);
    }
    const next = readField(answer, ['pageInfo', 'nextCursor']);
    if (typeof next !== 'string' || next === '') {
      const { totalItems } = answer;
      const isShort = typeof totalItems === 'number' && received < totalItems;
      return soFar(isShort ? `the catalog says it has ${totalItems} entities and gave ${received}` : undefined);
    }
    if (cursors.has(next)) return soFar('the catalog repeats the same page');
    cursors.add(next);
    cursor = next;
  }
  return soFar(`the catalog has more than ${MAX_PAGES} pages`);
}

function notCatalog(base: URL): Tier0Error {
  return new Tier0Error({
    code: 'MALFORMED_RESPONSE',
    message: `${base.host} did not answer as a Backstage catalog does.`,
    hint: 'Give the address of the backend; the catalog API needs Backstage 1.17 or newer.',
  });
}
