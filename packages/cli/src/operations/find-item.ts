import { type CmdbReader, type ConfigurationItem, formatItemId, Tier0Error } from '@tier0/core';
import { didYouMean } from '../commands/did-you-mean.ts';
import { itemsNamed, parseItemName } from '../world/item-name.ts';

/** A graph that is asked about one moment. */
export interface Graph {
  /** At the asked moment. */
  readonly reader: CmdbReader;
  /** At the newest moment. Default: the asked one. */
  readonly newest?: CmdbReader | undefined;
}

/** What a person wrote to mean an item. */
export interface ItemWish {
  /** An id, a name (`deploy/shop/web`, `Deployment shop/web`), or a query that one item matches (`kind:Deployment name:web`). */
  readonly item: string;
  /** Namespace of an item that does not say one. */
  readonly namespace?: string | undefined;
  /** Puts an item's name into what is to be written next. Default: the name in quotes. */
  readonly example?: ((item: string) => string) | undefined;
}

/** Candidates that are listed where a name means several items. */
const SHOWN = 10;

/** The id of the one item that is meant. Throws INVALID_INPUT where several may be, NOT_FOUND where none is. */
export function findItem({ reader, newest = reader }: Graph, wish: ItemWish): string {
  const { item: text } = wish;
  // A snapshot knows its items since it was read, and their changes from long before.
  if (reader.get(text).state === 'found' || newest.get(text).state === 'found') return text;
  const now = matchesOf(reader, wish);
  const found = now.length > 0 ? now : matchesOf(newest, wish);
  const [first] = found;
  if (first === undefined) throw notFound(reader, text);
  if (found.length === 1) return first.id;
  throw ambiguous(found, wish);
}

function matchesOf(reader: CmdbReader, { item: text, namespace }: ItemWish): readonly ConfigurationItem[] {
  const name = parseItemName(text);
  const named = name === undefined ? [] : itemsNamed(reader, { ...name, namespace: name.namespace ?? namespace });
  return named.length > 0 ? named : reader.query(text);
}

function ambiguous(found: readonly ConfigurationItem[], { item: text, example = inQuotes }: ItemWish): Tier0Error {
  const shown = found.slice(0, SHOWN).map(({ id }) => `  ${formatItemId(id)}  ${id}`);
  return new Tier0Error({
    code: 'INVALID_INPUT',
    message: `"${text}" may be ${found.length} items:\n${shown.join('\n')}${found.length > SHOWN ? '\n  ...' : ''}`,
    hint: `Name one of them, e.g. ${example(formatItemId(found[0]?.id ?? ''))}`,
  });
}

function inQuotes(item: string): string {
  return `"${item}"`;
}

function notFound(reader: CmdbReader, text: string): Tier0Error {
  return new Tier0Error({
    code: 'NOT_FOUND',
    message: `No item matches "${text.slice(0, 200)}" at ${reader.at}.`,
    hint: `${nearItem(reader, text)}Write it like deploy/shop/web, or try a part of its name, or another moment.`,
  });
}

/** The item whose name is nearest to what was written, as a question. */
function nearItem(reader: CmdbReader, text: string): string {
  const wanted = parseItemName(text);
  const known = reader.items({}).items.map(({ id }) => formatItemId(id));
  const place = wanted?.namespace === undefined || wanted.namespace === '-' ? '' : `${wanted.namespace}/`;
  return didYouMean(wanted === undefined ? text : `${wanted.kind} ${place}${wanted.name}`, known);
}
