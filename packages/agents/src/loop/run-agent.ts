import { type AuditLog, type LanguageModel, type ModelMessage, type ModelRequest, modelError, pause, type Tier0Error } from '@tier0/core';
import { costOf } from '../models/prices/cost-of.ts';
import { NO_PRICES, type PriceTable } from '../models/prices/price-table.ts';
import type { Agent } from './agent.ts';
import { attemptTurn } from './ask-model.ts';
import { mustCompact, planCompaction } from './compaction.ts';
import type { ArtifactStore } from './context/artifact-store.ts';
import type { ApprovalRequest } from './guard/approval.ts';
import { type ApprovalDesk, NOBODY_APPROVES } from './guard/approval-desk.ts';
import { type GuardPolicy, STRICT_POLICY } from './guard/judge-call.ts';
import { UNTRUSTED_RULE } from './guard/untrusted.ts';
import { DEFAULT_LIMITS, type RunLimits } from './limits.ts';
import type { RunEntry, RunOutcome } from './log/run-entry.ts';
import type { RunLog } from './log/run-log.ts';
import { makeCalls } from './make-calls.ts';
import { nextAction, withoutWords } from './next-action.ts';
import { DEFAULT_RETRY, type RetryPolicy, retryDelay } from './retry-policy.ts';
import type { RunContext } from './run-context.ts';
import { applyEntry, foldRun, type RunState } from './run-state.ts';

/** What a run needs. */
export interface RunOptions {
  /** Id of the run. One that is in the log already is taken up where it stopped. */
  readonly run: string;
  readonly agent: Agent;
  /** The question. Trusted: what others wrote is read by tools. */
  readonly task: string;
  /** Asked in this order: the next when one cannot go on. */
  readonly models: readonly [LanguageModel, ...LanguageModel[]];
  readonly log: RunLog;
  readonly artifacts: ArtifactStore;
  readonly policy?: GuardPolicy | undefined;
  /** Absent: every call that needs an approval waits. */
  readonly desk?: ApprovalDesk | undefined;
  /** Secret of the desk, to check what it signed. Absent: no approval counts. */
  readonly deskSecret?: string | Uint8Array | undefined;
  readonly retry?: RetryPolicy | undefined;
  readonly prices?: PriceTable | undefined;
  /** Hears of every call with an effect and of every one that was denied. */
  readonly audit?: AuditLog | undefined;
}

/** What a run has used. */
export interface RunSpending {
  readonly turns: number;
  readonly toolCalls: number;
  readonly tokens: number;
  /** Turns whose usage the provider did not tell. */
  readonly unknownUsage: number;
  readonly costUsd: number;
  /** Turns without a price. */
  readonly unpriced: number;
}

/** How a run stands: at its end, or waiting for people. */
export type RunResult =
  | {
      readonly state: 'finished';
      readonly outcome: RunOutcome;
      readonly answer: string;
      readonly why?: string | undefined;
      /** Ids that were shown and may be cited. */
      readonly cites: ReadonlySet<string>;
      readonly spent: RunSpending;
    }
  | { readonly state: 'waiting'; readonly requests: readonly ApprovalRequest[]; readonly spent: RunSpending };

/**
 * Runs an agent until it has answered, may not go on, or waits for an approval. Called again with the same run it goes on from the log.
 * Throws when the signal aborts, when another process works on the run, and when the log cannot be written; the run can be taken up then.
 */
export async function runAgent(options: RunOptions, context: RunContext): Promise<RunResult> {
  const state = foldRun(await options.log.read(options.run));
  const step = createStep(options, context, state);
  for (;;) {
    context.signal.throwIfAborted();
    const waiting = await step();
    if (waiting) return { state: 'waiting', requests: waiting, spent: spendingOf(state) };
    if (state.finished) return { state: 'finished', ...state.finished, cites: state.cites, spent: spendingOf(state) };
  }
}

function spendingOf({ turns, toolCalls, tokens, unknownUsage, costUsd, unpriced }: RunState): RunSpending {
  return { turns, toolCalls, tokens, unknownUsage, costUsd, unpriced };
}

/** Everything the steps of one run share. */
export interface Running {
  readonly options: RunOptions;
  readonly context: RunContext;
  readonly limits: RunLimits;
  readonly policy: GuardPolicy;
  readonly desk: ApprovalDesk;
  readonly state: RunState;
  /** Writes entries and, once they last, takes them into the state. */
  readonly record: (...entries: readonly RunEntry[]) => Promise<void>;
}

function createStep(options: RunOptions, context: RunContext, state: RunState) {
  const { policy = STRICT_POLICY, desk = NOBODY_APPROVES } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.agent.limits };
  let writing = Promise.resolve();
  const record = (...entries: readonly RunEntry[]): Promise<void> => {
    writing = writing.then(async () => {
      await options.log.append(options.run, state.sequence, entries);
      for (const entry of entries) applyEntry(state, entry);
    });
    return writing;
  };
  const running: Running = { options, context, limits, policy, desk, state, record };
  return () => takeStep(running);
}

async function takeStep(running: Running): Promise<readonly ApprovalRequest[] | undefined> {
  const { state, limits, context, record } = running;
  const action = nextAction(state, limits, context.now());
  switch (action.do) {
    case 'begin':
      await record(beginning(running));
      return undefined;
    case 'make-calls':
      return makeCalls(running, action.calls);
    case 'finish':
      await record({ type: 'run-finished', at: context.now(), outcome: action.outcome, answer: action.answer, why: action.why });
      return undefined;
    case 'ask-model':
      await askModel(running, action.last);
      return undefined;
    case 'nothing':
      return undefined;
  }
}

function beginning({ options, context, policy }: Running): RunEntry {
  return {
    type: 'run-started',
    at: context.now(),
    run: options.run,
    agent: options.agent.name,
    instructions: `${options.agent.instructions}\n\n${UNTRUSTED_RULE}`,
    task: options.task,
    policyVersion: policy.version,
  };
}

const LAST_WORD: ModelMessage = {
  role: 'user',
  content: 'No more tools can be used. Answer now with what you know, and say what you could not find out.',
};

async function askModel(running: Running, last: boolean): Promise<void> {
  const { options, state, context, limits, record } = running;
  const toolTokens = toolTokensOf(options.agent);
  if (mustCompact(state, limits, toolTokens)) {
    await record(await planCompaction(state, limits, { artifacts: options.artifacts, nowMs: context.now(), toolTokens }));
  }
  const model = options.models[Math.min(state.modelIndex, options.models.length - 1)] as LanguageModel;
  const leftMs = limits.totalMs - (context.now() - (state.startedAt ?? 0));
  const turn = await attemptTurn(model, requestOf(running, last), { limits, leftMs, context });
  if (turn.state === 'failed') return handleFailure(running, model, turn.failure);
  const cost = costOf(model.model, turn.usage, options.prices ?? NO_PRICES);
  await record({
    type: 'turn-taken',
    at: context.now(),
    model: model.model,
    message: turn.message,
    reason: turn.reason,
    ...(turn.usage ? { usage: turn.usage } : {}),
    cost: cost.state === 'priced' ? { usd: cost.usd } : { unpriced: cost.why },
    ...(last ? { last: true } : {}),
  });
}

const toolTokens = new WeakMap<Agent, number>();

function toolTokensOf(agent: Agent): number {
  const known = toolTokens.get(agent);
  if (known !== undefined) return known;
  const counted = Math.ceil(JSON.stringify(agent.tools.described).length / 4);
  toolTokens.set(agent, counted);
  return counted;
}

function requestOf({ options, state, limits }: Running, last: boolean): ModelRequest {
  const tools = options.agent.tools.described;
  return {
    messages: last ? [...state.messages, LAST_WORD] : [...state.messages],
    ...(tools.length > 0 ? { tools, toolChoice: last ? 'none' : 'auto' } : {}),
    maxOutputTokens: limits.outputTokens,
  };
}

/** The same model again after a wait, else the next one, else the end. No tool of the failed turn has run: calls are made from whole turns only. */
async function handleFailure(running: Running, model: LanguageModel, failure: Parameters<typeof modelError>[0]): Promise<void> {
  const { options, state, context, limits, record } = running;
  await record({ type: 'turn-failed', at: context.now(), model: model.model, attempt: state.attempts + 1, failure });
  const leftMs = limits.totalMs - (context.now() - (state.startedAt ?? 0));
  const facts = { failure, made: state.attempts, leftMs, random: context.random?.() ?? 1 };
  const wait = retryDelay(facts, options.retry ?? DEFAULT_RETRY);
  if (wait !== undefined) return (context.sleep ?? sleep)(wait, context.signal);
  const next = options.models[state.modelIndex + 1];
  if (next) return record({ type: 'model-switched', at: context.now(), from: model.model, to: next.model });
  const error: Tier0Error = modelError(failure);
  const why = `${error.message} ${error.hint}`;
  return record({ type: 'run-finished', at: context.now(), outcome: 'failed', answer: withoutWords(state), why });
}

async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  await pause(ms, signal);
}
