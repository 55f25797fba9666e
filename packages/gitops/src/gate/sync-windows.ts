import { Cron } from 'croner';
import { matchesWildcard } from './kyverno/scalars/scalar-pattern.ts';
import { isMap } from './schema/schema-flaws.ts';

type Fields = Readonly<Record<string, unknown>>;

/** An application as Argo CD's windows see it. */
export interface WindowSubject {
  readonly application: string;
  /** `spec.destination.namespace`. */
  readonly namespace: string;
  /** `spec.destination.name` and `.server`. */
  readonly clusters: readonly string[];
}

/** Whether Argo CD would sync the application by itself now, and why not. A window that cannot be read blocks. */
export type WindowVerdict = { readonly open: true } | { readonly open: false; readonly reason: string };

/**
 * Judges `spec.syncWindows` of an AppProject: an active deny window blocks; where allow windows match, one of them must be active.
 * `manualSync` opens a window for people only, so it does not count here.
 * Source: https://argo-cd.readthedocs.io/en/stable/user-guide/sync_windows/
 */
export function judgeSyncWindows(windows: readonly Fields[], subject: WindowSubject, nowMs: number): WindowVerdict {
  const matching = windows.filter((window) => matchesSubject(window, subject));
  const judged = matching.map((window) => ({ window, activity: activityOf(window, nowMs) }));
  const unreadable = judged.find((one) => one.activity === 'unreadable');
  if (unreadable) return closed(unreadable.window, 'has a schedule, duration or time zone that cannot be read');
  const denying = judged.find((one) => one.window.kind === 'deny' && one.activity === 'active');
  if (denying) return closed(denying.window, 'is active');
  const allowing = judged.filter((one) => one.window.kind === 'allow');
  if (allowing.length === 0 || allowing.some((one) => one.activity === 'active')) return { open: true };
  return { open: false, reason: `Argo CD syncs ${subject.application} only inside its allow windows, and none is active now` };
}

function closed(window: Fields, why: string): WindowVerdict {
  const told = typeof window.description === 'string' && window.description !== '' ? `: ${window.description}` : '';
  return { open: false, reason: `the ${window.kind} window "${window.schedule}" for ${window.duration} of Argo CD ${why}${told}` };
}

function matchesSubject(window: Fields, subject: WindowSubject): boolean {
  const parts = [
    { patterns: listOf(window.applications), values: [subject.application] },
    { patterns: listOf(window.namespaces), values: [subject.namespace] },
    { patterns: listOf(window.clusters), values: subject.clusters },
  ].filter((part) => part.patterns.length > 0);
  const holds = parts.map((part) => part.patterns.some((pattern) => part.values.some((value) => matchesWildcard(pattern, value))));
  if (holds.length === 0) return false;
  return window.andOperator === true ? holds.every(Boolean) : holds.some(Boolean);
}

function listOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

/** A window is active when one of its starts lies less than its duration back. */
function activityOf(window: Fields, nowMs: number): 'active' | 'inactive' | 'unreadable' {
  const durationMs = parseGoDuration(window.duration);
  if (typeof window.schedule !== 'string' || durationMs === undefined || (window.kind !== 'allow' && window.kind !== 'deny'))
    return 'unreadable';
  const timezone = typeof window.timeZone === 'string' && window.timeZone !== '' ? window.timeZone : 'UTC';
  try {
    const start = new Cron(window.schedule, { timezone, mode: '5-part' }).nextRun(new Date(nowMs - durationMs));
    return start !== null && start.getTime() <= nowMs ? 'active' : 'inactive';
  } catch {
    return 'unreadable';
  }
}

const GO_UNITS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };

/** `1h30m` in milliseconds; undefined for what is not a duration of Go. */
function parseGoDuration(value: unknown): number | undefined {
  if (typeof value !== 'string' || !/^(?:\d+(?:\.\d+)?(?:h|ms|m|s))+$/.test(value)) return undefined;
  return [...value.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s)/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (GO_UNITS[unit ?? ''] ?? 0),
    0,
  );
}

/** `spec.syncWindows` of an AppProject. */
export function syncWindowsOf(project: unknown): readonly Fields[] {
  const spec = isMap(project) && isMap(project.spec) ? project.spec : {};
  return Array.isArray(spec.syncWindows) ? spec.syncWindows.filter(isMap) : [];
}

/** What the windows of an Application are judged by. */
export function windowSubject(application: Fields): WindowSubject {
  const spec = isMap(application.spec) ? application.spec : {};
  const destination = isMap(spec.destination) ? spec.destination : {};
  const metadata = isMap(application.metadata) ? application.metadata : {};
  return {
    application: String(metadata.name ?? ''),
    namespace: String(destination.namespace ?? ''),
    clusters: [destination.name, destination.server].filter((value): value is string => typeof value === 'string'),
  };
}
