import type { ModelMessage } from '@tier0/core';
import type { ArtifactStore } from './context/artifact-store.ts';
import type { RunLimits } from './limits.ts';
import type { CallKey, RunEntry } from './log/run-entry.ts';
import { estimateTokens, type RunState } from './run-state.ts';

type Compacted = Extract<RunEntry, { type: 'context-compacted' }>;

/** Share of the context that may be filled before a call, and what is left after compaction. */
const FULL = 0.8;
const WANTED = 0.5;
/** Turns at the end that stay as they are. */
const KEPT_TURNS = 2;
/** Results shorter than this stay: a handle would not be shorter. */
const WORTH = 400;

/** Whether the next request would come too close to what the model holds. `toolTokens`: about what the tools' descriptions take. */
export function mustCompact(state: RunState, limits: RunLimits, toolTokens: number): boolean {
  return state.estimatedTokens + toolTokens + limits.outputTokens > limits.contextTokens * FULL;
}

/** What is shortened, oldest first: long results become handles; if that is not enough, whole turns become one message. */
export async function planCompaction(
  state: RunState,
  limits: RunLimits,
  { artifacts, nowMs, toolTokens }: CompactionTools,
): Promise<Compacted> {
  const excess = state.estimatedTokens + toolTokens + limits.outputTokens - limits.contextTokens * WANTED;
  const chosen = chooseResults(state, excess);
  const results: Record<string, string> = {};
  for (const { key, text } of chosen) {
    const artifact = state.artifacts.get(key) ?? `artifact-${key}`;
    if (!state.artifacts.has(key)) await artifacts.put(state.run, artifact, text);
    results[key] = artifact;
  }
  const saved = chosen.reduce((sum, { text }) => sum + text.length / 4, 0);
  return { type: 'context-compacted', at: nowMs, results, turns: saved >= excess ? 0 : turnsToDrop(state, excess - saved) };
}

export interface CompactionTools {
  readonly artifacts: ArtifactStore;
  readonly nowMs: number;
  readonly toolTokens: number;
}

function chooseResults(state: RunState, excess: number) {
  const starts = turnStarts(state.messages);
  const end = starts.at(-KEPT_TURNS) ?? state.messages.length;
  const old = state.messages.slice(0, end).flatMap((message) => (message.role === 'tool' ? message.results : []));
  const chosen: { readonly key: CallKey; readonly text: string }[] = [];
  let saved = 0;
  for (const result of old) {
    if (saved >= excess) break;
    if (result.text.length < WORTH) continue;
    chosen.push({ key: state.keys.get(result) ?? '', text: result.text });
    saved += result.text.length / 4;
  }
  return chosen;
}

function turnStarts(messages: readonly ModelMessage[]): readonly number[] {
  return messages.flatMap((message, index) => (message.role === 'assistant' ? [index] : []));
}

/** Turns from the beginning that together are as large as what is still too much; the last ones stay. */
function turnsToDrop(state: RunState, excess: number): number {
  const starts = turnStarts(state.messages);
  let saved = 0;
  for (let turn = 0; turn < starts.length - KEPT_TURNS; turn++) {
    for (const message of state.messages.slice(starts[turn], starts[turn + 1])) saved += estimateTokens(message);
    if (saved >= excess) return turn + 1;
  }
  return Math.max(0, starts.length - KEPT_TURNS);
}
