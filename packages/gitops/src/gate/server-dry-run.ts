import { type CallContext, type GateCheck, Tier0Error } from '@tier0/core';
import { resourceOf } from './admission/admission-request.ts';
import { nameOf } from './admission/match-resources.ts';
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
export function createServerDryRun({ server, fetch: send, timeoutMs = 10_000 }: ServerDryRunOptions): ServerDryRun {
  return async (object, context) => {
    const url = `${server.replace(/\/$/, '')}${pathOf(object)}?dryRun=All&fieldManager=tier0-gate&force=true&fieldValidation=Strict`;
    const response = await send(url, {
      method: 'PATCH',
      headers: { 'content-type': 'application/apply-patch+yaml', accept: 'application/json' },
      body: JSON.stringify(object),
      redirect: 'error',
      signal: AbortSignal.any([context.signal, AbortSignal.timeout(timeoutMs)]),
    }).catch((error: unknown) => {
      throw new Tier0Error({
        code: 'UNAVAILABLE',
        message: `The API server could not be asked for a dry run: ${error instanceof Error ? error.message : String(error)}.`,
        hint: 'Check its address and certificate; without an answer the change is denied.',
        cause: error,
      });
    });
    const text = (await response.text()).slice(0, MAX_ANSWER);
    if (response.ok) return { accepted: true };
    if (response.status === 401 || response.status === 403) {
      throw new Tier0Error({
        code: 'PERMISSION_DENIED',
        message: `The API server does not let the gate dry-run a ${object.kind}: ${messageOf(text)}`,
        hint: 'Grant the verb "patch" on that kind to the gate, or leave the server-side dry run out.',
      });
    }
    return { accepted: false, reason: `${response.status}: ${messageOf(text)}` };
  };
}

function pathOf(object: Fields): string {
  const apiVersion = String(object.apiVersion);
  const metadata = isMap(object.metadata) ? object.metadata : {};
  const place = typeof metadata.namespace === 'string' ? `/namespaces/${encodeURIComponent(metadata.namespace)}` : '';
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return `${root}${place}/${resourceOf(String(object.kind))}/${encodeURIComponent(nameOf(object))}`;
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
