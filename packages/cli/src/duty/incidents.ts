import {
  type CallContext,
  foldIncident,
  type IncidentEntry,
  type IncidentRecord,
  type IncidentState,
  isProposed,
  isTier0Error,
  type StepName,
} from '@tier0/core';
import type { KnownIncident } from './intake.ts';

/** An incident on duty: its state, when it began, and what is being waited for. */
export interface DutyIncident {
  readonly state: IncidentState;
  /** Milliseconds since the epoch. */
  readonly openedAtMs: number;
  readonly updatedAtMs: number;
  /** What the step under way said last. */
  readonly progress?: { readonly step: StepName; readonly message: string } | undefined;
}

/** The incidents of a cluster as their records tell them, kept in memory for who asks often. */
export interface Incidents {
  /** Newest first. */
  all(): readonly DutyIncident[];
  get(id: string): DutyIncident | undefined;
  /** Those whose record does not end. */
  open(): readonly DutyIncident[];
  apply(entry: IncidentEntry, state: IncidentState): void;
  say(id: string, step: StepName, message: string): void;
  /** Reads those again of which more is recorded than is known here: other replicas carried them on. */
  catchUp(heads: ReadonlyMap<string, number>, context: CallContext): Promise<void>;
}

/** Reads every record once. One that is damaged is passed over and said. */
export async function loadIncidents(
  record: IncidentRecord,
  onDamage: (incident: string, message: string) => void,
  context: CallContext,
): Promise<Incidents> {
  const incidents = new Map<string, DutyIncident>();
  const read = async (id: string, context: CallContext) => {
    try {
      const entries = await record.read(id, context);
      const [first] = entries;
      const last = entries.at(-1);
      if (first && last)
        incidents.set(id, { state: foldIncident(id, entries), openedAtMs: Date.parse(first.at), updatedAtMs: Date.parse(last.at) });
    } catch (error) {
      if (!isTier0Error(error)) throw error;
      onDamage(id, `${error.message} ${error.hint}`);
    }
  };
  for (const id of await record.list(context)) await read(id, context);
  const all = () => [...incidents.values()].sort((a, b) => b.openedAtMs - a.openedAtMs);
  return {
    all,
    get: (id) => incidents.get(id),
    open: () => all().filter(({ state }) => state.status === undefined && state.results.open !== undefined),
    apply(entry, state) {
      const atMs = Date.parse(entry.at);
      incidents.set(entry.incident, { state, openedAtMs: incidents.get(entry.incident)?.openedAtMs ?? atMs, updatedAtMs: atMs });
    },
    say(id, step, message) {
      const known = incidents.get(id);
      if (known) incidents.set(id, { ...known, progress: { step, message } });
    },
    async catchUp(heads, context) {
      for (const [id, sequence] of heads) if (sequence > (incidents.get(id)?.state.sequence ?? 0)) await read(id, context);
    },
  };
}

/** What the intake knows of an incident. */
export function toKnown({ state, openedAtMs, updatedAtMs }: DutyIncident): KnownIncident {
  const { open, diagnose, gate, close } = state.results;
  const about = [
    ...(open?.items ?? []),
    ...(diagnose?.diagnosis.rootCauses[0] ? [diagnose.diagnosis.rootCauses[0].subject] : []),
    ...(gate ? [gate.proposal.blastRadius.subject] : []),
  ];
  return {
    id: state.incident,
    fingerprints: open?.alerts.map((alert) => alert.fingerprint) ?? [],
    items: [...new Set(about)],
    openedAtMs,
    ...(state.status === undefined ? {} : { ended: { status: state.status, atMs: updatedAtMs, reason: close?.reason ?? '' } }),
  };
}

/** What an incident waits for now, in words. */
export function whatItWaitsFor({ state, progress }: DutyIncident): string {
  if (state.status !== undefined) return state.results.close?.reason ?? '';
  if (state.failure) return `${state.failure.message} It is tried again.`;
  const proposed = state.results.revert?.result ?? state.results.propose?.result;
  const waitsForPeople = state.interrupted === 'decide' || state.interrupted === 'decide-revert';
  if (waitsForPeople && proposed && isProposed(proposed)) return `pull request #${proposed.pullRequest.number} waits for a person`;
  return progress !== undefined && progress.step === state.interrupted
    ? progress.message
    : `${state.interrupted ?? 'the next step'} is under way`;
}
