import type { Span } from './span.ts';

const KIND = /\\*["']?\bkind\\*["']?:\s{0,4}\\*["']?(\w+)/g;
const JSON_DATA = /\\*"(?:data|stringData)\\*":\s{0,4}\{((?:\s{0,40}\\*"[\w.-]{1,253}\\*":\s{0,4}\\*"[^"\\]{0,16384}\\*",?){1,200})/g;
const JSON_VALUE = /\\*"[\w.-]{1,253}\\*":\s{0,4}\\*"([^"\\]{1,16384})/g;
const YAML_DATA = /^([ \t+-]{0,40})(?:data|stringData):[ \t]*\n((?:\1[ \t]+[^\n]{1,16384}\n?){1,200})/gm;
const YAML_VALUE = /^[ \t+-]+["']?[\w.-]{1,253}["']?:[ \t]{1,4}["']?([^\s"'|>#][^\n"']{0,16384}?)["']?[ \t]*$/gm;

/** The values of a Secret that was printed: nothing in its names need tell, its kind does. */
export function findSecretObjects(text: string): readonly Span[] {
  if (!/\bkind\\*["']?:\s{0,4}\\*["']?Secret\b/.test(text) || !/ata\\*["']?:/.test(text)) return [];
  const kinds = [...text.matchAll(KIND)].map((match) => ({ at: match.index, isSecret: match[1] === 'Secret' }));
  const isOfSecret = (at: number) => nearest(text, kinds, at);
  return [
    ...[...text.matchAll(JSON_DATA)]
      .filter(({ index }) => isOfSecret(index))
      .flatMap((block) => valuesIn(block, block[1] as string, JSON_VALUE)),
    ...[...text.matchAll(YAML_DATA)]
      .filter(({ index }) => isOfSecret(index))
      .flatMap((block) => valuesIn(block, block[2] as string, YAML_VALUE)),
  ];
}

/** An object names its kind before its data or right after it; between two objects stands `apiVersion`, or a line of dashes. */
function nearest(text: string, kinds: readonly { readonly at: number; readonly isSecret: boolean }[], at: number): boolean {
  const before = kinds.findLast((kind) => kind.at < at);
  const after = kinds.find((kind) => kind.at > at);
  if (before?.isSecret && !/\n---/.test(text.slice(before.at, at))) return true;
  return after?.isSecret === true && !/apiVersion|\n---/.test(text.slice(at, after.at));
}

function valuesIn(block: RegExpExecArray, inner: string, value: RegExp): readonly Span[] {
  const start = block.index + block[0].length - inner.length;
  return [...inner.matchAll(value)].map((match) => {
    const from = start + match.index + match[0].indexOf(match[1] as string, match[0].indexOf(':'));
    return { from, to: from + (match[1] as string).length, kind: 'secret' };
  });
}
