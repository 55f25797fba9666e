/** A piece of a text: what stands there as it is, a name that something fills in, or an expression that is not followed. */
export type TemplatePart =
  | { readonly literal: string }
  | {
      readonly name: string;
      /** As written. */
      readonly source: string;
      /** What is filled in where the name has no value. */
      readonly fallback?: string | undefined;
    }
  | { readonly unfollowed: string };

/** Value of a name; undefined: it has none. */
export type Lookup = (name: string) => string | undefined;

/**
 * Takes a text with Flux's `${name}`, `${name:=fallback}` and `${name:-fallback}` apart; `$${name}` is no reference, and what else bash
 * allows in braces is not followed.
 */
export function fluxParts(text: string): readonly TemplatePart[] {
  return partsOf(text, /\$\$\{|\$\{([^}]*)\}/g, ([all, inner]) => {
    if (inner === undefined) return { literal: '${' };
    const [, name, fallback] = /^([A-Za-z_]\w*)(?::[=-]([\s\S]*))?$/.exec(inner) ?? [];
    return name === undefined ? { unfollowed: all } : { name, source: all, ...(fallback === undefined ? {} : { fallback }) };
  });
}

/** Takes a text of an ApplicationSet's template apart: `{{name}}`, `{{path[1]}}`, or `{{ .name }}` and `{{ index .path.segments 1 }}` with goTemplate. */
export function applicationSetParts(text: string, goTemplate: boolean): readonly TemplatePart[] {
  return partsOf(text, /\{\{([\s\S]*?)\}\}/g, ([all, inner = '']) => {
    const name = goTemplate ? goName(inner.trim()) : /^\s*([\w.[\]/-]+)\s*$/.exec(inner)?.[1];
    return name === undefined ? { unfollowed: all } : { name, source: all };
  });
}

function goName(expression: string): string | undefined {
  const indexed = /^index\s+\.([\w.]+)\s+(\d+)$/.exec(expression);
  if (indexed) return `${indexed[1]}[${indexed[2]}]`;
  return /^\.([\w.]+)$/.exec(expression)?.[1];
}

function partsOf(text: string, pattern: RegExp, toPart: (match: RegExpExecArray) => TemplatePart): readonly TemplatePart[] {
  const parts: TemplatePart[] = [];
  let at = 0;
  for (const match of text.matchAll(pattern)) {
    parts.push({ literal: text.slice(at, match.index) }, toPart(match));
    at = match.index + match[0].length;
  }
  return [...parts, { literal: text.slice(at) }].filter((part) => !('literal' in part) || part.literal !== '');
}

/** Whether something is filled in. */
export function isTemplate(parts: readonly TemplatePart[]): boolean {
  return parts.some((part) => !('literal' in part));
}

/** The text with everything filled in, a name without value as `missing` says; undefined where it holds what is not followed. */
export function fill(parts: readonly TemplatePart[], lookup: Lookup, missing: string | undefined): string | undefined {
  const pieces = parts.map((part) => ('literal' in part ? part.literal : 'name' in part ? (filled(part, lookup) ?? missing) : undefined));
  return pieces.includes(undefined) ? undefined : pieces.join('');
}

function filled(part: { readonly name: string; readonly fallback?: string | undefined }, lookup: Lookup): string | undefined {
  const value = lookup(part.name);
  return part.fallback !== undefined && (value === undefined || value === '') ? part.fallback : value;
}

/** One name, and the value that makes the text what is wanted while every other name keeps its own. Undefined where none or several do. */
export function solve(
  parts: readonly TemplatePart[],
  lookup: Lookup,
  wanted: string,
): { readonly name: string; readonly value: string } | undefined {
  const names = [...new Set(parts.flatMap((part) => ('name' in part ? [part.name] : [])))];
  const solutions = names.flatMap((name) => {
    const value = valueFor(name, parts, lookup, wanted);
    return value === undefined || value === '' ? [] : [{ name, value }];
  });
  return solutions.length === 1 ? solutions[0] : undefined;
}

function valueFor(name: string, parts: readonly TemplatePart[], lookup: Lookup, wanted: string): string | undefined {
  const first = parts.findIndex((part) => 'name' in part && part.name === name);
  const before = fill(parts.slice(0, first), lookup, '');
  const after = parts.slice(first + 1);
  const isOnce = !after.some((part) => 'name' in part && part.name === name);
  const rest = fill(after, lookup, '');
  if (!isOnce || before === undefined || rest === undefined) return undefined;
  const fits = wanted.startsWith(before) && wanted.endsWith(rest) && wanted.length >= before.length + rest.length;
  return fits ? wanted.slice(before.length, wanted.length - rest.length) : undefined;
}
