import type { Coverage } from '@tier0/core';

/** Whether the rows say that everything of this kind was read, in this namespace. No row: not known. */
export function isComplete(coverage: readonly Coverage[], kind: string, namespace: string | undefined): boolean {
  const rows = coverageRows(coverage, kind, namespace);
  return rows.length > 0 && rows.every((row) => row.state === 'complete');
}

/** The rows that speak about a kind in a namespace; `*` speaks about every kind that no row of its own covers. */
export function coverageRows(coverage: readonly Coverage[], kind: string, namespace: string | undefined): readonly Coverage[] {
  const speaks = (row: Coverage) => row.namespace === undefined || namespace === undefined || row.namespace === namespace;
  const own = coverage.filter((row) => row.kind === kind && speaks(row));
  return own.length > 0 ? own : coverage.filter((row) => row.kind === '*' && speaks(row));
}
