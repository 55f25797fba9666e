import type { CodeTable } from '../../findings/code-entry.ts';

/** Codes of the matter "change". A code is never given another meaning. What is suspected because it was changed, and nothing else was. */
export const CHANGE_CODES = {
  'T0-CHANGE-001': {
    title: 'The one thing that was changed before others began to complain',
    severity: 'fault',
    cause: 'bad-change',
    depth: 1,
    meaning: 'A program complains since an instant, nothing of its own was changed before, and of what is near it one thing was.',
    fix: 'Look at what was changed and why; take it back where it was not meant.',
  },
} as const satisfies CodeTable;
