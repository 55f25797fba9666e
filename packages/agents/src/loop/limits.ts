import type { RunState } from './run-state.ts';

/** What a run may use. All are checked before each call. */
export interface RunLimits {
  /** Turns of the model. The last one has no tools and must be the answer. */
  readonly steps: number;
  readonly toolCalls: number;
  /** Tokens read and written over all turns. */
  readonly tokens: number;
  /** US dollars. A turn that has no price ends a run that has this limit: what cannot be counted cannot be allowed. */
  readonly usd?: number | undefined;
  /** Milliseconds from the first entry, over crashes and resumes. */
  readonly totalMs: number;
  /** Milliseconds one turn may take. */
  readonly turnMs: number;
  /** Milliseconds between two pieces of a turn. */
  readonly chunkMs: number;
  /** Milliseconds one tool call may take. */
  readonly toolMs: number;
  /** Calls made at the same time. */
  readonly parallel: number;
  readonly outputTokens: number;
  /** Tokens the model's context holds. */
  readonly contextTokens: number;
  /** Characters of one tool result shown at most; more is kept as an artifact. */
  readonly resultCharacters: number;
}

/** Room for a thorough investigation, far from endless. */
export const DEFAULT_LIMITS: RunLimits = {
  steps: 30,
  toolCalls: 120,
  tokens: 2_000_000,
  totalMs: 15 * 60_000,
  turnMs: 120_000,
  chunkMs: 60_000,
  toolMs: 30_000,
  parallel: 8,
  outputTokens: 4_096,
  contextTokens: 128_000,
  resultCharacters: 12_000,
};

/** Which limit is reached, in words; undefined when none is. Steps and tool calls are not here: they end in a last turn. */
export function exceededLimit(state: RunState, limits: RunLimits, nowMs: number): string | undefined {
  if (nowMs - (state.startedAt ?? nowMs) >= limits.totalMs) return `the time of ${limits.totalMs} ms is over`;
  if (state.tokens >= limits.tokens) return `${state.tokens} of ${limits.tokens} tokens are used`;
  if (limits.usd === undefined) return undefined;
  if (state.unpriced > 0) return `${state.unpriced} turns have no price, so the limit of ${limits.usd} USD cannot be kept`;
  return state.costUsd >= limits.usd ? `${state.costUsd.toFixed(4)} of ${limits.usd} USD are used` : undefined;
}

/** Whether the next turn must be the answer. */
export function isLastTurn(state: RunState, limits: RunLimits): boolean {
  return state.turns + 1 >= limits.steps || state.toolCalls >= limits.toolCalls;
}
