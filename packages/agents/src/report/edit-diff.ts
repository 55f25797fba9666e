import type { FieldPath, JsonValue } from '@tier0/core';
import { structuredPatch } from 'diff';
import { stringify } from 'yaml';

/** A field, what it holds, and what it shall hold. Absent: the field is not there. */
export interface FieldChange {
  readonly path: FieldPath;
  readonly before?: JsonValue | undefined;
  readonly after?: JsonValue | undefined;
}

/** A line of YAML that goes, comes or stays; `gap` stands for lines that stay and are not shown. */
export interface EditLine {
  readonly change: 'added' | 'removed' | 'same' | 'gap';
  /** Without its sign. */
  readonly text: string;
}

/** Lines that stay, shown on either side of one that does not. */
const CONTEXT = 2;
/** Lines that go and come, up to which the shortest way between two texts is looked for: its time grows with their square. */
const MAX_CHANGES = 1_000;
const CHANGES = { '+': 'added', '-': 'removed', ' ': 'same' } as const;

/** What an edit does to a field, as a manifest would show it: one entry of a list instead of two lists in a row. */
export function editDiff({ path, before, after }: FieldChange): readonly EditLine[] {
  const [old, wanted] = [yamlOf(path, before), yamlOf(path, after)];
  const patch = structuredPatch('', '', old, wanted, '', '', { context: CONTEXT, maxEditLength: MAX_CHANGES });
  if (patch === undefined) return [...everyLine('removed', old), ...everyLine('added', wanted)];
  return patch.hunks.flatMap(({ lines }, at) => [...(at > 0 ? [GAP] : []), ...lines.flatMap(toLine)]);
}

/** The line as a diff writes it. */
export function editLineText({ change, text }: EditLine): string {
  return `${SIGNS[change]} ${text}`;
}

const GAP: EditLine = { change: 'gap', text: '...' };
const SIGNS = { added: '+', removed: '-', same: ' ', gap: ' ' } as const;

/** Anything else in a patch speaks of the ends of files. */
function toLine(line: string): readonly EditLine[] {
  const change = CHANGES[line.charAt(0) as keyof typeof CHANGES];
  return change === undefined ? [] : [{ change, text: line.slice(1) }];
}

function everyLine(change: EditLine['change'], text: string): readonly EditLine[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => ({ change, text: line }));
}

/** The field under its own key; an entry of a list as an entry. */
function yamlOf(path: FieldPath, value: JsonValue | undefined): string {
  if (value === undefined) return '';
  const last = path.at(-1);
  return stringify(typeof last === 'string' ? { [last]: value } : last === undefined ? value : [value], { lineWidth: 0 });
}
