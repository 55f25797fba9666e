import type { IncomingMessage } from 'node:http';

/** One request a client made: the evidence base for what a tool reads, writes and costs. */
export interface RequestRecord {
  /** Milliseconds, from the clock of the cluster. */
  readonly at: number;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly userAgent: string;
  /** HTTP status; 0 until the answer has begun. */
  readonly status: number;
  /** Bytes of the answer's body sent so far. */
  readonly bytes: number;
  readonly dryRun: boolean;
  /** `secret-read` for any read of Secrets; access reviews are reads. */
  readonly kind: 'read' | 'write' | 'secret-read';
}

/** Records kept; older ones are dropped. */
const KEPT_RECORDS = 100_000;
/** Characters kept of each text a client sends. */
const KEPT_TEXT = 512;

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** @internal Needs Node's own types, which the declarations must not ask for. */
export interface RequestLog {
  readonly records: readonly RequestRecord[];
  /** Enters a request and returns its record, which the answer fills in. */
  enter(request: IncomingMessage, url: URL): Writable<RequestRecord>;
}

/** @internal */
export function createRequestLog(now: () => number): RequestLog {
  const records: Writable<RequestRecord>[] = [];
  return {
    records,
    enter(request, url) {
      const method = request.method ?? 'GET';
      const record: Writable<RequestRecord> = {
        at: now(),
        method,
        path: url.pathname.slice(0, KEPT_TEXT),
        query: url.search.slice(1, KEPT_TEXT),
        userAgent: (request.headers['user-agent'] ?? '').slice(0, KEPT_TEXT),
        status: 0,
        bytes: 0,
        dryRun: url.searchParams.getAll('dryRun').includes('All'),
        kind: kindOfRequest(method, url.pathname),
      };
      records.push(record);
      if (records.length > KEPT_RECORDS) records.shift();
      return record;
    },
  };
}

function kindOfRequest(method: string, path: string): RequestRecord['kind'] {
  const isReview = /\/(selfsubjectaccessreviews|selfsubjectrulesreviews|subjectaccessreviews)$/.test(path);
  if (!['GET', 'HEAD', 'OPTIONS'].includes(method) && !isReview) return 'write';
  return /^\/api\/v1\/(namespaces\/[^/]+\/)?secrets(\/|$)/.test(path) ? 'secret-read' : 'read';
}
