import { toTier0Error } from '../errors/tier0-error.ts';
import type { Alert } from '../model/alert.ts';
import { toTimestamp } from '../model/timestamp.ts';
import type { CallContext } from '../ports/adapter.ts';
import { redact } from '../redact/redact.ts';
import { redactValue } from '../redact/redact-value.ts';
import { pause } from '../time/pause.ts';
import type { IncidentEntry, StepName } from './incident-entry.ts';
import { foldIncident, type IncidentState, nextStep, type Route } from './incident-state.ts';
import type { LoopPorts, LoopSettings } from './loop-ports.ts';
import { STEPS, type StepContext } from './steps/index.ts';

/** Which incident is handled, with which parts, and how far. */
export interface HandleIncidentOptions {
  readonly incident: string;
  /** Needed to open an incident; not to resume one. */
  readonly alerts: readonly Alert[];
  readonly ports: LoopPorts;
  readonly settings: LoopSettings;
  /** Stop when this step is done, e.g. `propose`: the incident stays open and can be resumed. */
  readonly until?: StepName | undefined;
  /** Asked until a change is proposed: why nothing is left to do when what was reported has ended without us; undefined while it has not. */
  readonly endedByItself?: (() => string | undefined) | undefined;
  /** Told about every entry after it was recorded. */
  readonly onEntry?: ((entry: IncidentEntry, state: IncidentState) => void) | undefined;
  /** Told about progress inside a long step, one line each. */
  readonly onProgress?: ((step: StepName, message: string) => void) | undefined;
}

/**
 * Carries one incident from alert to close: does the next step, records it, and goes on. Called again with the same incident it
 * resumes where the record ends; a step that was interrupted runs again and finds its own work, so no effect happens twice.
 * A step that fails is recorded and ends the call with `state.failure` set; the incident stays open for `resume`.
 * Throws only when the record itself cannot be read or written.
 */
export async function handleIncident(options: HandleIncidentOptions, context: CallContext): Promise<IncidentState> {
  let state = foldIncident(options.incident, await options.ports.record.read(options.incident, context));
  for (let route = nextRoute(state, options); route && !isDone(state, options.until); route = nextRoute(state, options)) {
    context.signal.throwIfAborted();
    state = await doStep(route, state, options, context);
    if (state.failure) break;
  }
  return state;
}

/** What has ended by itself is closed while no change is proposed; after that people decide. */
function nextRoute(state: IncidentState, { endedByItself }: HandleIncidentOptions): Route {
  const route = nextStep(state);
  if (route === undefined || !state.results.open || state.results.propose || route.step === 'close') return route;
  const reason = endedByItself?.();
  return reason === undefined ? route : { step: 'close', status: 'resolved', reason };
}

function isDone(state: IncidentState, until: StepName | undefined): boolean {
  return until !== undefined && state.results[until] !== undefined;
}

/** Goes on with an incident whose loop was interrupted, with a fresh picture of the world. */
export async function resumeIncident(options: Omit<HandleIncidentOptions, 'alerts'>, context: CallContext): Promise<IncidentState> {
  await options.ports.cmdb.refresh(context);
  return handleIncident({ ...options, alerts: [] }, context);
}

async function doStep(
  route: NonNullable<Route>,
  before: IncidentState,
  options: HandleIncidentOptions,
  context: CallContext,
): Promise<IncidentState> {
  const { step } = route;
  // Opening has no start of its own: until it is done there is no incident, and the alert opens it again.
  const state = step === 'open' ? before : await record(before, { phase: 'started', step }, options, context);
  const stepContext: StepContext = {
    state,
    alerts: options.alerts,
    ports: options.ports,
    settings: options.settings,
    route,
    context,
    progress: (message) => options.onProgress?.(step, message),
    endedByItself: () => options.endedByItself?.(),
  };
  const body = await attempt(stepContext, options.settings.attempts ?? 3);
  return record(state, body, options, context);
}

/** Runs the step and says how it went; only an abort is thrown. */
async function attempt(stepContext: StepContext, attempts: number): Promise<EntryBody> {
  const { step } = stepContext.route;
  try {
    const result = withoutSecretsIn(step, await runWithRetries(stepContext, attempts));
    return { phase: 'done', step, result } as EntryBody;
  } catch (error) {
    stepContext.context.signal.throwIfAborted();
    const { code, message, hint } = toTier0Error(error);
    return { phase: 'failed', step, error: { code, message: redact(message), hint: redact(hint) } };
  }
}

/** Steps whose results quote what a cluster or a person said. A proposal is sealed: it is made of what went through here before. */
const QUOTING: ReadonlySet<StepName> = new Set([
  'open',
  'diagnose',
  'remedy',
  'rehearse',
  'hand-over',
  'decide',
  'decide-revert',
  'reconcile',
  'reconcile-revert',
  'verify',
  'close',
]);

function withoutSecretsIn(step: StepName, result: unknown): unknown {
  return QUOTING.has(step) ? redactValue(result).value : result;
}

async function runWithRetries(stepContext: StepContext, attempts: number): Promise<unknown> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await STEPS[stepContext.route.step](stepContext);
    } catch (error) {
      const known = toTier0Error(error);
      if (!known.retryable || attempt >= attempts || stepContext.context.signal.aborted) throw known;
      stepContext.progress(`${known.message} Trying again (${attempt + 1} of ${attempts}).`);
      await pause(200 * 2 ** (attempt - 1), stepContext.context.signal);
    }
  }
}

type EntryBody = IncidentEntry extends infer Entry
  ? Entry extends IncidentEntry
    ? Omit<Entry, 'incident' | 'sequence' | 'at'>
    : never
  : never;

async function record(state: IncidentState, body: EntryBody, options: HandleIncidentOptions, context: CallContext): Promise<IncidentState> {
  const entry = { incident: state.incident, sequence: state.sequence + 1, at: toTimestamp(context.now()), ...body } as IncidentEntry;
  await options.ports.record.append(entry, context);
  const next = applyToState(state, entry);
  options.onEntry?.(entry, next);
  return next;
}

function applyToState(state: IncidentState, entry: IncidentEntry): IncidentState {
  const folded = foldIncident(state.incident, [entry]);
  const results = { ...state.results, ...folded.results };
  const doneAt = { ...state.doneAt, ...folded.doneAt };
  return { ...folded, results, doneAt, status: folded.status ?? state.status };
}
