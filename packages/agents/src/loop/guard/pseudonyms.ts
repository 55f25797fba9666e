import type { JsonValue, LanguageModel, ModelEvent, ModelMessage, ModelRequest } from '@tier0/core';

/** Hides names in what leaves and puts them back in what returns. One for a conversation: the same name always gets the same pseudonym. */
export interface Pseudonyms {
  /** The text with a pseudonym for each known name. */
  hide(text: string): string;
  /** Puts the names back that `hide` took out. */
  reveal(text: string): string;
  /** How many names are hidden. */
  readonly size: number;
}

/** What is hidden beside addresses, which are found by their look. */
export interface PseudonymOptions {
  /** Names of items, namespaces, nodes, teams, people: whatever must not leave. */
  readonly names: Iterable<string>;
}

const SHAPES: readonly (readonly [kind: string, pattern: RegExp])[] = [
  ['taken', /\bhidden-(?:taken|mail|host|ip|name)-\d+\b/g],
  ['mail', /[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}/g],
  ['ip', /\b(?:\d{1,3}\.){3}\d{1,3}\b/g],
  ['ip', /(?<![\w:.])(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}(?![\w:])|(?<![\w:.])(?:[0-9a-f]{1,4}:){1,6}(?::[0-9a-f]{1,4}){1,6}(?![\w:])/gi],
  [
    'host',
    /\b(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,8}(?:com|net|org|io|dev|app|cloud|local|internal|svc|corp|lan|example|test)\b/gi,
  ],
];

/** A vault of pseudonyms. */
export function createPseudonyms({ names }: PseudonymOptions): Pseudonyms {
  const known = new Set([...names].map((name) => name.toLowerCase()).filter((name) => name.length > 1));
  const longest = [...known].reduce((most, name) => Math.max(most, segmentsOf(name).length), 1);
  const hidden = new Map<string, string>();
  const real = new Map<string, string>();
  const pseudonymOf = (text: string, kind: string): string => {
    const made = hidden.get(text) ?? `hidden-${kind}-${hidden.size + 1}`;
    hidden.set(text, made);
    real.set(made, text);
    return made;
  };
  const hideNames = (text: string) => replaceNames(text, { known, longest, pseudonymOf });
  return {
    hide: (text) => hideShapes(text, 0, { pseudonymOf, hideNames }),
    reveal: (text) => text.replace(/hidden-[a-z]+-\d+/g, (made) => real.get(made) ?? made),
    get size() {
      return hidden.size;
    },
  };
}

type PseudonymOf = (text: string, kind: string) => string;

/** Shape after shape; what stands between matches goes on to the next, so that no pseudonym is read again. */
function hideShapes(
  text: string,
  shape: number,
  tools: { readonly pseudonymOf: PseudonymOf; readonly hideNames: (text: string) => string },
): string {
  const next = SHAPES[shape];
  if (!next) return tools.hideNames(text);
  const [kind, pattern] = next;
  let out = '';
  let from = 0;
  for (const match of text.matchAll(pattern)) {
    out += hideShapes(text.slice(from, match.index), shape + 1, tools) + tools.pseudonymOf(match[0], kind);
    from = match.index + match[0].length;
  }
  return out + hideShapes(text.slice(from), shape + 1, tools);
}

function segmentsOf(text: string): readonly string[] {
  return text.match(/[\p{L}\p{N}]+|[^\p{L}\p{N}]+/gu) ?? [];
}

interface NameTools {
  readonly known: ReadonlySet<string>;
  /** Segments of the longest name. */
  readonly longest: number;
  readonly pseudonymOf: PseudonymOf;
}

/** The longest known name at each place; a name inside a longer word is part of that word and stays. */
function replaceNames(text: string, { known, longest, pseudonymOf }: NameTools): string {
  const segments = segmentsOf(text);
  const out: string[] = [];
  for (let at = 0; at < segments.length; ) {
    const length = matchLength(segments, at, { known, longest });
    if (length > 0) out.push(pseudonymOf(segments.slice(at, at + length).join(''), 'name'));
    else out.push(segments[at] as string);
    at += Math.max(1, length);
  }
  return out.join('');
}

function matchLength(segments: readonly string[], at: number, { known, longest }: Omit<NameTools, 'pseudonymOf'>): number {
  for (let length = Math.min(longest, segments.length - at); length > 0; length--) {
    if (
      known.has(
        segments
          .slice(at, at + length)
          .join('')
          .toLowerCase(),
      )
    )
      return length;
  }
  return 0;
}

/** A model that never sees a real name. What it says comes back with the real ones, calls included. */
export function withPseudonyms(model: LanguageModel, pseudonyms: Pseudonyms): LanguageModel {
  return {
    ...model,
    generate: (request, context) => revealed(model.generate(hideRequest(request, pseudonyms), context), pseudonyms),
  };
}

function hideRequest(request: ModelRequest, pseudonyms: Pseudonyms): ModelRequest {
  return { ...request, messages: request.messages.map((message) => hideMessage(message, pseudonyms)) };
}

/** What the provider said itself holds pseudonyms already and goes back unchanged. */
function hideMessage(message: ModelMessage, { hide }: Pseudonyms): ModelMessage {
  if (message.role === 'tool') return { ...message, results: message.results.map((one) => ({ ...one, text: hide(one.text) })) };
  if (message.role !== 'assistant') return { ...message, content: hide(message.content) };
  const parts = message.parts.map((part) =>
    part.type === 'tool-call'
      ? { ...part, call: { ...part.call, arguments: mapStrings(part.call.arguments, hide) } }
      : { ...part, text: hide(part.text) },
  );
  return { ...message, parts };
}

function mapStrings(value: JsonValue, change: (text: string) => string): JsonValue {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((one: JsonValue) => mapStrings(one, change));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [change(key), mapStrings(one, change)]));
}

/** Text comes in pieces: what may be the beginning of a pseudonym waits for the next piece. */
async function* revealed(events: AsyncIterable<ModelEvent>, { reveal }: Pseudonyms): AsyncGenerator<ModelEvent> {
  const held = { text: '', reasoning: '' };
  const flush = function* (): Generator<ModelEvent> {
    for (const type of ['reasoning', 'text'] as const) {
      if (held[type] !== '') yield { type, text: reveal(held[type]) };
      held[type] = '';
    }
  };
  for await (const event of events) {
    if (event.type === 'text' || event.type === 'reasoning') {
      const all = held[event.type] + event.text;
      const cut = all.length - (/h(?:i(?:d(?:d(?:e(?:n(?:-(?:[a-z]*(?:-\d*)?)?)?)?)?)?)?)?$/.exec(all)?.[0].length ?? 0);
      held[event.type] = all.slice(cut);
      if (cut > 0) yield { type: event.type, text: reveal(all.slice(0, cut)) };
      continue;
    }
    yield* flush();
    if (event.type === 'tool-call')
      yield { type: 'tool-call', call: { ...event.call, arguments: mapStrings(event.call.arguments, reveal) } };
    else yield event;
  }
  yield* flush();
}
