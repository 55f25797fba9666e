export { type FieldOfKind, isSameToServer } from './defaults.ts';
export { whyNotWritable } from './writable.ts';
