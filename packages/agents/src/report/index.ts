/** Parts of a report that stand on their own: a program that imports the rest of the package does not load what they need. */
export { type EditLine, editDiff, editLineText, type FieldChange } from './edit-diff.ts';
