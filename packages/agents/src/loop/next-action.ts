import { textOf } from '../models/collect-turn.ts';
import { exceededLimit, isLastTurn, type RunLimits } from './limits.ts';
import type { RunOutcome } from './log/run-entry.ts';
import type { OpenCall, RunState } from './run-state.ts';

/** What is to be done next in a run; follows from its state, its limits and the time alone. */
export type NextAction =
  | { readonly do: 'begin' }
  | { readonly do: 'ask-model'; readonly last: boolean }
  | { readonly do: 'make-calls'; readonly calls: readonly OpenCall[] }
  | { readonly do: 'finish'; readonly outcome: RunOutcome; readonly answer: string; readonly why?: string | undefined }
  | { readonly do: 'nothing' };

/** Decides the next action. Calls come first, then what ends the run, then the model. */
export function nextAction(state: RunState, limits: RunLimits, nowMs: number): NextAction {
  if (state.finished) return { do: 'nothing' };
  if (state.startedAt === undefined) return { do: 'begin' };
  const calls = state.open.filter((open) => open.result === undefined);
  if (calls.length > 0) return { do: 'make-calls', calls };
  return ending(state) ?? budgetEnd(state, limits, nowMs) ?? { do: 'ask-model', last: isLastTurn(state, limits) };
}

/** A turn without calls is the answer; a pause is not over. */
function ending(state: RunState): NextAction | undefined {
  const { lastTurn } = state;
  const isLastWord = lastTurn !== undefined && state.messages.at(-1) === lastTurn.message && (lastTurn.last || lastTurn.reason !== 'pause');
  if (!isLastWord) return undefined;
  if (lastTurn.reason === 'refusal') return { do: 'finish', outcome: 'refused', answer: textOf(lastTurn.message) };
  return { do: 'finish', outcome: 'answered', answer: textOf(lastTurn.message).trim() || withoutWords(state) };
}

function budgetEnd(state: RunState, limits: RunLimits, nowMs: number): NextAction | undefined {
  const why = exceededLimit(state, limits, nowMs);
  return why === undefined ? undefined : { do: 'finish', outcome: 'out-of-budget', answer: withoutWords(state), why };
}

/** What can be said when the model said nothing: where it looked. */
export function withoutWords(state: RunState): string {
  const cites = [...state.cites].slice(0, 20).join(', ');
  const looked = `${state.turns} turns and ${state.toolCalls} tool calls were made`;
  return `No conclusion was reached; ${looked}${cites ? `. Seen: ${cites}` : ''}.`;
}
