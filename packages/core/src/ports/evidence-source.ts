import type { Evidence } from '../model/evidence.ts';
import type { Adapter, CallContext } from './adapter.ts';

/** A question that a source can answer and a person can ask again. */
export type EvidenceQuery =
  | {
      readonly kind: 'metrics';
      /** Metric name, e.g. `container_memory_working_set_bytes`. */
      readonly metric: string;
      /** Labels that must be equal. */
      readonly labels: Readonly<Record<string, string>>;
      /** Milliseconds since the epoch. */
      readonly fromMs: number;
      readonly toMs: number;
      /** Resolution asked for, milliseconds. A source may answer with its own samples. */
      readonly stepMs: number;
    }
  | {
      readonly kind: 'logs';
      readonly namespace: string;
      readonly pod: string;
      readonly container: string;
      /** The previous, crashed instance of the container. */
      readonly previous: boolean;
      /** Newest bytes kept at most. */
      readonly limitBytes: number;
    };

/** One time series: samples in ascending time, gaps are missing samples. */
export interface TimeSeries {
  readonly labels: Readonly<Record<string, string>>;
  /** `[milliseconds since the epoch, value]`. */
  readonly points: readonly (readonly [number, number])[];
}

/** What a source saw. No data and unavailable are different answers, and neither is zero. */
export type Observation =
  | { readonly state: 'observed'; readonly evidence: Evidence; readonly series: readonly TimeSeries[]; readonly lines: readonly string[] }
  | { readonly state: 'no-data'; readonly query: string }
  | { readonly state: 'unavailable'; readonly query: string; readonly reason: string };

/** Where metrics and logs come from. */
export interface EvidenceSource extends Adapter {
  /** Which kinds of query it answers. */
  readonly kinds: readonly EvidenceQuery['kind'][];
  /** Never throws for what the source does or does not hold; text is redacted before it is returned. */
  observe(query: EvidenceQuery, context: CallContext): Promise<Observation>;
}
