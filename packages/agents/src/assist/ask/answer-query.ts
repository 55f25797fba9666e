import type { CmdbReader, ConfigurationItem } from '@tier0/core';
import type { GraphQuery } from './graph-query.ts';

/** What the graph says, with the items it rests on. `unknown`: what was asked was not read completely, so nothing is said of it. */
export type GraphAnswer =
  | {
      readonly state: 'answered';
      readonly at: string;
      readonly text: string;
      readonly values: readonly string[];
      readonly cites: readonly string[];
    }
  | { readonly state: 'unknown'; readonly why: string }
  | { readonly state: 'unclear'; readonly why: string };

type Which = Extract<GraphQuery, { ask: 'list' }>['items'];

/** Answers exactly what the query says. No model takes part. `mayRead`: what the caller may know of. */
export function answerQuery(query: GraphQuery, reader: CmdbReader, mayRead: (id: string) => boolean = () => true): GraphAnswer {
  if (query.ask === 'unclear') return { state: 'unclear', why: query.why };
  const gap = gapIn(reader, query.items);
  if (gap) return { state: 'unknown', why: gap };
  const items = findItems(reader, query.items).filter(({ id }) => mayRead(id));
  if (query.ask === 'list')
    return answered(
      reader,
      items.map(({ id }) => id),
      items,
    );
  if (query.ask === 'count') return answered(reader, [String(items.length)], items);
  const [item, ...others] = items;
  if (!item) return answered(reader, [], []);
  if (others.length > 0 && query.ask !== 'column')
    return {
      state: 'unclear',
      why: `${items.length} items fit: ${items
        .slice(0, 5)
        .map(({ id }) => id)
        .join(', ')}`,
    };
  return answerAbout(query, reader, items, mayRead);
}

type About = Extract<GraphQuery, { ask: 'owner' | 'impact' | 'changes' | 'column' }>;

function answerAbout(query: About, reader: CmdbReader, items: readonly ConfigurationItem[], mayRead: (id: string) => boolean): GraphAnswer {
  const { id } = items[0] as ConfigurationItem;
  switch (query.ask) {
    case 'owner': {
      const owner = reader.owner(id);
      return owner?.path.every(mayRead) ? answered(reader, [owner.team], items, owner.path) : answered(reader, [], items);
    }
    case 'impact': {
      const reached = reader.impact(id, { direction: query.direction, limit: 10_000 }).items.filter(({ path }) => path.every(mayRead));
      const wanted = reached.filter(({ item }) => query.kind === undefined || kindOf(reader, item) === query.kind);
      return answered(
        reader,
        wanted.map(({ item }) => item),
        items,
        wanted.map(({ item }) => item),
      );
    }
    case 'changes': {
      const changes = reader.whatChanged(id, { windowMs: query.hours * 3_600_000, hops: 2 }).filter(({ change }) => mayRead(change.item));
      return answered(
        reader,
        changes.map(({ change }) => `${change.at} ${change.item}`),
        items,
        changes.map(({ change }) => change.item),
      );
    }
    case 'column': {
      const values = items.flatMap(({ columns }) => (columns[query.column] === undefined ? [] : [String(columns[query.column])]));
      return answered(reader, [...new Set(values)], items);
    }
  }
}

function kindOf(reader: CmdbReader, id: string): string | undefined {
  const found = reader.get(id);
  return found.state === 'found' ? found.item.kind : undefined;
}

function answered(
  reader: CmdbReader,
  values: readonly string[],
  items: readonly ConfigurationItem[],
  more: readonly string[] = [],
): GraphAnswer {
  const cites = [...new Set([...items.map(({ id }) => id), ...more])];
  return { state: 'answered', at: reader.at, text: values.length === 0 ? 'none' : values.join('\n'), values, cites };
}

function findItems(reader: CmdbReader, { kind, name, namespace, label }: Which): readonly ConfigurationItem[] {
  const [key = '', value = ''] = label?.split('=') ?? [];
  return reader.items({ kind, name }).items.filter((item) => {
    const isThere = namespace === undefined || item.scope === namespace || item.scope.endsWith(`/${namespace}`);
    return isThere && (label === undefined || String(item.columns[`label:${key}`] ?? '') === value);
  });
}

/** Absent is only said of what was read completely. */
function gapIn(reader: CmdbReader, { kind }: Which): string | undefined {
  if (kind === undefined) return undefined;
  const gaps = reader.items({ kind }).coverage.filter(({ state }) => state === 'forbidden' || state === 'failed');
  return gaps.length === 0 ? undefined : `${kind} could not be read completely: ${gaps[0]?.reason ?? gaps[0]?.state}`;
}
