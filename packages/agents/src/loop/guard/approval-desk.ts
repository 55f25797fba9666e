import type { CallContext } from '@tier0/core';
import type { ApprovalGrant, ApprovalRequest } from './approval.ts';

/** What people said to a request. Silence is no yes. */
export type DeskDecision =
  | { readonly state: 'pending' }
  | { readonly state: 'granted'; readonly grant: ApprovalGrant }
  | { readonly state: 'refused'; readonly by: string };

/** Where people answer requests, out of reach of any model. */
export interface ApprovalDesk {
  /** What people have decided about the request, or that they have not yet. */
  decision(request: ApprovalRequest, context: CallContext): Promise<DeskDecision>;
}

/** The desk where nobody sits: everything stays pending. */
export const NOBODY_APPROVES: ApprovalDesk = { decision: async () => ({ state: 'pending' }) };
