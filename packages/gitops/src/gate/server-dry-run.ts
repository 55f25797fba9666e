import type { CallContext, GateCheck } from '@tier0/core';
import { createHttpClient, fetchTransport } from '@tier0/core/http';
import { groupVersionOf } from '../kubernetes/group-kind.ts';
import { list, nameOf } from './admission/match-resources.ts';
import { restMapping } from './admission/rest-mapping.ts';
import type { TouchedObject } from './manifest-check.ts';
import { isMap } from './schema/schema-flaws.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Asks an API server whether it would take an object, without changing anything. Throws where it cannot be asked. */
export type ServerDryRun = (
  object: Fields,
  context: CallContext,
) => Promise<{ readonly accepted: true } | { readonly accepted: false; readonly reason: string }>;

/** Where the API server is. Credentials and certificates are the business of `fetch`. */
export interface ServerDryRunOptions {
  /** E.g. `https://127.0.0.1:6443`. */
  readonly server: string;
  /** Sends requests to the API server, with the credentials that they need. */
  readonly fetch: typeof fetch;
  /** Longest wait for one answer, milliseconds. Default 10,000. */
  readonly timeoutMs?: number | undefined;
}

/** Characters of an answer that are looked at. */
const MAX_ANSWER = 20_000;

/**
 * A server-side apply with `dryRun=All`: admission, defaulting and validation run, nothing is stored. Needs the verb `patch` on the
 * kind, so it belongs into a gate with credentials of its own. Source: Kubernetes API concepts, "Dry-run".
 */
export function createServerDryRun({ server, fetch, timeoutMs = 10_000 }: ServerDryRunOptions): ServerDryRun {
  const client = createHttpClient({
    name: 'The API server',
    baseUrl: server,
    timeoutMs,
    hints: {
      unauthorised: 'Give the gate credentials of its own.',
      forbidden: 'Grant the verb "patch" on that kind to the gate, or leave the server-side dry run out.',
      unreachable: 'Without an answer the change is denied.',
    },
    transport: fetchTransport(fetch),
  });
  return async (object, context) => {
    const resource = await resourceOf(object, async (path) => {
      const answer = await client.send({ method: 'GET', path, answers: REFUSALS }, context);
      return answer.status < 300 ? answer.text() : '';
    });
    if (resource === undefined) return { accepted: false, reason: `it serves no ${object.kind} of ${object.apiVersion}` };
    const request = {
      method: 'PATCH',
      path: pathOf(object, resource),
      query: { dryRun: 'All', fieldManager: 'tier0-gate', force: 'true', fieldValidation: 'Strict' },
      headers: { 'content-type': 'application/apply-patch+yaml' },
      body: JSON.stringify(object),
      // A dry run stores nothing.
      repeatable: true,
      answers: REFUSALS,
    } as const;
    const answer = await client.send(request, context);
    return answer.status < 300
      ? { accepted: true }
      : { accepted: false, reason: `${answer.status}: ${messageOf(answer.text().slice(0, MAX_ANSWER))}` };
  };
}

/** Statuses by which an API server says that it does not take the object. */
const REFUSALS = [400, 404, 405, 409, 410, 413, 415, 422] as const;

/** What the kind is served as: the server's own list says it where the kind is not built in. */
async function resourceOf(object: Fields, read: (path: string) => Promise<string>): Promise<string | undefined> {
  const { group } = groupVersionOf(object);
  const builtIn = restMapping([]).of(group, String(object.kind));
  if (builtIn?.versions) return builtIn.resource;
  const answer: unknown = parse(await read(rootOf(object)));
  const served = list(isMap(answer) ? answer.resources : undefined).find(
    ({ kind, name }) => kind === object.kind && !String(name).includes('/'),
  );
  return served && String(served.name);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function rootOf({ apiVersion }: Fields): string {
  return String(apiVersion).includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

function pathOf(object: Fields, resource: string): string {
  const metadata = isMap(object.metadata) ? object.metadata : {};
  const place = typeof metadata.namespace === 'string' ? `/namespaces/${encodeURIComponent(metadata.namespace)}` : '';
  return `${rootOf(object)}${place}/${resource}/${encodeURIComponent(nameOf(object))}`;
}

function messageOf(text: string): string {
  try {
    const status: unknown = JSON.parse(text);
    if (isMap(status) && typeof status.message === 'string') return status.message.slice(0, 500);
  } catch {
    // Not a Status object: the text itself is what there is to show.
  }
  return text.slice(0, 200) || 'no explanation';
}

/** Whether the API server would take every touched object. An API server that cannot be asked denies. */
export async function serverCheck(dryRun: ServerDryRun, touched: readonly TouchedObject[], context: CallContext): Promise<GateCheck> {
  const flaws: string[] = [];
  for (const { file, after } of touched) {
    try {
      const answer = await dryRun(after, context);
      if (!answer.accepted) flaws.push(`${file}: the API server refuses it: ${answer.reason}`);
    } catch (error) {
      if (context.signal.aborted) throw error;
      flaws.push(`${file}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  const detail = flaws.length > 0 ? flaws.join('; ') : `the API server would take ${touched.length === 1 ? 'it' : `all ${touched.length}`}`;
  return { name: 'server-dry-run', passed: flaws.length === 0, detail };
}
