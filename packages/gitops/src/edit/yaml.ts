import { inspect, isDeepStrictEqual } from 'node:util';
import { type FieldPath, formatFieldPath, type JsonValue, readField, writeField } from '@tier0/core';
import type { Document } from 'yaml';
import { disprove } from './yaml-proof.ts';
import { isScalarValue } from './yaml-render.ts';
import { isTemplated, meaningOf, parseYaml, sharedAnchors, type YamlText } from './yaml-source.ts';
import { applySplices } from './yaml-splice.ts';
import { spliceFor } from './yaml-walk.ts';

/** One field of one document, what it says now and what it shall say. */
export interface YamlEdit {
  /** Position of the document in the file, from 0. Default 0. */
  readonly document?: number | undefined;
  readonly path: FieldPath;
  /** Value the file must still say. Absent: the field must not be there. */
  readonly expectOld?: JsonValue | undefined;
  /** Value it shall say. Absent: the field shall be removed. */
  readonly value?: JsonValue | undefined;
}

/** The edited text, or why it was left as it is. */
export type YamlEditResult =
  | { readonly status: 'edited'; readonly text: string }
  | { readonly status: 'refused'; readonly reason: string }
  | { readonly status: 'precondition-failed'; readonly found: JsonValue | undefined; readonly reason: string }
  /** The file already says it. */
  | { readonly status: 'no-change' };

/** Characters a file may have to be edited. */
const MAX_LENGTH = 8 * 1024 * 1024;

/** What YAML forbids in a text, and a lone carriage return, which readers take differently. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\ufffe\uffff]|\r(?!\n)/;

/**
 * Changes one field of a YAML or JSON text and no other byte. The result is proved: read again, every document must equal the original
 * with exactly this field set, else the edit is refused. A field that comes through a merge key (`<<`) is set where it is wanted and
 * stays what it was for others; a value that aliases repeat is refused.
 */
export function editYaml(content: string | Uint8Array, edit: YamlEdit): YamlEditResult {
  const text = typeof content === 'string' ? content : decode(content);
  const flaw = text === undefined ? 'the file is not UTF-8 text' : (textFlaw(text) ?? valueFlaw(edit.value));
  if (text === undefined || flaw) return refused(flaw ?? '');
  try {
    return editText(text, edit);
  } catch (error) {
    // Parsing gives up in many ways (nesting, alias bombs, merge keys that merge no map); whatever it is, nothing is changed.
    return refused(`the document cannot be taken apart: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function editText(text: string, edit: YamlEdit): YamlEditResult {
  const source = parseYaml(text);
  if ('status' in source) return refused(source.reason);
  const index = edit.document ?? 0;
  const document = source.documents[index];
  if (!document && (index > 0 || source.documents.length > 0)) {
    return refused(`the file has ${source.documents.length} documents, there is none at position ${index}`);
  }
  if (document && isTemplated(document, source.text)) return refused('the document is a template: `{{ }}` decides how it is built');
  return editDocument(source, document, { ...edit, document: index });
}

function editDocument(source: YamlText, document: Document.Parsed | undefined, edit: YamlEdit & { document: number }): YamlEditResult {
  const original = document ? meaningOf(document) : null;
  const found = readField(original, edit.path) as JsonValue | undefined;
  if (isDeepStrictEqual(found, edit.value)) return { status: 'no-change' };
  if (!isDeepStrictEqual(found, edit.expectOld)) {
    const reason = `${formatFieldPath(edit.path)} says ${shown(found)}, expected ${shown(edit.expectOld)}`;
    return { status: 'precondition-failed', found, reason };
  }
  const intended = writeField(original, edit.path, edit.value);
  const splices = spliceFor(source, document, { path: edit.path, value: edit.value, original, intended });
  if ('refused' in splices) return refused(`${formatFieldPath(edit.path)}: ${splices.refused}`);
  const text = applySplices(source.text, splices);
  const flaw = disprove({ source, text, splices, index: edit.document, intended, path: edit.path });
  if (flaw) return refused(`${formatFieldPath(edit.path)}: ${flaw}${document ? sharingNote(document) : ''}`);
  return { status: 'edited', text: source.byteOrderMark + text };
}

function textFlaw(text: string): string | undefined {
  if (text.length > MAX_LENGTH) return `the file is larger than ${MAX_LENGTH} characters`;
  const match = FORBIDDEN.exec(text);
  if (!match) return undefined;
  const line = text.slice(0, match.index).split('\n').length;
  if (match[0] === '\r') return `line ${line} holds a carriage return without a line feed, which YAML readers take differently`;
  return `line ${line} holds the control character U+${match[0].charCodeAt(0).toString(16).padStart(4, '0')}, which YAML forbids`;
}

function valueFlaw(value: JsonValue | undefined): string | undefined {
  if (typeof value === 'string') return value.isWellFormed() ? undefined : 'the new value holds half a character (a lone surrogate)';
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : 'the new value is not a finite number';
  if (value === null || typeof value !== 'object') return undefined;
  return [...Object.keys(value), ...Object.values(value)].map(valueFlaw).find((flaw) => flaw !== undefined);
}

function sharingNote(document: Document.Parsed): string {
  const anchors = sharedAnchors(document);
  return anchors.length > 0 ? `; the document repeats ${anchors.map((anchor) => `&${anchor}`).join(', ')} by alias` : '';
}

function shown(value: JsonValue | undefined): string {
  if (value === undefined) return 'nothing';
  const text = isScalarValue(value) ? JSON.stringify(value) : inspect(value, { breakLength: Number.POSITIVE_INFINITY, depth: 4 });
  return isScalarValue(value) || text.length <= 80 ? text.slice(0, 200) : `${text.slice(0, 80)}...`;
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function refused(reason: string): YamlEditResult {
  return { status: 'refused', reason };
}
