import {
  type CmdbReader,
  type Evidence,
  type FieldPath,
  type Finding,
  formatFieldPath,
  makeEvidence,
  readField,
  type Severity,
  sha256,
} from '@tier0/core';
import { CODES, type RuleCode } from './codes.ts';

/** One check over a snapshot. It has no clock but `reader.at`, and never turns "unknown" into a finding. */
export interface Rule {
  readonly name: string;
  check(reader: CmdbReader): readonly Finding[];
}

export interface FindingDraft {
  readonly code: RuleCode;
  /** Item id of the place where a change would fix it: the workload rather than one of its pods. */
  readonly subject: string;
  readonly container?: string | undefined;
  /** What tells this finding from another of the same code on the same subject, e.g. the image. */
  readonly key?: string | undefined;
  readonly message: string;
  readonly sinceMs?: number | undefined;
  readonly evidence: readonly Evidence[];
  /** Item ids that the evidence names as where the trouble comes from; see `Finding.suspects`. They need not exist. */
  readonly suspects?: readonly string[] | undefined;
  /** Item ids that it was observed on where the subject is another; see `Finding.seenOn`. */
  readonly seenOn?: readonly string[] | undefined;
  /** Default: the severity of the code's entry. For what is a fault in one case and only degraded in another. */
  readonly severity?: Severity | undefined;
}

export function toFinding(draft: FindingDraft): Finding {
  const { code, subject, container = '', key = '', message, sinceMs, evidence } = draft;
  const { cause, severity } = CODES[code];
  const suspects = draft.suspects && draft.suspects.length > 0 ? { suspects: [...new Set(draft.suspects)].sort() } : {};
  const seenOn = (draft.seenOn ?? []).filter((item) => item !== subject);
  const seen = seenOn.length > 0 ? { seenOn: [...new Set(seenOn)].sort() } : {};
  const held = container === '' ? {} : { container };
  const since = sinceMs === undefined ? {} : { since: new Date(sinceMs).toISOString() };
  const fingerprint = `${code}-${sha256(JSON.stringify([code, subject, container, key])).slice(0, 16)}`;
  return {
    code,
    cause,
    severity: draft.severity ?? severity,
    subject,
    ...held,
    message,
    ...since,
    fingerprint,
    evidence,
    ...suspects,
    ...seen,
    explainedBy: [],
  };
}

/** Quotes a field of an object as it stands in the snapshot. */
export function quote(reader: CmdbReader, item: string, path: FieldPath): Evidence {
  const at = Date.parse(reader.at);
  const value = readField(reader.object(item), path);
  return makeEvidence({
    source: 'cmdb',
    query: `${item} ${formatFieldPath(path)}`,
    fromMs: at,
    toMs: at,
    text: `${formatFieldPath(path)}: ${JSON.stringify(value) ?? 'not there'}`,
  });
}
