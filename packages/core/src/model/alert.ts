import { z } from 'zod';
import { type Evidence, EvidenceSchema } from './evidence.ts';
import { exactly } from './exactly.ts';
import { type Severity, SeveritySchema } from './severity.ts';

/** Something watched says: look here (Alertmanager alert). */
export interface Alert {
  /** Stable hash of the identifying labels; the same condition keeps it across notifications. */
  readonly fingerprint: string;
  /** Labels as Alertmanager has them; `alertname` is always there. */
  readonly labels: Readonly<Record<string, string>>;
  /** One sentence for a person. */
  readonly summary: string;
  readonly severity: Severity;
  /** Item id the alert is about, when its source could tell. */
  readonly item?: string | undefined;
  /** ISO 8601, UTC. */
  readonly startsAt: string;
  /** Absent while firing. ISO 8601, UTC. */
  readonly endsAt?: string | undefined;
  /** What the detector saw. */
  readonly evidence: readonly Evidence[];
  /** Adapter or detector that raised it. */
  readonly source: string;
}

export const AlertSchema: z.ZodType<Alert> = exactly<Alert>()(
  z.strictObject({
    fingerprint: z.string().min(1),
    labels: z.record(z.string(), z.string()),
    summary: z.string(),
    severity: SeveritySchema,
    item: z.string().optional(),
    startsAt: z.iso.datetime(),
    endsAt: z.iso.datetime().optional(),
    evidence: z.array(EvidenceSchema),
    source: z.string().min(1),
  }),
);
