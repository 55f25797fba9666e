import type { CallContext } from '../ports/adapter.ts';
import type { IncidentRecord } from '../ports/incident-record.ts';
import { foldIncident } from './incident-state.ts';

/**
 * The newest incident that is not closed; with `fingerprint`, the one that an alert with it opened.
 * An alert that fires again while its incident is open is the same incident, not a second pull request.
 */
export async function findOpenIncident(
  record: IncidentRecord,
  query: { readonly fingerprint?: string | undefined },
  context: CallContext,
): Promise<string | undefined> {
  const incidents = await record.list(context);
  for (const incident of [...incidents].reverse()) {
    const state = foldIncident(incident, await record.read(incident, context));
    // One whose opening failed is opened by its alert again.
    const { open } = state.results;
    if (!open || state.status) continue;
    if (query.fingerprint === undefined || open.alerts.some((alert) => alert.fingerprint === query.fingerprint)) return incident;
  }
  return undefined;
}
