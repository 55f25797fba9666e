import { findAssignments } from './find-assignments.ts';
import { findColumns } from './find-columns.ts';
import { findSecretObjects } from './find-secret-objects.ts';
import { findEncoded, findShapes } from './find-shapes.ts';
import { findRandom, findTokens, longRuns } from './find-tokens.ts';
import { everywhere, type Hinted, nameHints } from './name-hints.ts';
import { senseOfName } from './secret-name.ts';
import type { Span } from './span.ts';
import { unfolded } from './unfold.ts';

/** Where a secret was found and what kind it looks like; never the secret itself. */
export interface Redaction {
  readonly kind: string;
  /** How many were removed. */
  readonly count: number;
}

/** Layers of base64 that are opened. */
const MAX_LAYERS = 3;
/**
 * Removes what looks like a secret from a text before it is logged, stored or sent: values that their names give away in any notation,
 * tokens by the form their issuers gave them, keys, passwords in addresses and commands, base64 of any of these, and what is random enough
 * to be nothing else. Best effort: a secret that reads like an ordinary word without a name beside it stays. Linear in the text's length.
 */
export function redact(text: string): string {
  return replaced(text, secretSpans(text));
}

/** What `redact` would remove, by kind; for reports that say so without showing it. */
export function findRedactions(text: string): readonly Redaction[] {
  const counts = Map.groupBy(secretSpans(text), (span) => span.kind);
  return [...counts].map(([kind, spans]) => ({ kind, count: spans.length }));
}

/** Stretches of a text that are secret, in order, none over another. */
export function secretSpans(text: string, layer = 0): readonly Span[] {
  return text.length < 5 ? [] : spansNear(text, nameHints(text), layer);
}

/** The same without looking first where a name may stand: slow, for proof that nothing is passed over. */
export function secretSpansEverywhere(text: string): readonly Span[] {
  return spansNear(text, everywhere(text), 0);
}

function spansNear(text: string, hinted: Hinted, layer: number): readonly Span[] {
  const runs = longRuns(text);
  const found = [
    ...findShapes(text),
    ...findTokens(text, runs),
    ...findAssignments(text, hinted),
    ...findColumns(text, hinted, senseOfName),
    ...(layer < MAX_LAYERS ? findEncoded(text, (plain) => isSecretText(plain, layer + 1)) : []),
    ...findRandom(text, runs),
    ...findSecretObjects(text),
    ...(layer < MAX_LAYERS ? findFolded(text, layer + 1) : []),
  ];
  return disjoint(found.filter((span) => !isMark(text, span)).map((span) => behindEscape(text, span)));
}

/** What is found once the text is read as people read it, at the place where it is written otherwise. */
function findFolded(text: string, layer: number): readonly Span[] {
  const plain = unfolded(text);
  if (plain === undefined) return [];
  const place = (offset: number) => plain.offsets[offset] as number;
  return secretSpans(plain.text, layer).map(({ from, to, kind }) => ({ from: place(from), to: place(to), kind }));
}

function isSecretText(plain: string, layer: number): boolean {
  return secretSpans(plain, layer).length > 0;
}

/** The letter of an escape (`\\n`) stays with its backslash, or what holds the text could no longer be read. */
function behindEscape(text: string, span: Span): Span {
  let slashes = 0;
  while (text[span.from - 1 - slashes] === '\\') slashes++;
  const isEscape = slashes % 2 === 1 && /[nrtbf"'/u]/.test(text[span.from] ?? '');
  return isEscape ? { ...span, from: span.from + (text[span.from] === 'u' ? 5 : 1) } : span;
}

/** What was removed before is not removed again: its mark may look like a value. */
function isMark(text: string, { from, to }: Span): boolean {
  const [start, around] = [Math.max(0, from - 48), text.slice(Math.max(0, from - 48), Math.min(to, from + 64) + 48)];
  for (const mark of around.matchAll(/\[redacted[\w -]{0,40}\]/g)) {
    if (start + mark.index <= from && start + mark.index + mark[0].length >= to) return true;
  }
  return false;
}

function disjoint(spans: readonly Span[]): readonly Span[] {
  const kept: Span[] = [];
  for (const span of [...spans].sort((a, b) => a.from - b.from || b.to - a.to)) {
    const last = kept.at(-1);
    if (last === undefined || span.from >= last.to) kept.push(span);
    else if (span.to > last.to) kept[kept.length - 1] = { ...last, to: span.to };
  }
  return kept;
}

function replaced(text: string, spans: readonly Span[]): string {
  let [result, at] = ['', 0];
  for (const { from, to, kind, quote = '' } of spans) {
    result += `${text.slice(at, from)}${quote}[redacted ${kind}]${quote}`;
    at = to;
  }
  return result + text.slice(at);
}
