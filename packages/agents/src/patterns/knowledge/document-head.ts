import { z } from 'zod';
import { KNOWLEDGE_KINDS, type KnowledgeDocument, type KnowledgeKind } from './document.ts';

/** What is known of a document without reading it. */
export interface DocumentHead {
  readonly id: string;
  readonly kind: KnowledgeKind;
  readonly title: string;
  readonly team?: string | undefined;
  readonly source: string;
  readonly root: string;
  readonly path: string;
  readonly digest: string;
  /** ISO 8601, UTC. */
  readonly changedAt?: string | undefined;
  /** ISO 8601, UTC: when it should have been looked at again, where it says so. */
  readonly reviewBy?: string | undefined;
  readonly sectionCount: number;
  /** Front matter, for filters. */
  readonly metadata: Readonly<Record<string, unknown>>;
}

export const DocumentHeadSchema = z.object({
  id: z.string(),
  kind: z.enum(KNOWLEDGE_KINDS),
  title: z.string(),
  team: z.string().optional(),
  source: z.string(),
  root: z.string(),
  path: z.string(),
  digest: z.string(),
  changedAt: z.string().optional(),
  reviewBy: z.string().optional(),
  sectionCount: z.number(),
  metadata: z.record(z.string(), z.unknown()),
});

export function headOf(document: KnowledgeDocument): DocumentHead {
  const { id, kind, title, team, provenance, digest, metadata } = document;
  const said = metadata.reviewBy ?? metadata.review_by ?? metadata['review-by'] ?? metadata.expires;
  const reviewBy = typeof said === 'string' ? Date.parse(said) : Number.NaN;
  return {
    id,
    kind,
    title,
    ...(team === undefined ? {} : { team }),
    source: provenance.source,
    root: provenance.root,
    path: provenance.path,
    digest,
    ...(provenance.changedAt === undefined ? {} : { changedAt: provenance.changedAt }),
    ...(Number.isNaN(reviewBy) ? {} : { reviewBy: new Date(reviewBy).toISOString() }),
    sectionCount: document.sections.length,
    metadata,
  };
}

/** Whether a document may be out of date, and why. */
export interface Staleness {
  readonly stale: boolean;
  /** Days since its last change; undefined where nobody knows. */
  readonly ageDays: number | undefined;
  readonly reason: string;
}

const DAY_MS = 24 * 60 * 60 * 1000;
/** Runbooks that nobody touched for a year describe systems that have changed since. A judgement, kept in this one place. */
const STALE_AFTER_DAYS = 365;

/** Judges how far a document can still be relied on. Pure. */
export function judgeStaleness(head: DocumentHead, nowMs: number): Staleness {
  const ageDays = head.changedAt === undefined ? undefined : Math.floor((nowMs - Date.parse(head.changedAt)) / DAY_MS);
  if (head.reviewBy !== undefined && Date.parse(head.reviewBy) < nowMs) {
    return { stale: true, ageDays, reason: `its review was due on ${head.reviewBy.slice(0, 10)}` };
  }
  if (ageDays === undefined) return { stale: false, ageDays, reason: 'when it was last changed is not known' };
  if (head.reviewBy === undefined && ageDays > STALE_AFTER_DAYS)
    return { stale: true, ageDays, reason: `last changed ${ageDays} days ago` };
  return { stale: false, ageDays, reason: `last changed ${ageDays} days ago` };
}
