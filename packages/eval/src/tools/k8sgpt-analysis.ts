import { Tier0Error } from '@tier0/core';
import { z } from 'zod';
import type { SubjectRef } from '../scenario/scenario.ts';
import { causeOfText } from './cause-of-text.ts';
import { withRawOutput } from './raw-output.ts';
import type { AnsweredRootCause, DiagnosisAnswer } from './tool-under-test.ts';

const AnalysisSchema = z.object({
  errors: z.array(z.string()).nullish(),
  results: z
    .array(
      z.object({
        kind: z.string(),
        name: z.string(),
        error: z.array(z.object({ Text: z.string().nullish() })).nullish(),
        details: z.string().nullish(),
        parentObject: z.string().nullish(),
      }),
    )
    .nullish(),
});
type Analysis = z.infer<typeof AnalysisSchema>;

/** Analyzers print lines before the JSON: it begins at the first line that is an opening brace. */
function parseAnalysis(stdout: string): Analysis {
  const lines = stdout.split('\n');
  const start = lines.findIndex((line) => line.trimEnd() === '{');
  if (start < 0) throw withRawOutput(malformedAnalysis('printed no JSON document'), stdout);
  try {
    return AnalysisSchema.parse(JSON.parse(lines.slice(start).join('\n')));
  } catch (cause) {
    throw withRawOutput(malformedAnalysis('printed JSON of an unknown shape', cause), stdout);
  }
}

/** Reads the output of `k8sgpt analyze -o json`. Throws MALFORMED_RESPONSE, with the text kept. */
export function readK8sgptAnalysis(stdout: string): DiagnosisAnswer {
  return toAnswer(parseAnalysis(stdout), stdout);
}

/** k8sgpt's order changes from run to run, so results are sorted. */
function toAnswer({ results, errors }: Analysis, raw: string): DiagnosisAnswer {
  const sorted = [...(results ?? [])].sort((a, b) => compare(`${a.kind} ${a.name}`, `${b.kind} ${b.name}`));
  const texts = sorted.map((result) => (result.error ?? []).map(({ Text }) => Text ?? '').sort(compare));
  return {
    rootCauses: sorted.map((result, index): AnsweredRootCause => {
      const found = texts[index]!.join('\n');
      const text = result.details ? `${found}\n${result.details}` : found;
      return { cause: causeOfText(found) ?? causeOfText(text), subject: toSubject(result.kind, result.name), text };
    }),
    findings: texts.flat().length,
    unknowns: errors ?? [],
    raw,
  };
}

/** `namespace/name`, for logs `namespace/pod/container`, or a bare name for what has no namespace. */
function toSubject(kind: string, name: string): SubjectRef {
  const [first = '', second] = name.split('/');
  return second === undefined ? { kind, name: first } : { kind, namespace: first || undefined, name: second };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A failure of k8sgpt itself or of its output. */
export function malformedAnalysis(problem: string, cause?: unknown): Tier0Error {
  return new Tier0Error({
    code: 'MALFORMED_RESPONSE',
    message: `k8sgpt ${problem}.`,
    hint: 'Run "k8sgpt analyze -o json" against any cluster to see what it prints; the adapter reads the format of 0.4.',
    cause,
  });
}
