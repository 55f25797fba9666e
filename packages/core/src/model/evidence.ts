import { z } from 'zod';
import { exactly } from './exactly.ts';

/** An observation quoted from a source, precise enough that a person can repeat it. */
export interface Evidence {
  readonly id: string;
  /** Name of the adapter that returned it, e.g. `prometheus`. */
  readonly source: string;
  /** The query as sent, so it can be run again. */
  readonly query: string;
  /** First and last instant covered. ISO 8601, UTC. */
  readonly interval: { readonly startsAt: string; readonly endsAt: string };
  /** What came back, redacted, at most 4 KiB of UTF-8. */
  readonly excerpt: string;
  /** SHA-256 of the excerpt, lower-case hex. */
  readonly digest: string;
}

export const EvidenceSchema: z.ZodType<Evidence> = exactly<Evidence>()(
  z.strictObject({
    id: z.string().min(1),
    source: z.string().min(1),
    query: z.string(),
    interval: z.strictObject({ startsAt: z.iso.datetime(), endsAt: z.iso.datetime() }),
    excerpt: z.string().max(4096),
    digest: z.string().regex(/^[0-9a-f]{64}$/),
  }),
);
