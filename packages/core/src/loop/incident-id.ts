import { sha256 } from '../digest/canonical-json.ts';
import type { Alert } from '../model/alert.ts';

/** Id of the incident that an alert opens: the same alert, firing since the same instant, is the same incident. */
export function incidentIdOf(alert: Alert): string {
  return `inc-${sha256(`${alert.fingerprint}\n${alert.startsAt}`).slice(0, 10)}`;
}
