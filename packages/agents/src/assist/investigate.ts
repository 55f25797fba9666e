import { type Diagnosis, isCause, redact } from '@tier0/core';
import { z } from 'zod';
import { createArtifactTools } from '../loop/context/artifact-tools.ts';
import type { AnyTool } from '../loop/guard/tool.ts';
import type { RunLimits } from '../loop/limits.ts';
import { type RunOptions, type RunResult, runAgent } from '../loop/run-agent.ts';
import type { RunContext } from '../loop/run-context.ts';
import { createToolRegistry } from '../loop/tool-registry.ts';
import { jsonIn } from '../models/structured-output.ts';
import { INVESTIGATE } from './prompts/investigate.ts';

/** What is investigated, and by what. */
export interface Investigation extends Omit<RunOptions, 'agent' | 'task'> {
  readonly diagnosis: Diagnosis;
  /** Alert summaries. Written by others. */
  readonly alerts: readonly string[];
  readonly tools: readonly AnyTool[];
  readonly limits?: Partial<RunLimits> | undefined;
}

/** A claim of a model that rests on what was really seen. It stands beside the diagnosis and changes nothing in it. */
export interface Hypothesis {
  readonly cause: string;
  readonly subject: string;
  readonly why: string;
  readonly cites: readonly string[];
}

/** What came of it. `dropped`: claims without a citation that resolves, one line each. */
export type InvestigationResult =
  | {
      readonly state: 'done';
      readonly summary: string | undefined;
      readonly hypotheses: readonly Hypothesis[];
      readonly dropped: readonly string[];
      readonly run: RunResult;
    }
  | { readonly state: 'open'; readonly why: string; readonly run: RunResult };

const AnswerSchema = z.object({
  summary: z.string().max(4_000),
  cites: z.array(z.string().max(500)).max(100).default([]),
  hypotheses: z
    .array(
      z.object({
        cause: z.string().max(100),
        subject: z.string().max(500),
        why: z.string().max(1_000),
        cites: z.array(z.string().max(500)).max(100),
      }),
    )
    .max(20),
});

/** Lets a model look further where rules ended. What it claims counts only with ids that tools showed in this very run, or the diagnosis holds. */
export async function investigate(
  { diagnosis, alerts, tools, limits, ...options }: Investigation,
  context: RunContext,
): Promise<InvestigationResult> {
  const registry = createToolRegistry([
    ...tools.filter(({ risk }) => risk === 'read'),
    diagnosisTool(diagnosis, alerts),
    ...createArtifactTools(options.artifacts),
  ]);
  const agent = { name: `${INVESTIGATE.id}@${INVESTIGATE.version}`, instructions: INVESTIGATE.text, tools: registry, limits };
  const run = await runAgent({ ...options, agent, task: 'Investigate the incident. Begin with show_diagnosis.' }, context);
  if (run.state === 'waiting') return { state: 'open', why: 'it waits for an approval', run };
  const answer = AnswerSchema.safeParse(jsonIn(run.answer));
  if (!answer.success) return { state: 'open', why: run.why ?? 'the answer is not the JSON that was asked for', run };
  return { state: 'done', ...judge(answer.data, new Set([...run.cites, ...diagnosis.evidence.map(({ id }) => id)])), run };
}

/** The diagnosis is read like everything else: by a tool, and marked as what others wrote, because it quotes them. */
function diagnosisTool({ rootCauses, evidence, unknowns, findings }: Diagnosis, alerts: readonly string[]): AnyTool {
  return {
    name: 'show_diagnosis',
    description: 'Shows alerts, what rules concluded, the evidence they cite, and what could not be looked at.',
    input: z.strictObject({}),
    risk: 'read',
    run: async () => ({
      text: [
        ...alerts.map((alert) => `alert: ${alert}`),
        ...rootCauses.map(
          (root) =>
            `${root.cause} at ${root.subject} (${root.confidence.toFixed(2)}): ${root.message}; cites ${root.evidenceFor.join(', ')}`,
        ),
        ...evidence.slice(0, 20).map(({ id, source, excerpt }) => `[${id}] ${source}: ${excerpt.slice(0, 500)}`),
        ...unknowns.map(({ message }) => `not known: ${message}`),
      ].join('\n'),
      cites: [...evidence.map(({ id }) => id), ...findings.map(({ subject }) => subject)],
    }),
  };
}

function judge({ summary, cites, hypotheses }: z.infer<typeof AnswerSchema>, known: ReadonlySet<string>) {
  const dropped: string[] = [];
  const kept = hypotheses.filter((claim) => {
    const why = whyDropped(claim, known);
    if (why) dropped.push(`a hypothesis was dropped: ${why}`);
    return why === undefined;
  });
  const grounded = cites.length > 0 && cites.every((id) => known.has(id));
  if (!grounded) dropped.push('the summary was dropped: its citations do not resolve');
  return {
    summary: grounded ? redact(summary) : undefined,
    hypotheses: kept.map((claim) => ({ ...claim, why: redact(claim.why) })),
    dropped,
  };
}

function whyDropped({ cause, subject, cites }: Hypothesis, known: ReadonlySet<string>): string | undefined {
  if (!isCause(cause)) return 'its cause is not in the vocabulary';
  if (cites.length === 0) return 'it cites nothing';
  if (!cites.every((id) => known.has(id))) return 'it cites what was never seen';
  return known.has(subject) ? undefined : 'its subject was never seen';
}
