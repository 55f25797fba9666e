import type { Alert } from '../model/alert.ts';
import type { CallContext } from './adapter.ts';

/** The newest word about an alert that another system raised: it fires, or has ended where `alert.endsAt` is set. */
export interface KnownAlert {
  readonly alert: Alert;
  /** When it was heard last, milliseconds since the epoch by the clock of who heard it. */
  readonly seenMs: number;
}

/** Alerts that are remembered of one cluster at most; further ones are not taken while these are fresh. */
export const MAX_KNOWN_ALERTS = 5_000;
/** An alert that was not repeated for this long is forgotten, milliseconds: Alertmanager's default `repeat_interval` is 4 h. */
export const FORGET_ALERT_MS = 24 * 3_600_000;

/** What other systems reported of a cluster: kept beyond a process, and shared by replicas, since whoever sends it sends it to one of them. */
export interface AlertStore {
  readonly name: string;
  /** Takes news in, all or none. Late news of an occurrence that is older than the known one change nothing. Throws UNAVAILABLE when it cannot be kept. */
  take(cluster: string, alerts: readonly Alert[], context: CallContext): Promise<void>;
  /** The newest word about each alert that was heard of within `FORGET_ALERT_MS`, in the order of their fingerprints. */
  read(cluster: string, context: CallContext): Promise<readonly KnownAlert[]>;
}

/** Whether news take the place of what is known: not where they tell of an occurrence that began before it. */
export function isNews(alert: Alert, known: KnownAlert | undefined): boolean {
  return known === undefined || Date.parse(alert.startsAt) >= Date.parse(known.alert.startsAt);
}
