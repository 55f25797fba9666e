import { isTier0Error } from '../errors/tier0-error.ts';
import type { CallContext } from '../ports/adapter.ts';
import type { IncidentRecord } from '../ports/incident-record.ts';
import { foldIncident, type IncidentState } from './incident-state.ts';

/** Which incident is looked for; absent parts match every one. */
export interface IncidentQuery {
  /** Fingerprint of an alert that opened it. */
  readonly fingerprint?: string | undefined;
  /** Only incidents that are not closed. */
  readonly open?: boolean | undefined;
}

/**
 * The newest incident that fits. An alert that fires again while its incident is open is the same incident, not a second pull request.
 * One whose record is damaged is passed over, so that it does not stop the others; reading it by its id says what is wrong with it.
 */
export async function findIncident(record: IncidentRecord, query: IncidentQuery, context: CallContext): Promise<IncidentState | undefined> {
  const incidents = await record.list(context);
  for (const incident of [...incidents].reverse()) {
    const state = await readState(record, incident, context);
    // One whose opening failed is opened by its alert again.
    const opened = state?.results.open;
    if (!state || !opened || (query.open && state.status)) continue;
    if (query.fingerprint === undefined || opened.alerts.some((alert) => alert.fingerprint === query.fingerprint)) return state;
  }
  return undefined;
}

async function readState(record: IncidentRecord, incident: string, context: CallContext): Promise<IncidentState | undefined> {
  try {
    return foldIncident(incident, await record.read(incident, context));
  } catch (error) {
    if (isTier0Error(error) && error.code === 'MALFORMED_RESPONSE') return undefined;
    throw error;
  }
}
