import { describe, expect, test } from 'vitest';
import type { TicketDraft, Tracker } from '../ports/tracker.ts';
import { testContext } from './call-context.ts';

const DRAFT: TicketDraft = {
  key: 'incident-1',
  title: 'Upgrade the library',
  body: 'It leaks.',
  assignee: 'payments',
  labels: ['follow-up'],
};

/** The contract of every tracker. `make` gives one without tickets. */
export function describeTracker(name: string, make: () => Tracker | Promise<Tracker>): void {
  describe(`${name} is a tracker`, () => {
    test('opening the same key twice, even at once, gives one ticket', async () => {
      const tracker = await make();
      const [first, second] = await Promise.all([tracker.open(DRAFT, testContext()), tracker.open(DRAFT, testContext())]);
      expect(second.id).toBe(first.id);
      expect(first).toMatchObject({ ...DRAFT, status: 'open' });
      expect((await tracker.open({ ...DRAFT, key: 'incident-2' }, testContext())).id).not.toBe(first.id);
    });

    test('a ticket is found by its key with its newest status', async () => {
      const tracker = await make();
      const { id } = await tracker.open(DRAFT, testContext());
      await tracker.update(id, { comment: 'done', status: 'fixed' }, testContext());
      expect(await tracker.find(DRAFT.key, testContext())).toMatchObject({ id, status: 'fixed' });
      expect(await tracker.find('none', testContext())).toBeUndefined();
    });

    test('lists its tickets, oldest first', async () => {
      const tracker = await make();
      const first = await tracker.open(DRAFT, testContext());
      const second = await tracker.open({ ...DRAFT, key: 'incident-2' }, testContext());
      expect((await tracker.list(testContext())).map((ticket) => ticket.id)).toEqual([first.id, second.id]);
    });

    test('an unknown ticket cannot be updated', async () => {
      const tracker = await make();
      await expect(tracker.update('none', { status: 'closed' }, testContext())).rejects.toMatchObject({ code: 'NOT_FOUND' });
    });
  });
}
