import { type Alert, type CmdbReader, type Gap, parseKubernetesItemId, type RootCause } from '@tier0/core';

/** The root causes that the alerts are about. */
export interface AlertedCauses {
  /** The more certain ones first; the order never depends on luck. */
  readonly causes: readonly RootCause[];
  /** One gap when the cluster has causes that reach nothing of what the alerts are about. */
  readonly elsewhere: readonly Gap[];
}

/**
 * Causes at, on the way to, or reaching what the alerts are about: whatever else is wrong in the cluster is another incident's matter. Where
 * no alert says what it is about, nothing can be told apart and all are named.
 */
export function causesOf(alerts: readonly Alert[], found: readonly RootCause[], reader: CmdbReader): AlertedCauses {
  const alerted = alerts.flatMap(({ item }) => (item !== undefined && reader.get(item).state === 'found' ? [item] : []));
  const about = alerted.length === 0 ? found : found.filter((cause) => alerted.some((item) => isAbout(cause, item, reader)));
  const strangers = found.length - about.length;
  const told = `${strangers} other ${strangers === 1 ? 'cause' : 'causes'} in the cluster: none reaches what was reported`;
  return {
    causes: ranked(about),
    elsewhere: about.length === 0 && strangers > 0 ? [{ source: 'rules', code: 'elsewhere', message: told }] : [],
  };
}

function isAbout(cause: RootCause, alerted: string, reader: CmdbReader): boolean {
  return cause.path.includes(alerted) || isWithin(cause.subject, alerted) || reaches(cause.subject, alerted, reader);
}

/** An alert about a namespace is about what is in it. */
function isWithin(subject: string, alerted: string): boolean {
  const [part, whole] = [parseKubernetesItemId(subject), parseKubernetesItemId(alerted)];
  return part !== undefined && whole?.kind === 'Namespace' && part.cluster === whole.cluster && part.namespace === whole.name;
}

/** Items that a failure is followed to at most, nearest first. */
const MAX_REACH = 10_000;

function reaches(subject: string, alerted: string, reader: CmdbReader): boolean {
  return reader.impact(subject, { limit: MAX_REACH }).items.some(({ item }) => item === alerted);
}

function ranked(causes: readonly RootCause[]): readonly RootCause[] {
  const key = ({ subject, cause, container }: RootCause) => `${subject}\n${cause}\n${container ?? ''}`;
  return [...causes].sort((a, b) => b.confidence - a.confidence || (key(a) < key(b) ? -1 : 1));
}
