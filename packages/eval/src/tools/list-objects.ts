import type { CallContext } from '@tier0/core';
import { createHttpClient } from '@tier0/core/http';
import type { KubernetesObject } from '../scenario/scenario.ts';
import type { ScenarioAccess } from './tool-under-test.ts';

const MAX_BYTES = 64 * 1024 * 1024;

/** Lists one resource of the trial's cluster. The items of a list carry no kind of their own, so it is given. */
export async function listObjects(
  access: ScenarioAccess,
  { path, kind }: { readonly path: string; readonly kind: string },
  context: CallContext,
): Promise<readonly KubernetesObject[]> {
  const answer = await clientOf(access).send({ path }, context);
  const { items } = answer.json() as { readonly items?: readonly KubernetesObject[] };
  const wanted = ({ metadata }: KubernetesObject) =>
    access.namespaces === undefined || metadata.namespace === undefined || access.namespaces.includes(metadata.namespace);
  return (items ?? []).map((item) => ({ ...item, kind })).filter(wanted);
}

/** The end of a container's log; empty when there is none. */
export async function readLog(
  access: ScenarioAccess,
  { path, previous, lines }: { readonly path: string; readonly previous: boolean; readonly lines: number },
  context: CallContext,
): Promise<string> {
  const query = { tailLines: String(lines), ...(previous ? { previous: 'true' } : {}) };
  const answer = await clientOf(access).send({ path, query, answers: 'any' }, context);
  return answer.status === 200 ? answer.text() : '';
}

function clientOf({ apiUrl }: ScenarioAccess) {
  const hints = { forbidden: 'Check that the account may list events, pods and workloads.' };
  return createHttpClient({ name: 'The cluster', baseUrl: apiUrl, maxBytes: MAX_BYTES, hints });
}
