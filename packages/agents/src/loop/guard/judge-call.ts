import type { ModelToolCall } from '@tier0/core';
import type { AnyTool } from './tool.ts';

/** Rules about calls that no model can change. */
export interface GuardPolicy {
  /** Approvals given under another version do not count. */
  readonly version: string;
  /**
   * Writing tools that may run without asking, as long as the run has read nothing untrusted. Default: none. Destructive tools always ask.
   */
  readonly trustedWrites?: readonly string[] | undefined;
  /** Milliseconds an approval stays open. Default one hour. */
  readonly approvalMs?: number | undefined;
}

/** Everything asks, under the first version. */
export const STRICT_POLICY: GuardPolicy = { version: '1' };

/** May this call be made? */
export type CallVerdict =
  | { readonly effect: 'allow'; readonly tool: AnyTool; readonly input: unknown }
  | { readonly effect: 'require-approval'; readonly tool: AnyTool; readonly input: unknown }
  | { readonly effect: 'deny'; readonly reason: string };

/** What the decision rests on: the call, what is on the allow-list under its name, and whether the run has read untrusted text. */
export interface CallFacts {
  readonly call: ModelToolCall;
  readonly tool: AnyTool | undefined;
  readonly tainted: boolean;
  readonly policy: GuardPolicy;
}

/** Decides from the tool's own risk and the run's history; nothing a model says takes part. What cannot be decided is denied. */
export function judgeCall({ call, tool, tainted, policy }: CallFacts): CallVerdict {
  if (!tool) return { effect: 'deny', reason: 'there is no such tool' };
  if (call.problem !== undefined) return { effect: 'deny', reason: call.problem };
  const parsed = tool.input.safeParse(call.arguments);
  if (!parsed.success) return { effect: 'deny', reason: `the arguments are wrong: ${issuesOf(parsed.error.issues)}` };
  const facts = { tool, input: parsed.data };
  if (tool.risk === 'read') return { effect: 'allow', ...facts };
  const trusted = tool.risk === 'write' && !tainted && policy.trustedWrites?.includes(tool.name) === true;
  return { effect: trusted ? 'allow' : 'require-approval', ...facts };
}

/** Where and what, without the value: values may hold what must not be repeated. */
function issuesOf(issues: readonly { readonly path: readonly PropertyKey[]; readonly code: string; readonly message: string }[]): string {
  const told = issues.slice(0, 5).map(({ path, code, message }) => {
    const says = code === 'unrecognized_keys' ? 'unknown fields' : message.slice(0, 160);
    return `${path.map(String).join('.').slice(0, 80) || 'arguments'}: ${says}`;
  });
  return told.join('; ');
}
