/** How large a value from outside may be. */
export interface JsonLimits {
  /** Lists and maps inside each other. Default 200: the schemas of custom resources reach about 60. */
  readonly depth?: number | undefined;
  /** Keys of one map. Default 10,000: what etcd stores of one object, 1.5 MiB, holds fewer that mean anything. */
  readonly keys?: number | undefined;
  /** Entries of one list. Default 20,000. */
  readonly entries?: number | undefined;
  /** Values of every sort, counted as often as they stand there. Default 1,000,000. */
  readonly values?: number | undefined;
  /** UTF-16 units of all texts together. Default 64 Mi. */
  readonly text?: number | undefined;
}

const DEFAULTS = { depth: 200, keys: 10_000, entries: 20_000, values: 1_000_000, text: 64 * 1024 * 1024 };
/** What one Kubernetes object may be: etcd takes 1.5 MiB by default, and 8 MiB where somebody raised it. */
export const OBJECT_LIMITS: JsonLimits = { values: 250_000, text: 8 * 1024 * 1024 };

/**
 * Why a value is too large to be worked on; undefined when it is not. Takes no stack, so depth cannot end it, and a value that holds itself
 * is too deep. Linear in the values allowed, not in those there are.
 */
export function whyTooLarge(value: unknown, limits: JsonLimits = {}): string | undefined {
  const most = { ...DEFAULTS, ...limits };
  return isWithin(value, most) ? undefined : whyBeyond(value, most);
}

type Limits = Readonly<typeof DEFAULTS>;

/** Deeper values are looked at level by level: a stack holds this many calls anywhere. */
const MAX_STACK = 200;

/** Whether a value keeps every limit: one walk that makes nothing, since nearly everything does. */
function isWithin(value: unknown, { depth, keys, entries, values, text }: Limits): boolean {
  let [seen, units] = [1, 0];
  const holds = (part: unknown, left: number): boolean => {
    if (typeof part === 'string') units += part.length;
    if (typeof part !== 'object' || part === null) return true;
    if (left === 0 || seen > values || units > text) return false;
    if (Array.isArray(part)) {
      seen += part.length;
      if (part.length > entries) return false;
      for (let at = 0; at < part.length; at++) if (!holds(part[at], left - 1)) return false;
      return true;
    }
    let count = 0;
    for (const key in part) {
      units += key.length;
      if (++count > keys || !holds((part as Readonly<Record<string, unknown>>)[key], left - 1)) return false;
    }
    seen += count;
    return true;
  };
  return holds(value, depth < MAX_STACK ? depth : MAX_STACK) && seen <= values && units <= text;
}

/** The first limit that a value does not keep, level by level; undefined where it keeps all. */
function whyBeyond(value: unknown, { depth, keys, entries, values, text }: Limits): string | undefined {
  let level: unknown[] = [value];
  let [seen, units] = [0, 0];
  for (let deep = 0; level.length > 0; deep++) {
    if (deep > depth) return `it is nested deeper than ${depth} levels`;
    const next: unknown[] = [];
    for (const one of level) {
      if (++seen > values) return `it holds more than ${values} values`;
      if (typeof one === 'string') units += one.length;
      if (typeof one !== 'object' || one === null) continue;
      const parts = Array.isArray(one) ? one : Object.values(one);
      if (Array.isArray(one) && parts.length > entries) return `a list in it has more than ${entries} entries`;
      if (!Array.isArray(one) && parts.length > keys) return `a map in it has more than ${keys} keys`;
      if (!Array.isArray(one)) for (const key in one) units += key.length;
      if (seen + next.length + parts.length > values) return `it holds more than ${values} values`;
      for (const part of parts) next.push(part);
    }
    if (units > text) return `its texts are longer than ${text} characters`;
    level = next;
  }
  return undefined;
}
