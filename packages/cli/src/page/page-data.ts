import type { AuditRecord, AuditVerdict, IncidentEntry, IncidentState } from '@tier0/core';

/** Where memory can be expected at one moment, bytes. */
export interface BandPoint {
  readonly atMs: number;
  readonly low: number;
  readonly middle: number;
  readonly high: number;
}

/** Memory of one pod: its samples in bytes, and where they were seen heading. */
export interface PodMemorySeries {
  readonly pod: string;
  readonly points: readonly (readonly [number, number])[];
  readonly band: readonly BandPoint[];
  readonly limitBytes: number;
}

export interface GraphNode {
  readonly id: string;
  readonly kind: string;
  readonly name: string;
  /** Relations from the subject; 0 is the subject. */
  readonly distance: number;
}

export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  readonly type: string;
}

/** Everything the incident page shows. */
export interface IncidentPageData {
  readonly title: string;
  /** One sentence on what here is real and how fast the clock ran. */
  readonly note: string;
  readonly state: IncidentState;
  readonly entries: readonly IncidentEntry[];
  /** Seconds of this clock in one real second. */
  readonly clockSpeed: number;
  /** Real seconds from the start of watching to the alert. */
  readonly detectSeconds?: number | undefined;
  readonly container?: string | undefined;
  readonly memory: readonly PodMemorySeries[];
  readonly graph: { readonly nodes: readonly GraphNode[]; readonly edges: readonly GraphEdge[] };
  readonly audit: { readonly records: readonly AuditRecord[]; readonly verdict: AuditVerdict };
}
