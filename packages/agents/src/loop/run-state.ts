import type { AssistantMessage, ModelMessage, ModelToolCall, ModelToolResult, ToolMessage } from '@tier0/core';
import { textOf } from '../models/collect-turn.ts';
import type { ApprovalGrant, ApprovalRequest } from './guard/approval.ts';
import type { CallKey, RunEntry, RunOutcome } from './log/run-entry.ts';

/** Where a call of the open turn stands. */
export interface OpenCall {
  readonly key: CallKey;
  readonly call: ModelToolCall;
  started: boolean;
  request?: ApprovalRequest | undefined;
  grant?: ApprovalGrant | undefined;
  refusedBy?: string | undefined;
  result?: ModelToolResult | undefined;
}

/** What is known of a run after its entries; only `applyEntry` writes it. */
export interface RunState {
  run: string;
  agent: string;
  task: string;
  policyVersion: string;
  /** Entries applied. */
  sequence: number;
  /** Milliseconds since the epoch; undefined before the run has begun. */
  startedAt: number | undefined;
  /** The conversation as it is shown to a model. */
  messages: ModelMessage[];
  /** Calls of the last turn, in its order; empty when every one has its result. */
  open: OpenCall[];
  turns: number;
  toolCalls: number;
  /** Tokens read and written; `unknownUsage` turns did not say. */
  tokens: number;
  unknownUsage: number;
  costUsd: number;
  unpriced: number;
  /** Failed attempts since the last turn. */
  attempts: number;
  /** Place of the model in the list of models. */
  modelIndex: number;
  /** Whether untrusted text was read. Never goes back. */
  tainted: boolean;
  /** Ids that were shown and may be cited. */
  cites: Set<string>;
  /** Whole answers by call. */
  artifacts: Map<CallKey, string>;
  /** Which call a result of the conversation belongs to. */
  keys: WeakMap<ModelToolResult, CallKey>;
  /** About how many tokens `messages` are: a character is a quarter of one. */
  estimatedTokens: number;
  lastTurn: { readonly message: AssistantMessage; readonly reason: string; readonly last: boolean } | undefined;
  finished: { readonly outcome: RunOutcome; readonly answer: string; readonly why?: string | undefined } | undefined;
}

/** A run before its first entry. */
export function emptyRun(): RunState {
  return {
    run: '',
    agent: '',
    task: '',
    policyVersion: '',
    sequence: 0,
    startedAt: undefined,
    messages: [],
    open: [],
    turns: 0,
    toolCalls: 0,
    tokens: 0,
    unknownUsage: 0,
    costUsd: 0,
    unpriced: 0,
    attempts: 0,
    modelIndex: 0,
    tainted: false,
    cites: new Set(),
    artifacts: new Map(),
    keys: new WeakMap(),
    estimatedTokens: 0,
    lastTurn: undefined,
    finished: undefined,
  };
}

/** The state after all entries. The same entries give the same state, in any process. */
export function foldRun(entries: readonly RunEntry[]): RunState {
  const state = emptyRun();
  for (const entry of entries) applyEntry(state, entry);
  return state;
}

/** Takes one entry into the state. */
export function applyEntry(state: RunState, entry: RunEntry): void {
  state.sequence += 1;
  switch (entry.type) {
    case 'run-started':
      begin(state, entry);
      return;
    case 'turn-taken':
      takeTurn(state, entry);
      return;
    case 'turn-failed':
      state.attempts += 1;
      return;
    case 'model-switched':
      state.modelIndex += 1;
      state.attempts = 0;
      return;
    case 'tool-started':
      startCall(state, entry);
      return;
    case 'tool-finished':
      finishCall(state, entry);
      return;
    case 'approval-requested':
      changeCall(state, entry.request.call, { request: entry.request });
      return;
    case 'approval-refused':
      changeCall(state, entry.call, { refusedBy: entry.by });
      return;
    case 'context-compacted':
      compact(state, entry);
      return;
    case 'run-finished':
      state.finished = { outcome: entry.outcome, answer: entry.answer, why: entry.why };
  }
}

type Entry<T extends RunEntry['type']> = Extract<RunEntry, { type: T }>;

function begin(state: RunState, entry: Entry<'run-started'>): void {
  state.run = entry.run;
  state.agent = entry.agent;
  state.task = entry.task;
  state.policyVersion = entry.policyVersion;
  state.startedAt = entry.at;
  push(state, { role: 'system', content: entry.instructions });
  push(state, { role: 'user', content: entry.task });
}

function takeTurn(state: RunState, { message, reason, usage, cost, last }: Entry<'turn-taken'>): void {
  push(state, message);
  state.turns += 1;
  state.attempts = 0;
  state.lastTurn = { message, reason, last: last === true };
  if (usage?.inputTokens === undefined || usage.outputTokens === undefined) state.unknownUsage += 1;
  state.tokens += (usage?.inputTokens ?? 0) + (usage?.outputTokens ?? 0);
  if ('usd' in cost) state.costUsd += cost.usd;
  else state.unpriced += 1;
  if (last) return;
  const calls = message.parts.flatMap((part) => (part.type === 'tool-call' ? [part.call] : []));
  state.open = calls.map((call, index) => ({ key: `${state.turns}-${index}`, call, started: false }));
}

function changeCall(state: RunState, key: CallKey, change: Partial<OpenCall>): void {
  const open = state.open.find((one) => one.key === key);
  if (open) Object.assign(open, change);
}

function startCall(state: RunState, { call, grant }: Entry<'tool-started'>): void {
  state.toolCalls += 1;
  changeCall(state, call, { started: true, ...(grant ? { grant } : {}) });
}

function finishCall(state: RunState, { call, result, untrusted, cites, artifact }: Entry<'tool-finished'>): void {
  changeCall(state, call, { result });
  state.keys.set(result, call);
  if (untrusted) state.tainted = true;
  for (const id of cites) state.cites.add(id);
  if (artifact !== undefined) state.artifacts.set(call, artifact);
  if (state.open.some((open) => open.result === undefined)) return;
  // In the order of the calls, whichever ended first: a replay and a prompt cache see the same conversation.
  push(state, { role: 'tool', results: state.open.map((open) => open.result as ModelToolResult) });
  state.open = [];
}

function push(state: RunState, message: ModelMessage): void {
  state.messages.push(message);
  state.estimatedTokens += estimateTokens(message);
}

/** About how many tokens a message takes. High rather than low for text, and provider data is counted instead of the parts it stands for. */
export function estimateTokens(message: ModelMessage): number {
  return Math.ceil(lengthOf(message) / 4) + 8;
}

function lengthOf(message: ModelMessage): number {
  if (message.role === 'tool') return message.results.reduce((sum, { text }) => sum + text.length + 20, 0);
  if (message.role !== 'assistant') return message.content.length;
  const own = message.providerData ? JSON.stringify(message.providerData.data).length : 0;
  const parts = message.parts.reduce((sum, part) => sum + ('text' in part ? part.text.length : JSON.stringify(part.call).length), 0);
  return Math.max(own, parts);
}

function compact(state: RunState, { results, turns }: Entry<'context-compacted'>): void {
  const shorter = state.messages.map((message) => (message.role === 'tool' ? withHandles(state, message, results) : message));
  for (const [call, artifact] of Object.entries(results)) state.artifacts.set(call, artifact);
  state.messages = turns > 0 ? dropTurns(shorter, turns, state) : shorter;
  state.estimatedTokens = state.messages.reduce((sum, message) => sum + estimateTokens(message), 0);
}

function withHandles({ keys }: RunState, message: ToolMessage, handles: Readonly<Record<CallKey, string>>): ToolMessage {
  const results = message.results.map((result) => {
    const key = keys.get(result) ?? '';
    const artifact = handles[key];
    if (artifact === undefined) return result;
    const shorter = { ...result, text: `[Shown before; ${result.text.length} characters kept as ${artifact}.]` };
    keys.set(shorter, key);
    return shorter;
  });
  return { ...message, results };
}

/** The beginning stays (instructions, task); turns after it become one message that names what was looked at and may be cited. */
function dropTurns(messages: readonly ModelMessage[], turns: number, state: RunState): ModelMessage[] {
  const starts = messages.flatMap((message, index) => (message.role === 'assistant' ? [index] : []));
  const from = starts[0] ?? messages.length;
  const to = starts[turns] ?? messages.length;
  const told = messages.slice(from, to).flatMap(tellMessage);
  const cites = [...state.cites].slice(-200).join(', ');
  const note = [`[${turns} earlier turns are left out to save room.`, ...told, cites && `Ids that may be cited: ${cites}.`, ']'];
  return [...messages.slice(0, from), { role: 'user', content: note.filter(Boolean).join('\n') }, ...messages.slice(to)];
}

function tellMessage(message: ModelMessage): readonly string[] {
  if (message.role !== 'assistant') return [];
  const text = textOf(message).slice(0, 300);
  const calls = message.parts.flatMap((part) =>
    part.type === 'tool-call' ? [`- ${part.call.name} ${JSON.stringify(part.call.arguments).slice(0, 160)}`] : [],
  );
  return [...(text ? [`- said: ${text}`] : []), ...calls];
}
