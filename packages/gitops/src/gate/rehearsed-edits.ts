import { canonicalJson, type FileEdit, formatFieldPath, type ItemEdit, type JsonValue } from '@tier0/core';
import { parseAllDocuments } from 'yaml';

/**
 * Where what would be written to Git is not what was rehearsed, one sentence each. A file may say a field in other words (an image as its
 * tag, a field within a patch), but what it says anew must be what the rehearsed edit says, and all of it.
 */
export function rehearsedFlaws(edits: readonly FileEdit[], rehearsed: readonly ItemEdit[]): readonly string[] {
  return rehearsed.flatMap((wanted, index) => {
    const edit = edits[index];
    if (edit === undefined || says(edit, wanted.value)) return [];
    const place = `${edit.file}: ${formatFieldPath(edit.path)}`;
    return [`${place} would become ${canonicalJson(edit.value ?? null)}, rehearsed was ${canonicalJson(wanted.value ?? null)}`];
  });
}

function says(edit: FileEdit, wanted: JsonValue | undefined): boolean {
  if (canonicalJson(edit.value ?? null) === canonicalJson(wanted ?? null)) return true;
  const old = new Set(leavesOf(edit.expectOld));
  const fresh = leavesOf(edit.value).filter((leaf) => !old.has(leaf));
  if (wanted === undefined) return fresh.length === 0 || fresh.some((leaf) => leaf === '"remove"' || leaf === 'null');
  return leavesOf(wanted).every((leaf) => old.has(leaf) || fresh.some((one) => one === leaf || isPartOfImage(one, leaf)));
}

/** Scalars of a value as canonical JSON, also of YAML or JSON that stands in a text. */
function leavesOf(value: JsonValue | undefined): readonly string[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value.flatMap(leavesOf);
  if (typeof value === 'object' && value !== null) return Object.values(value as Readonly<Record<string, JsonValue>>).flatMap(leavesOf);
  const inner = typeof value === 'string' ? documentsIn(value) : undefined;
  return inner === undefined ? [canonicalJson(value)] : inner.flatMap(leavesOf);
}

/** The documents of a text that is YAML or JSON of more than one scalar. */
function documentsIn(text: string): readonly JsonValue[] | undefined {
  if (!/[\n{[]/.test(text)) return undefined;
  try {
    const values = parseAllDocuments(text).map((document) => document.toJS({ maxAliasCount: 100 }) as JsonValue);
    return values.some((value) => typeof value === 'object' && value !== null) ? values : undefined;
  } catch {
    return undefined;
  }
}

/** `1.2.3` and `registry/shop/web` say `registry/shop/web:1.2.3` together; a name before `=` says which image is replaced. */
function isPartOfImage(leaf: string, wanted: string): boolean {
  if (!leaf.startsWith('"') || !/^"[^"\s]+[:@][^"/]+"$/.test(wanted)) return false;
  const [part, whole] = [JSON.parse(leaf) as string, JSON.parse(wanted) as string];
  const afterName = part.slice(part.indexOf('=') + 1);
  return afterName === whole || (part !== '' && (whole.endsWith(`:${part}`) || whole.endsWith(`@${part}`)));
}
