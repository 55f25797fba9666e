import type { JsonValue } from '@tier0/core';
import { renderDoubleQuoted, renderLiteral, renderScalar, type YamlScalar } from './yaml-scalar.ts';
import type { YamlLayout } from './yaml-source.ts';

/** A value in block style: either on the key's own line, or as lines below it, indented against the key. */
export type BlockForm = { readonly inline: string } | { readonly header: string; readonly lines: readonly string[] };

/** Writes a value the way the file is laid out. */
export function renderBlock(value: JsonValue, layout: YamlLayout): BlockForm {
  if (isScalarValue(value)) return renderBlockScalar(value, layout);
  if (Array.isArray(value)) {
    if (value.length === 0) return { inline: '[]' };
    return { header: '', lines: indented(renderEntries(value as readonly JsonValue[], layout), layout.dashOffset) };
  }
  const record = value as Readonly<Record<string, JsonValue>>;
  if (Object.keys(record).length === 0) return { inline: '{}' };
  return { header: '', lines: indented(renderPairs(record, layout), layout.step) };
}

function renderBlockScalar(value: YamlScalar, layout: YamlLayout): BlockForm {
  const literal =
    typeof value === 'string' && !(layout.endsOpen && value.endsWith('\n')) ? renderLiteral(value, ' '.repeat(layout.step)) : undefined;
  const [header, ...lines] = literal ?? [];
  return header === undefined ? { inline: renderScalar(value, 'plain') } : { header, lines };
}

/** Lines of a map, one or more per key, not indented. */
export function renderPairs(record: Readonly<Record<string, JsonValue>>, layout: YamlLayout): readonly string[] {
  return Object.entries(record).flatMap(([key, value]) => {
    const form = renderBlock(value, layout);
    const name = renderScalar(key, 'plain');
    if ('inline' in form) return [`${name}: ${form.inline}`];
    return [form.header === '' ? `${name}:` : `${name}: ${form.header}`, ...form.lines];
  });
}

/** Lines of a list, one or more per entry, not indented. */
export function renderEntries(list: readonly JsonValue[], layout: YamlLayout): readonly string[] {
  return list.flatMap((entry) => {
    const [first = '', ...rest] = renderEntry(entry, layout);
    return [`- ${first}`, ...indented(rest, 2)];
  });
}

function renderEntry(entry: JsonValue, layout: YamlLayout): readonly string[] {
  const isFilled = !isScalarValue(entry) && Object.keys(entry).length > 0;
  if (isFilled) {
    return Array.isArray(entry)
      ? renderEntries(entry as readonly JsonValue[], layout)
      : renderPairs(entry as Readonly<Record<string, JsonValue>>, layout);
  }
  const form = renderBlock(entry, layout);
  return 'inline' in form ? [form.inline] : [form.header, ...form.lines];
}

/** Writes a value on one line, in flow style; `json` quotes keys and strings as JSON does. */
export function renderFlow(value: JsonValue, json: boolean): string {
  if (json) return JSON.stringify(value, null, 0).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
  if (isScalarValue(value)) return renderScalar(value, 'plain');
  if (Array.isArray(value)) return `[${value.map((entry) => renderFlow(entry as JsonValue, json)).join(', ')}]`;
  const pairs = Object.entries(value).map(([key, entry]) => `${renderScalar(key, 'plain')}: ${renderFlow(entry, json)}`);
  return `{${pairs.join(', ')}}`;
}

/** One `key: value` of a flow map; with `jsonColon`, what JSON puts between them, it is written as JSON. */
export function renderFlowPair(key: string, value: JsonValue, jsonColon: string | undefined): string {
  if (jsonColon !== undefined) return `${renderDoubleQuoted(key)}${jsonColon}${renderFlow(value, true)}`;
  return `${renderScalar(key, 'plain')}: ${renderFlow(value, false)}`;
}

export function isScalarValue(value: JsonValue): value is YamlScalar {
  return value === null || typeof value !== 'object';
}

/** Puts spaces before every line that is not empty. */
export function indented(lines: readonly string[], spaces: number): readonly string[] {
  return lines.map((line) => (line === '' ? '' : ' '.repeat(spaces) + line));
}
