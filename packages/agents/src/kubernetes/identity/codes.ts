import type { CodeTable } from '../../findings/code-entry.ts';

/** Codes of the matter "identity". A code is never given another meaning. */
export const IDENTITY_CODES = {
  'T0-RBAC-001': {
    title: 'Binding to a role that does not exist',
    severity: 'fault',
    cause: 'rbac-binding-wrong',
    depth: 0,
    meaning: 'A binding of a service account that is in use names a role that does not exist, so it grants nothing.',
    fix: 'Correct roleRef (the binding must be made anew), or create the role.',
  },
  'T0-RBAC-002': {
    title: 'Binding to a service account that does not exist',
    severity: 'fault',
    cause: 'rbac-binding-wrong',
    depth: 0,
    meaning: 'A binding names a service account that does not exist, while one of nearly that name is in use and has no rights.',
    fix: 'Correct the subject of the binding.',
  },
  'T0-RBAC-003': {
    title: 'Binding that grants nothing',
    severity: 'hygiene',
    cause: 'rbac-binding-wrong',
    depth: 0,
    meaning: 'A binding names a role or a service account that does not exist; nobody seems to miss it.',
    fix: 'Remove the binding.',
  },
} as const satisfies CodeTable;

export type IdentityCode = keyof typeof IDENTITY_CODES;
