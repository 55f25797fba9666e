import type { AssistantMessage, FinishReason, ModelFailure, ModelToolResult, ModelUsage } from '@tier0/core';
import type { ApprovalGrant, ApprovalRequest } from '../guard/approval.ts';

/** Which call of a run: turn and place, `3-0`. Ids of models may repeat; this does not. */
export type CallKey = string;

/** How a run ended. */
export type RunOutcome = 'answered' | 'refused' | 'out-of-budget' | 'failed';

/** Money a turn cost in US dollars, or why nobody knows. */
export type TurnCost = { readonly usd: number } | { readonly unpriced: string };

/** One thing that happened in a run. What is not in the log did not happen. `at`: milliseconds since the epoch. */
export type RunEntry =
  | {
      readonly type: 'run-started';
      readonly at: number;
      readonly run: string;
      readonly agent: string;
      readonly instructions: string;
      readonly task: string;
      readonly policyVersion: string;
    }
  | {
      readonly type: 'turn-taken';
      readonly at: number;
      readonly model: string;
      readonly message: AssistantMessage;
      readonly reason: FinishReason;
      readonly usage?: ModelUsage | undefined;
      readonly cost: TurnCost;
      /** The turn had to be the answer: calls in it are not made. */
      readonly last?: true | undefined;
    }
  | { readonly type: 'turn-failed'; readonly at: number; readonly model: string; readonly attempt: number; readonly failure: ModelFailure }
  | { readonly type: 'model-switched'; readonly at: number; readonly from: string; readonly to: string }
  | {
      readonly type: 'tool-started';
      readonly at: number;
      readonly call: CallKey;
      readonly tool: string;
      /** The approval is used up by this very entry. */
      readonly grant?: ApprovalGrant | undefined;
    }
  | {
      readonly type: 'tool-finished';
      readonly at: number;
      readonly call: CallKey;
      readonly result: ModelToolResult;
      readonly untrusted: boolean;
      readonly cites: readonly string[];
      /** Where the whole answer is, when the model was shown a part. */
      readonly artifact?: string | undefined;
    }
  | { readonly type: 'approval-requested'; readonly at: number; readonly request: ApprovalRequest }
  | { readonly type: 'approval-refused'; readonly at: number; readonly call: CallKey; readonly by: string }
  | {
      readonly type: 'context-compacted';
      readonly at: number;
      /** Results that are from now on shown as a line with the handle of the whole: call to artifact. */
      readonly results: Readonly<Record<CallKey, string>>;
      /** Turns from the beginning that are from now on told in one message. */
      readonly turns: number;
    }
  | {
      readonly type: 'run-finished';
      readonly at: number;
      readonly outcome: RunOutcome;
      readonly answer: string;
      readonly why?: string | undefined;
    };
