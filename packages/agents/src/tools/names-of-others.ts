import { type CmdbReader, parseKubernetesItemId } from '@tier0/core';

/** Takes names out of texts that the reader of the text may not know. */
export interface NamesOfOthers {
  /** The text with each such name replaced. What stands around it is kept: it may be the reader's own. */
  withhold(text: string): string;
}

const KNOWN = new WeakMap<CmdbReader, WeakMap<(item: string) => boolean, NamesOfOthers>>();

/** What a name in a text is replaced with. */
const WITHHELD = '[withheld]';

/**
 * Names of namespaces and of what stands in them, where the caller may read none that is called so. Things of the cluster as a whole (nodes,
 * classes) belong to nobody and are not withheld. A name that is also the caller's own tells nothing and stays.
 */
export function namesOfOthers(reader: CmdbReader, mayRead: (item: string) => boolean): NamesOfOthers {
  const ofReader = KNOWN.get(reader) ?? new WeakMap<(item: string) => boolean, NamesOfOthers>();
  KNOWN.set(reader, ofReader);
  const known = ofReader.get(mayRead) ?? createNames(reader, mayRead);
  ofReader.set(mayRead, known);
  return known;
}

function createNames(reader: CmdbReader, mayRead: (item: string) => boolean): NamesOfOthers {
  const others = new Set<string>();
  const own = new Set<string>();
  for (const { id, name } of reader.items({}).items) {
    const identity = parseKubernetesItemId(id);
    if (identity && identity.namespace === undefined && identity.kind !== 'Namespace') continue;
    const into = mayRead(id) ? own : others;
    into.add((identity?.name ?? name).toLowerCase());
    if (identity?.namespace !== undefined) into.add(identity.namespace.toLowerCase());
  }
  const isOthers = (word: string) => others.has(word) && !own.has(word);
  return { withhold: (text) => text.replace(/[\w][\w.-]*/g, (word) => withheldIn(word, isOthers)) };
}

/** Names stand alone, between dots (`db.team-b.svc`), and at the beginning of names made from them (`web-7d4b9-x2x9p`). */
function withheldIn(word: string, isOthers: (word: string) => boolean): string {
  if (isOthers(word.toLowerCase())) return WITHHELD;
  return word
    .split('.')
    .map((part) => (beginnings(part.toLowerCase()).some(isOthers) ? WITHHELD : part))
    .join('.');
}

function beginnings(part: string): readonly string[] {
  const pieces = part.split('-');
  return pieces.map((_, index) => pieces.slice(0, index + 1).join('-'));
}
