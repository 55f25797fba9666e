import { Tier0Error } from '../../errors/tier0-error.ts';
import type { Alert } from '../../model/alert.ts';
import type { JsonValue } from '../../model/json-value.ts';
import { toTimestamp } from '../../model/timestamp.ts';
import type { CallContext } from '../../ports/adapter.ts';
import { redactValue } from '../../redact/redact-value.ts';
import type { StepName, StepResults } from '../incident-entry.ts';
import type { IncidentState, Route } from '../incident-state.ts';
import type { LoopPorts, LoopSettings } from '../loop-ports.ts';

/** What a step may look at and call. */
export interface StepContext {
  readonly state: IncidentState;
  readonly alerts: readonly Alert[];
  readonly ports: LoopPorts;
  readonly settings: LoopSettings;
  readonly route: NonNullable<Route>;
  readonly context: CallContext;
  readonly progress: (message: string) => void;
  /** Why there is nothing left to do, when what was reported has ended without us. */
  readonly endedByItself: () => string | undefined;
}

/** One named step. It may be run again after an interruption, so its effects are found by key before they are made. */
export type Step<Name extends StepName> = (step: StepContext) => Promise<StepResults[Name]>;

/** The result of an earlier step, which the order of the loop guarantees. Throws INTERNAL when the record is out of order. */
export function resultOf<Name extends StepName>(step: StepContext, name: Name): StepResults[Name] {
  const result = step.state.results[name];
  if (result !== undefined) return result as StepResults[Name];
  throw new Tier0Error({
    code: 'INTERNAL',
    message: `The record of ${step.state.incident} has no result of step "${name}", which "${step.route.step}" builds on.`,
    hint: 'The incident record was edited or cut. Restore it from a backup, or close the incident and let the alert open a new one.',
  });
}

/**
 * Remembers an effect in the audit chain; the key makes a repeated step remember once. A step that was interrupted between audit and
 * record may end otherwise when it runs again (people approved meanwhile): then both endings are remembered, or the chain would
 * contradict the record.
 */
export async function audit(
  step: StepContext,
  entry: {
    readonly actor: string;
    readonly action: string;
    readonly subject: string;
    readonly detail: Readonly<Record<string, JsonValue>>;
  },
): Promise<void> {
  const { state, ports, route, context } = step;
  const key = `${state.incident}:${route.step}`;
  const at = toTimestamp(context.now());
  // What people wrote on a pull request is quoted here, and nothing is ever taken out of a chain again.
  const detail = redactValue(entry.detail).value as typeof entry.detail;
  const written = await ports.audit.append({ key, at, ...entry, detail }, context);
  if (written.action === entry.action && written.subject === entry.subject) return;
  await ports.audit.append({ key: `${key}:${entry.action}:${entry.subject}`, at, ...entry, detail }, context);
}
