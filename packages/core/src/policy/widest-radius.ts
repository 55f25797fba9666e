import { affectedWorkloads, type BlastRadius } from '../model/blast-radius.ts';
import type { Remedy } from '../model/remedy.ts';
import type { CmdbReader } from '../ports/cmdb-reader.ts';

/** What a remedy can reach: of its subject and the items it edits, the radius with the most workloads; one that could not be walked to its end first. */
export function widestRadius({ subject, edits }: Pick<Remedy, 'subject' | 'edits'>, reader: Pick<CmdbReader, 'impact'>): BlastRadius {
  const items = [...new Set([subject, ...edits.map(({ item }) => item)])];
  const widest = (a: BlastRadius, b: BlastRadius) => (isWider(b, a) ? b : a);
  return items.map((item) => reader.impact(item)).reduce(widest);
}

function isWider(one: BlastRadius, other: BlastRadius): boolean {
  if (one.truncated !== other.truncated) return one.truncated;
  return affectedWorkloads(one).length > affectedWorkloads(other).length;
}
