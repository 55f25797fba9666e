import type { Scalar } from 'yaml';
import { renderLiteral, renderScalar, type YamlScalar } from './yaml-scalar.ts';
import { contentEnd } from './yaml-source.ts';
import type { Page, Splice } from './yaml-splice.ts';

/** Puts another value where a text written with `|` or `>` stands; its indentation and the comment of its first line stay. */
export function spliceBlockScalar(page: Page, node: Scalar, value: YamlScalar): Splice {
  const [start = 0] = node.range ?? [];
  const end = contentEnd(page.text, node);
  const [header = '', ...lines] = page.text.slice(start, end).split(/\r?\n/);
  const comment = header.replace(/^[|>][-+\d]*/, '').trimEnd();
  const isRisky = page.layout.endsOpen && typeof value === 'string' && value.endsWith('\n');
  const rendered = typeof value === 'string' && !isRisky ? renderLike(header, lines, node, value) : undefined;
  const [first, ...rest] = rendered ?? [renderScalar(value, 'plain')];
  return { start, end, text: [`${first}${comment}`, ...rest].join(page.layout.lineBreak) };
}

function renderLike(header: string, lines: readonly string[], node: Scalar, value: string): readonly string[] | undefined {
  const filled = lines.find((line) => line.trim() !== '');
  if (filled === undefined) return undefined;
  const indicator = /^[|>][-+]?(\d)?/.exec(header)?.[1] ?? '';
  const own = indicator === '' ? 0 : leadingSpaces(String(node.value).replace(/^\n+/, ''));
  const indent = ' '.repeat(leadingSpaces(filled) - own);
  return indent === '' ? undefined : renderLiteral(value, indent, indicator);
}

function leadingSpaces(text: string): number {
  return /^ */.exec(text)?.[0].length ?? 0;
}
