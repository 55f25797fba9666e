import type { Alert } from '@tier0/core';

/** An incident as the intake needs to know it. */
export interface KnownIncident {
  readonly id: string;
  /** Fingerprints of the alerts that opened it. */
  readonly fingerprints: readonly string[];
  /** Items it is about: those of its alerts, of its first cause and of its edits. */
  readonly items: readonly string[];
  readonly openedAtMs: number;
  /** Absent while it is open. */
  readonly ended?:
    | { readonly status: 'resolved' | 'rolled-back' | 'handed-over' | 'failed'; readonly atMs: number; readonly reason: string }
    | undefined;
}

/** How patient the intake is. Milliseconds. */
export interface Patience {
  /** An alert must last this long before an incident is opened. */
  readonly confirmMs: number;
  /** What was away this long has ended. */
  readonly clearMs: number;
  /** What people have, or said no to, is left to them this long. */
  readonly respectMs: number;
}

/** Since when an alert is seen, by our own clock: what a controller writes about itself moves at every try. */
export interface Sighting {
  readonly firstMs: number;
  readonly lastMs: number;
  /** The first look that did not see it any more; undefined while it is there. What no look missed was never away, however rare looks are. */
  readonly missedMs?: number | undefined;
  /** It was away for `clearMs` at least once since the process began: what is seen now is another occurrence. */
  readonly returned: boolean;
}

/** What is to be done about a group of alerts that belong together. */
export type Verdict =
  | { readonly kind: 'opens'; readonly alerts: readonly Alert[]; readonly why: string }
  /** It belongs to an incident that is open: it is judged again when that one has ended. */
  | { readonly kind: 'joins'; readonly alerts: readonly Alert[]; readonly incident: string; readonly why: string }
  | { readonly kind: 'waits'; readonly alerts: readonly Alert[]; readonly untilMs: number; readonly why: string }
  /** People have it: nothing is done before `untilMs`. */
  | {
      readonly kind: 'left-to-people';
      readonly alerts: readonly Alert[];
      readonly incident: string;
      readonly untilMs: number;
      readonly why: string;
    };

/** Everything that is looked at to decide. */
export interface IntakeQuestion {
  /** Alerts by item, the most urgent group first; those whose failure reaches others are decided before them. */
  readonly groups: readonly (readonly Alert[])[];
  readonly known: readonly KnownIncident[];
  /** By fingerprint. */
  readonly sightings: ReadonlyMap<string, Sighting>;
  readonly patience: Patience;
  /** Incidents that may be open at once. */
  readonly room: number;
  /** Relations from the first item to the second one, along which a failure goes; undefined when it does not reach it. */
  readonly distance: (from: string, to: string) => number | undefined;
  readonly nowMs: number;
}

/** Openings within this time after which the same thing counts as flapping. */
const FLAP_WINDOW_MS = 6 * 3_600_000;
const FLAP_OPENINGS = 3;

/** What is seen now, added to what was seen before. What was missed for `clearMs` begins anew, and it is known that it has been there. */
export function updateSightings(
  before: ReadonlyMap<string, Sighting>,
  fingerprints: readonly string[],
  { nowMs, clearMs }: { readonly nowMs: number; readonly clearMs: number },
): ReadonlyMap<string, Sighting> {
  const after = new Map<string, Sighting>();
  for (const [fingerprint, sighting] of before)
    if (nowMs - sighting.lastMs < Math.max(clearMs, FLAP_WINDOW_MS))
      after.set(fingerprint, { ...sighting, missedMs: sighting.missedMs ?? nowMs });
  for (const fingerprint of fingerprints) {
    const known = before.get(fingerprint);
    const wasAway = known?.missedMs !== undefined && nowMs - known.missedMs >= clearMs;
    const { firstMs, returned } = known === undefined || wasAway ? { firstMs: nowMs, returned: wasAway } : known;
    after.set(fingerprint, { firstMs, lastMs: nowMs, returned });
  }
  return after;
}

/** Of alerts that belong together the one that is seen longest counts: what joins or leaves them begins nothing anew. */
function sightingOf(alerts: readonly Alert[], { sightings, nowMs }: IntakeQuestion): Sighting {
  const seen = alerts.flatMap(({ fingerprint }) => sightings.get(fingerprint) ?? []);
  return seen.reduce((a, b) => (b.firstMs < a.firstMs ? b : a), { firstMs: nowMs, lastMs: nowMs, returned: false });
}

/** Decides for each group, causes before what they reach; one that opens is known to those behind it. Pure. */
export function judgeIntake(question: IntakeQuestion): readonly Verdict[] {
  const open = question.known.filter((incident) => incident.ended === undefined);
  const opening: KnownIncident[] = [];
  const verdicts: Verdict[] = [];
  for (const alerts of causesFirst(question)) {
    const verdict = judgeGroup(alerts, verdicts, {
      ...question,
      known: [...question.known, ...opening],
      room: question.room - open.length - opening.length,
    });
    verdicts.push(verdict);
    if (verdict.kind === 'opens') opening.push(openingOf('the one just opened', alerts, question.nowMs));
  }
  return verdicts;
}

/**
 * Groups with what can cause them in front of them, else in the order they came. What a failure reaches is transitive, so a cause has fewer
 * causes above it than what it reaches; two that reach each other count as neither.
 */
function causesFirst(question: IntakeQuestion): readonly (readonly Alert[])[] {
  const above = new Map(
    question.groups.map((alerts) => [alerts, question.groups.filter((other) => isCauseOf(other, alerts, question)).length]),
  );
  return [...question.groups].sort((a, b) => (above.get(a) ?? 0) - (above.get(b) ?? 0));
}

function isCauseOf(cause: readonly Alert[], alerts: readonly Alert[], { distance }: IntakeQuestion): boolean {
  const [from, to] = [cause[0]?.item, alerts[0]?.item];
  if (from === undefined || to === undefined || from === to) return false;
  return distance(from, to) !== undefined && distance(to, from) === undefined;
}

/** Of the open incidents that reach the alerts, the nearest. */
function nearestCause(open: readonly KnownIncident[], alerts: readonly Alert[], { distance }: IntakeQuestion): KnownIncident | undefined {
  const hops = ({ items }: KnownIncident) =>
    Math.min(...items.flatMap((from) => alerts.map(({ item }) => (item === undefined ? undefined : distance(from, item)) ?? Infinity)));
  const reached = open.map((incident) => ({ incident, hops: hops(incident) })).filter((one) => one.hops < Infinity);
  return reached.sort((a, b) => a.hops - b.hops)[0]?.incident;
}

function judgeGroup(alerts: readonly Alert[], before: readonly Verdict[], question: IntakeQuestion): Verdict {
  const { known, patience, nowMs, room } = question;
  const open = known.filter((incident) => incident.ended === undefined);
  const shared = open.find((incident) => isAbout(incident, alerts));
  if (shared) return { kind: 'joins', alerts, incident: shared.id, why: 'it is about the same thing' };
  const upstream = nearestCause(open, alerts, question);
  if (upstream) return { kind: 'joins', alerts, incident: upstream.id, why: 'a failure of what that incident is about reaches it' };
  const sighting = sightingOf(alerts, question);
  const earlier = known.filter((incident) => incident.ended !== undefined && isSame(incident, alerts));
  const last = earlier.reduce<KnownIncident | undefined>((a, b) => (a === undefined || a.openedAtMs < b.openedAtMs ? b : a), undefined);
  const theirs = last && leftToPeople(last, { alerts, sighting, patience, nowMs });
  if (theirs) return theirs;
  const confirmedMs = sighting.firstMs + patience.confirmMs;
  if (nowMs < confirmedMs) return { kind: 'waits', alerts, untilMs: confirmedMs, why: 'it must last before it counts' };
  const cause = before.find((verdict) => verdict.kind === 'waits' && isCauseOf(verdict.alerts, alerts, question));
  if (cause?.kind === 'waits')
    return { kind: 'waits', alerts, untilMs: cause.untilMs, why: `it may come from another one that waits: ${cause.alerts[0]?.summary}` };
  const lately = earlier.filter((incident) => nowMs - incident.openedAtMs < FLAP_WINDOW_MS);
  if (last && lately.length >= FLAP_OPENINGS) {
    const untilMs = Math.min(...lately.map((incident) => incident.openedAtMs)) + FLAP_WINDOW_MS;
    return {
      kind: 'left-to-people',
      alerts,
      incident: last.id,
      untilMs,
      why: `it comes and goes: ${lately.length} incidents in six hours`,
    };
  }
  if (room <= 0) return { kind: 'waits', alerts, untilMs: nowMs, why: 'as many incidents are open as are carried at once' };
  return { kind: 'opens', alerts, why: last ? `it is back: ${last.id} ended "${last.ended?.status}"` : 'it is new' };
}

/** A change that people closed, or an incident that was given to them, is theirs for a day; one that was handed over and went away is done. */
function leftToPeople(
  last: KnownIncident,
  { alerts, sighting, patience, nowMs }: { alerts: readonly Alert[]; sighting: Sighting; patience: Patience; nowMs: number },
): Verdict | undefined {
  const { ended } = last;
  if (ended === undefined || ended.status === 'resolved') return undefined;
  const untilMs = ended.atMs + patience.respectMs;
  const isRejected = ended.reason.includes('rejected the pull request');
  if (nowMs >= untilMs || (!isRejected && sighting.returned && sighting.firstMs > ended.atMs)) return undefined;
  const why = isRejected ? `people said no: ${ended.reason}` : `people have it since ${last.id} ended "${ended.status}"`;
  return { kind: 'left-to-people', alerts, incident: last.id, untilMs, why };
}

/** An incident that these alerts are about to open. */
export function openingOf(id: string, alerts: readonly Alert[], nowMs: number): KnownIncident {
  const items = [...new Set(alerts.flatMap((alert) => alert.item ?? []))];
  return { id, fingerprints: alerts.map((alert) => alert.fingerprint), items, openedAtMs: nowMs };
}

/** Whether alerts are about what an incident is about. */
export function isAbout(incident: KnownIncident, alerts: readonly Alert[]): boolean {
  return alerts.some(
    ({ fingerprint, item }) => incident.fingerprints.includes(fingerprint) || (item !== undefined && incident.items.includes(item)),
  );
}

/** Of an incident that has ended only the very alerts are remembered: another fault of the same thing is news. */
function isSame(incident: KnownIncident, alerts: readonly Alert[]): boolean {
  return alerts.some(({ fingerprint }) => incident.fingerprints.includes(fingerprint));
}
