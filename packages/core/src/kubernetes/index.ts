export { type FieldOfKind, isSameToServer } from './defaults.ts';
export { bareKind, groupOfVersion, qualifiedKind } from './kinds.ts';
export { whyNotWritable } from './writable.ts';
