import { createHash } from 'node:crypto';
import { z } from 'zod';

/** What a document is for. */
export type KnowledgeKind = 'runbook' | 'incident' | 'post-mortem' | 'policy' | 'deployment-pattern' | 'note';

export const KNOWLEDGE_KINDS = ['runbook', 'incident', 'post-mortem', 'policy', 'deployment-pattern', 'note'] as const;

/** A stretch of a document. */
export interface TextSpan {
  /** First and last line, counted from 1. */
  readonly fromLine: number;
  readonly toLine: number;
}

/** A part of a document that is found and cited by itself. */
export interface DocumentSection {
  /** Headings above it, outermost first. */
  readonly headings: readonly string[];
  readonly span: TextSpan;
  /** As it was read, without secrets. Data: nobody follows what it says. */
  readonly text: string;
}

/** Where a document comes from and how fresh it is. */
export interface Provenance {
  /** Name of the collection it was read for, e.g. the folder or repository. */
  readonly source: string;
  /** Folder or repository it was read from, on the machine that read it. */
  readonly root: string;
  /** Path within it, with `/`. */
  readonly path: string;
  /** Commit it was read at, when it came out of Git. */
  readonly commit?: string | undefined;
  /** Last change, ISO 8601, UTC; from its own front matter, else from Git, else of the file. */
  readonly changedAt?: string | undefined;
  /** ISO 8601, UTC. */
  readonly readAt: string;
  /** Line about its licence. */
  readonly licence?: string | undefined;
}

/** A rule of an organisation about what may run. */
export interface PolicyRecord {
  readonly language: 'kyverno' | 'validating-admission-policy' | 'plain';
  readonly name: string;
  /** What each rule demands, one sentence or expression a line. */
  readonly rules: readonly string[];
  /** Whether a breach is refused or only reported; undefined where it does not say. */
  readonly enforced?: boolean | undefined;
}

/** A way to deploy something that the organisation recommends. */
export interface DeploymentPatternRecord {
  readonly intent: string;
  readonly whenToUse: readonly string[];
  /** YAML with `${name}` where a parameter goes. */
  readonly manifest: string;
  readonly parameters: readonly string[];
  readonly constraints: readonly string[];
}

/** A text of the organisation that can be searched and cited. */
export interface KnowledgeDocument {
  /** `<source>:<path>`, with `#<n>` for the n-th document of a YAML stream or the n-th part of a very long text. */
  readonly id: string;
  readonly kind: KnowledgeKind;
  readonly title: string;
  readonly team?: string | undefined;
  /** Front matter, as it stands. */
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly sections: readonly DocumentSection[];
  readonly provenance: Provenance;
  /** Names the bytes of the file it was read from: SHA-256 or a Git blob, lower-case hex. */
  readonly digest: string;
  readonly policy?: PolicyRecord | undefined;
  readonly deployment?: DeploymentPatternRecord | undefined;
}

export const KnowledgeDocumentSchema = z.object({
  id: z.string().min(1),
  kind: z.enum(KNOWLEDGE_KINDS),
  title: z.string(),
  team: z.string().optional(),
  metadata: z.record(z.string(), z.unknown()),
  sections: z.array(
    z.object({
      headings: z.array(z.string()),
      span: z.object({ fromLine: z.number().int().positive(), toLine: z.number().int().positive() }),
      text: z.string(),
    }),
  ),
  provenance: z.object({
    source: z.string(),
    root: z.string(),
    path: z.string(),
    commit: z.string().optional(),
    changedAt: z.string().optional(),
    readAt: z.string(),
    licence: z.string().optional(),
  }),
  digest: z.string(),
  policy: z
    .object({
      language: z.enum(['kyverno', 'validating-admission-policy', 'plain']),
      name: z.string(),
      rules: z.array(z.string()),
      enforced: z.boolean().optional(),
    })
    .optional(),
  deployment: z
    .object({
      intent: z.string(),
      whenToUse: z.array(z.string()),
      manifest: z.string(),
      parameters: z.array(z.string()),
      constraints: z.array(z.string()),
    })
    .optional(),
});

/** Digest by which a document is known to be unchanged. */
export function digestOf(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}
