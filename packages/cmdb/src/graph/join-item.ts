import type { ConfigurationItem } from '@tier0/core';
import { compareText } from './compare-text.ts';
import type { Moment, Statement } from './engine/moment.ts';
import { isComplete } from './scope-coverage.ts';

/** The item of a node as all its slices together state it: the most trusted is believed first. Undefined where none states it. */
export function joinedItem(moment: Moment, node: number): ConfigurationItem | undefined {
  const [first, ...others] = moment.statements(node).map((statement) => freshItem(moment, node, statement));
  return first && others.reduce(joinItems, first);
}

/** The item as one slice states it, with the newest instant at which the slice is known to have confirmed it. */
export function freshItem(moment: Moment, node: number, statement: Statement): ConfigurationItem {
  const item = moment.statedItem(node, statement);
  const confirmedAt = confirmation(moment, item, statement);
  if (confirmedAt === undefined || confirmedAt <= item.observedAt) return item;
  const sources = item.sources.map((source) => (source.observedAt === item.observedAt ? { ...source, observedAt: confirmedAt } : source));
  return { ...item, sources, observedAt: confirmedAt };
}

/** A complete snapshot confirms all that it did not take back. */
function confirmation(moment: Moment, item: ConfigurationItem, { slice }: Statement): string | undefined {
  const entry = moment.coverage(slice);
  if (entry?.contract !== 'snapshot') return undefined;
  const { namespace } = item.columns;
  if (!isComplete(entry.coverage, item.kind, typeof namespace === 'string' ? namespace : undefined)) return undefined;
  return new Date(Math.min(entry.confirmedMs, moment.validAt)).toISOString();
}

function joinItems(first: ConfigurationItem, second: ConfigurationItem): ConfigurationItem {
  const schemes = new Set(first.identifiers.map((identifier) => identifier.scheme));
  return {
    ...first,
    columns: { ...second.columns, ...first.columns },
    identifiers: [...first.identifiers, ...second.identifiers.filter((identifier) => !schemes.has(identifier.scheme))],
    sources: [...first.sources, ...second.sources],
    observedAt: compareText(first.observedAt, second.observedAt) > 0 ? first.observedAt : second.observedAt,
  };
}
