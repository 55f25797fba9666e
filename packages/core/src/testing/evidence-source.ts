import { describe, expect, test } from 'vitest';
import { EvidenceSchema } from '../model/evidence.ts';
import type { EvidenceQuery, EvidenceSource } from '../ports/evidence-source.ts';
import { testContext } from './call-context.ts';

/** A source to be judged, with a question it is able to answer. */
export interface EvidenceSourceCase {
  readonly source: EvidenceSource;
  /** A query that the source can answer. */
  readonly answerable: EvidenceQuery;
}

/** The contract of every evidence source. */
export function describeEvidenceSource(name: string, make: () => EvidenceSourceCase | Promise<EvidenceSourceCase>): void {
  describe(`${name} is an evidence source`, () => {
    test('what it saw is valid evidence, with samples in ascending time', async () => {
      const { source, answerable } = await make();
      const observation = await source.observe(answerable, testContext());
      if (observation.state !== 'observed') throw new Error(`not observed: ${JSON.stringify(observation)}`);
      expect(EvidenceSchema.parse(observation.evidence)).toEqual(observation.evidence);
      for (const { points } of observation.series) {
        expect(points).toEqual([...points].sort((a, b) => a[0] - b[0]));
        expect(points.every(([at, value]) => Number.isFinite(at) && Number.isFinite(value))).toBe(true);
      }
      await source.close?.();
    });

    test('what it does not hold is no data or unavailable, never an error and never zero', async () => {
      const { source } = await make();
      for (const query of [unknownMetric, unknownLog]) {
        const observation = await source.observe(query, testContext());
        expect(['no-data', 'unavailable']).toContain(observation.state);
      }
      await source.close?.();
    });

    test('it answers the kind of query it says it answers', async () => {
      const { source, answerable } = await make();
      expect(source.kinds).toContain(answerable.kind);
      await source.close?.();
    });
  });
}

const unknownMetric: EvidenceQuery = { kind: 'metrics', metric: 'no_such_metric', labels: {}, fromMs: 0, toMs: 1, stepMs: 1 };
const unknownLog: EvidenceQuery = { kind: 'logs', namespace: 'none', pod: 'none', container: 'none', previous: false, limitBytes: 100 };
