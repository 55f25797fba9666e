import { type ApprovalGrant, type ApprovalRequest, argumentsDigest, judgeGrant } from './guard/approval.ts';
import { type CallVerdict, judgeCall } from './guard/judge-call.ts';
import type { RunEntry } from './log/run-entry.ts';
import { type AllowedCall, makeCall } from './make-call.ts';
import type { Running } from './run-agent.ts';
import type { OpenCall } from './run-state.ts';

/** A call with what the guard says of it now. */
interface Judged {
  readonly open: OpenCall;
  readonly verdict: CallVerdict;
  /** Whether the limit of tool calls leaves room for it. */
  readonly hasRoom: boolean;
}

/**
 * Makes what may be made: reading calls side by side, calls with an effect one after another. Returns what people must decide first, when
 * nothing else is left to do.
 */
export async function makeCalls(running: Running, calls: readonly OpenCall[]): Promise<readonly ApprovalRequest[] | undefined> {
  const room = running.limits.toolCalls - running.state.toolCalls;
  const judged = calls.map((open, index) => judge(running, open, index < room));
  const reads = judged.filter(isRead);
  await inParallel(reads, running.limits.parallel, (one) => settle(running, one));
  const waiting: ApprovalRequest[] = [];
  for (const one of judged.filter((other) => !isRead(other))) {
    // Judged again: what was read a moment ago may have been untrusted.
    const request = await settle(running, judge(running, one.open, one.hasRoom));
    if (request) waiting.push(request);
  }
  return waiting.length > 0 ? waiting : undefined;
}

function judge({ options, state, policy }: Running, open: OpenCall, hasRoom: boolean): Judged {
  const tool = options.agent.tools.find(open.call.name);
  if (!hasRoom && !open.started) return { open, hasRoom, verdict: { effect: 'deny', reason: 'no more tool calls are left' } };
  return { open, hasRoom, verdict: judgeCall({ call: open.call, tool, tainted: state.tainted, policy }) };
}

function isRead({ verdict }: Judged): boolean {
  return verdict.effect === 'deny' || verdict.tool.risk === 'read';
}

async function settle(running: Running, { open, verdict }: Judged): Promise<ApprovalRequest | undefined> {
  if (verdict.effect === 'deny') return deny(running, open, verdict.reason);
  const allowed = { key: open.key, call: open.call, tool: verdict.tool, input: verdict.input, interrupted: open.started };
  if (open.started || verdict.effect === 'allow') return perform(running, allowed, undefined);
  return askPeople(running, open, allowed);
}

async function deny({ context, options, record, state }: Running, { key, call }: OpenCall, reason: string): Promise<undefined> {
  const result = { callId: call.id, name: call.name, text: `Not done: ${reason}.`, isError: true };
  await record({ type: 'tool-finished', at: context.now(), call: key, result, untrusted: false, cites: [] });
  await options.audit?.append(
    auditEntry(state.run, context.now(), { call: key, action: 'denied', tool: call.name.slice(0, 64), why: reason }),
    context,
  );
}

/** A call that was started is never asked about again: its approval was used up when it was started. */
async function perform(running: Running, allowed: AllowedCall, grant: ApprovalGrant | undefined): Promise<undefined> {
  const { options, context, limits, state, record } = running;
  const { key, tool } = allowed;
  const around = { run: options.run, task: state.task, limits, artifacts: options.artifacts, context };
  const started: RunEntry = { type: 'tool-started', at: context.now(), call: key, tool: tool.name, ...(grant ? { grant } : {}) };
  if (tool.risk === 'read') {
    // A reading call may be made twice, so one append tells all of it.
    await record(started, await makeCall(allowed, around));
    return undefined;
  }
  if (!allowed.interrupted) {
    await record(started);
    const action = { call: key, action: 'started', tool: tool.name, why: grant ? `approved by ${grant.approver}` : 'allowed by policy' };
    await options.audit?.append(auditEntry(state.run, context.now(), action), context);
  }
  await record(await makeCall(allowed, around));
  return undefined;
}

async function askPeople(running: Running, open: OpenCall, allowed: AllowedCall): Promise<ApprovalRequest | undefined> {
  const { context, desk, record, options } = running;
  const request = open.request ?? requestFor(running, allowed);
  if (!open.request) await record({ type: 'approval-requested', at: context.now(), request });
  if (context.now() >= request.expiresAt) return deny(running, open, 'nobody approved it in time');
  const decision = await desk.decision(request, context);
  if (decision.state === 'pending') return request;
  if (decision.state === 'refused') {
    await record({ type: 'approval-refused', at: context.now(), call: open.key, by: decision.by });
    return deny(running, open, 'a person refused it');
  }
  const verdict = options.deskSecret
    ? judgeGrant(decision.grant, request, { secret: options.deskSecret, nowMs: context.now() })
    : { valid: false as const, reason: 'approvals cannot be checked here' };
  return verdict.valid ? perform(running, allowed, decision.grant) : deny(running, open, verdict.reason);
}

/** Bound to what this run would do now: another argument, target or policy is another request. */
function requestFor({ options, policy, context }: Running, { key, call, tool, input }: AllowedCall): ApprovalRequest {
  return {
    run: options.run,
    call: key,
    tool: tool.name,
    argumentsDigest: argumentsDigest(call.arguments),
    target: tool.target?.(input) ?? '',
    policyVersion: policy.version,
    expiresAt: context.now() + (policy.approvalMs ?? 3_600_000),
  };
}

interface AuditedAction {
  readonly call: string;
  readonly action: string;
  readonly tool: string;
  readonly why: string;
}

function auditEntry(run: string, nowMs: number, { call, action, tool, why }: AuditedAction) {
  const at = new Date(nowMs).toISOString();
  return { key: `${run}:${call}:${action}`, at, actor: `model in run ${run}`, action, subject: tool, detail: { call, why } };
}

/** At most `width` at once, begun in order. The first failure is thrown when all that were begun have ended. */
async function inParallel<T>(items: readonly T[], width: number, work: (item: T) => Promise<unknown>): Promise<void> {
  if (items.length === 0) return;
  const left = items[Symbol.iterator]();
  const worker = async () => {
    for (const item of left) await work(item);
  };
  const settled = await Promise.allSettled(Array.from({ length: Math.min(width, items.length) }, worker));
  const failed = settled.find((one) => one.status === 'rejected');
  if (failed) throw failed.reason;
}
