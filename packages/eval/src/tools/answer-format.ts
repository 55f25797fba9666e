import { isCause, Tier0Error } from '@tier0/core';
import { z } from 'zod';
import { causeOfText } from './cause-of-text.ts';
import { readK8sgptAnalysis } from './k8sgpt-analysis.ts';
import { withRawOutput } from './raw-output.ts';
import { subjectOfText } from './subject-of-text.ts';
import type { AnsweredRootCause, DiagnosisAnswer } from './tool-under-test.ts';

/**
 * How what a program says becomes an answer. `json`: the template of this evaluation. `text`: prose; causes by wording, places by the objects it names.
 * `k8sgpt`: the output of `k8sgpt analyze -o json`.
 */
export const ANSWER_FORMATS = ['json', 'text', 'k8sgpt'] as const;
/** A form in which tools answer. */
export type AnswerFormat = (typeof ANSWER_FORMATS)[number];

/** The template: what a program prints to be scored without any adapter of its own. Words before the JSON are skipped. */
export const AnswerTemplateSchema = z.object({
  rootCauses: z
    .array(
      z.object({
        cause: z.string().optional(),
        kind: z.string().min(1),
        namespace: z.string().nullish(),
        name: z.string().min(1),
        text: z.string().default(''),
        confidence: z.number().min(0).max(1).optional(),
      }),
    )
    .max(200),
  findings: z.number().int().min(0).optional(),
  unknowns: z.array(z.string()).max(200).optional(),
  fixes: z
    .array(
      z.object({
        title: z.string().default(''),
        edits: z.array(
          z.object({
            kind: z.string(),
            namespace: z.string().nullish(),
            name: z.string(),
            path: z.string(),
            value: z.unknown().optional(),
          }),
        ),
      }),
    )
    .max(20)
    .optional(),
});

/** Reads what a program said. Throws MALFORMED_RESPONSE, with the text kept. */
export function readAnswer(text: string, format: AnswerFormat): DiagnosisAnswer {
  if (format === 'k8sgpt') return readK8sgptAnalysis(text);
  return format === 'json' ? readTemplate(text) : readProse(text);
}

function readTemplate(text: string): DiagnosisAnswer {
  const parsed = AnswerTemplateSchema.safeParse(lastJsonIn(text));
  if (!parsed.success) throw withRawOutput(notTheTemplate(parsed.error), text);
  const { rootCauses, findings, unknowns, fixes } = parsed.data;
  return {
    rootCauses: rootCauses.map(({ cause, kind, namespace, name, text: said, confidence }) => ({
      cause: cause !== undefined && isCause(cause) ? cause : causeOfText(`${cause ?? ''} ${said}`),
      subject: { kind, namespace: namespace ?? undefined, name },
      text: said,
      confidence,
    })),
    findings: Math.max(findings ?? 0, rootCauses.length),
    unknowns,
    fixes: fixes?.map(({ title, edits }) => ({
      title,
      edits: edits.map(({ kind, namespace, name, path, value }) => ({
        subject: { kind, namespace: namespace ?? undefined, name },
        path,
        value,
      })),
    })),
    raw: text,
  };
}

/** The JSON document at the end: programs print progress and warnings before it. */
function lastJsonIn(text: string): unknown {
  const starts = [...text.matchAll(/^\s*\{/gm)].map(({ index }) => index);
  for (const start of starts) {
    try {
      return JSON.parse(text.slice(start));
    } catch {
      // A brace in a line of progress; the document begins further down.
    }
  }
  return undefined;
}

const HEALTHY = /\b(no (issue|problem|fault|root cause)s?\b|(is|are|looks?|everything) healthy|nothing is wrong)/i;

/** One root cause in prose; none when it calls the cluster healthy and names no cause. */
export function readProse(text: string, more: readonly (string | undefined)[] = []): DiagnosisAnswer {
  const cause = causeOfText(text);
  if (text.trim() === '' || (cause === undefined && HEALTHY.test(text))) return { rootCauses: [], findings: 0, raw: text };
  const places = [...more, text].map((one) => (one === undefined ? undefined : subjectOfText(one)));
  const subject = places.find((one) => one !== undefined) ?? { kind: 'Unknown', name: 'not named' };
  const rootCause: AnsweredRootCause = { cause, subject, text };
  return { rootCauses: [rootCause], findings: 1, raw: text };
}

function notTheTemplate(error: z.ZodError): Tier0Error {
  const [issue] = error.issues;
  return new Tier0Error({
    code: 'MALFORMED_RESPONSE',
    message: `The answer is not the JSON that was asked for: ${issue?.path.join('.') || 'the document'}: ${issue?.message ?? 'is missing'}.`,
    hint: 'Print {"rootCauses": [{"cause", "kind", "namespace", "name", "text"}]} and nothing after it.',
  });
}
