import type { Adapter, CallContext } from './adapter.ts';

/** A ticket that is about to be opened. */
export interface TicketDraft {
  /** Idempotency key: opening the same key twice returns the first ticket. */
  readonly key: string;
  readonly title: string;
  readonly body: string;
  /** Team it goes to. */
  readonly assignee?: string | undefined;
  readonly labels: readonly string[];
}

/** A ticket as the tracker knows it now. */
export interface Ticket extends TicketDraft {
  readonly id: string;
  readonly url: string;
  /** `fixed` = closed because the lasting fix is in; `closed` = closed for any other reason. */
  readonly status: 'open' | 'fixed' | 'closed';
}

/** Tickets and follow-ups. */
export interface Tracker extends Adapter {
  /** Opens a ticket; a second call with the same key returns the first one. */
  open(draft: TicketDraft, context: CallContext): Promise<Ticket>;
  /** Throws NOT_FOUND. */
  update(id: string, change: { readonly comment?: string; readonly status?: Ticket['status'] }, context: CallContext): Promise<Ticket>;
  /** The ticket that was opened under this key; undefined where none was. */
  find(key: string, context: CallContext): Promise<Ticket | undefined>;
  /** The tickets that were opened through this tracker, oldest first. */
  list(context: CallContext): Promise<readonly Ticket[]>;
}
