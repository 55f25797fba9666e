import {
  type Alert,
  type CallContext,
  handleIncident,
  type IncidentEntry,
  type IncidentState,
  type LoopPorts,
  type LoopSettings,
  pause,
  type StepName,
  toTier0Error,
} from '@tier0/core';

/** What an incident is carried with. */
export interface CarrierOptions {
  readonly ports: LoopPorts;
  readonly settings: LoopSettings;
  readonly onEntry: (entry: IncidentEntry, state: IncidentState) => void;
  /** Why nothing is left to do for an incident whose alerts have ended; undefined while they have not. */
  readonly endedByItself: (incident: string) => string | undefined;
  readonly onProgress: (incident: string, step: StepName, message: string) => void;
  /** Milliseconds to wait after a number of failures in a row. Default: 2 s, doubled by each, 10 min at most. */
  readonly waitMs?: ((failures: number) => number) | undefined;
  /** The team an item belongs to. */
  readonly ownerOf: (item: string | undefined) => string | undefined;
  /** Something failed again and again: told once for each incident. */
  readonly onStuck: (incident: string, message: string) => void;
}

/** Failures in a row after which a person is told. */
const FAILURES_BEFORE_HELP = 5;
const WAITING: ReadonlySet<string> = new Set<StepName>(['decide', 'decide-revert']);
/** Milliseconds of waiting after which a failure begins a new row. */
const WAITED_WELL_MS = 5 * 60_000;
const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 10 * 60_000;

/**
 * Carries an incident to its end. A step that fails is tried again with growing patience; after five failures in a row a ticket asks a
 * person for help, and it goes on being tried. Returns when the incident has ended or the signal aborts; never throws.
 */
export async function carryIncident(
  incident: string,
  alerts: readonly Alert[],
  options: CarrierOptions,
  context: CallContext,
): Promise<void> {
  for (let failures = 0; !context.signal.aborted; failures++) {
    const beganMs = context.now();
    const failure = await carryOnce(incident, alerts, options, context);
    if (failure === undefined || context.signal.aborted) return;
    // Who waited for people a long time and then stumbled has not failed in a row.
    if (WAITING.has(failure.step) && context.now() - beganMs >= WAITED_WELL_MS) failures = 0;
    if (failures + 1 === FAILURES_BEFORE_HELP)
      await askForHelp(incident, { ...failure, owner: options.ownerOf(alerts[0]?.item) }, options, context);
    await pause((options.waitMs ?? growing)(failures), context.signal).catch(() => undefined);
  }
}

function growing(failures: number): number {
  return Math.min(FIRST_WAIT_MS * 2 ** failures, LONGEST_WAIT_MS);
}

interface Failure {
  readonly step: string;
  readonly message: string;
  readonly hint: string;
  readonly owner?: string | undefined;
}

/** Undefined: it has ended, or was told to stop. */
async function carryOnce(
  incident: string,
  alerts: readonly Alert[],
  { ports, settings, onEntry, onProgress, endedByItself }: CarrierOptions,
  context: CallContext,
): Promise<Failure | undefined> {
  try {
    const state = await handleIncident(
      {
        incident,
        alerts,
        ports,
        settings,
        endedByItself: () => endedByItself(incident),
        onEntry,
        onProgress: (step, message) => onProgress(incident, step, message),
      },
      context,
    );
    return state.failure;
  } catch (error) {
    if (context.signal.aborted) return undefined;
    const { message, hint } = toTier0Error(error);
    return { step: 'record', message, hint };
  }
}

async function askForHelp(incident: string, failure: Failure, { ports, onStuck }: CarrierOptions, context: CallContext): Promise<void> {
  onStuck(incident, `${failure.step} failed ${FAILURES_BEFORE_HELP} times: ${failure.message}`);
  const ticket = {
    key: `${incident}:stuck`,
    title: `Needs a person: tier0 cannot go on with ${incident}`,
    body: [
      `The step "${failure.step}" failed ${FAILURES_BEFORE_HELP} times in a row and goes on being tried.`,
      '',
      failure.message,
      failure.hint,
    ].join('\n'),
    assignee: failure.owner,
    labels: ['tier0', 'stuck'],
  };
  await ports.tracker.open(ticket, context).catch(() => undefined);
}
