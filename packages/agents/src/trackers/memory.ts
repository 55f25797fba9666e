import { type Ticket, type TicketDraft, Tier0Error, type Tracker } from '@tier0/core';

/** Where tickets are kept; the rules of a tracker are the same for each. */
export interface TicketShelf {
  load(): Promise<Map<string, Ticket>>;
  save(ticket: Ticket, comment?: string): Promise<void>;
}

/** A tracker that forgets everything when the process ends. */
export function createMemoryTracker(): Tracker {
  const tickets = new Map<string, Ticket>();
  return createShelfTracker('memory', {
    load: async () => tickets,
    save: async (ticket) => {
      tickets.set(ticket.id, ticket);
    },
  });
}

/** The behaviour of a tracker over a shelf: one ticket for each key, one change at a time. */
export function createShelfTracker(name: string, shelf: TicketShelf): Tracker {
  let queue: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = queue.then(work, work);
    queue = turn.catch(() => undefined);
    return turn;
  };
  const byKey = (tickets: ReadonlyMap<string, Ticket>, key: string) => [...tickets.values()].find((ticket) => ticket.key === key);
  return {
    name,
    open: (draft) =>
      inTurn(async () => {
        const tickets = await shelf.load();
        const known = byKey(tickets, draft.key);
        if (known) return known;
        const ticket = toTicket(draft, tickets.size + 1, name);
        await shelf.save(ticket);
        return ticket;
      }),
    update: (id, { comment, status }) =>
      inTurn(async () => {
        const ticket = knownTicket(await shelf.load(), id);
        const changed = status === undefined ? ticket : { ...ticket, status };
        await shelf.save(changed, comment);
        return changed;
      }),
    find: (key) => inTurn(async () => byKey(await shelf.load(), key)),
    list: () => inTurn(async () => [...(await shelf.load()).values()]),
  };
}

function toTicket(draft: TicketDraft, number: number, name: string): Ticket {
  const id = `T-${number}`;
  return { ...draft, id, url: `tier0:${name}/${id}`, status: 'open' };
}

function knownTicket(tickets: ReadonlyMap<string, Ticket>, id: string): Ticket {
  const ticket = tickets.get(id);
  if (ticket) return ticket;
  throw new Tier0Error({ code: 'NOT_FOUND', message: `There is no ticket "${id}".`, hint: 'Find it by its key, or open it first.' });
}
