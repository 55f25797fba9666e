import {
  type AutonomyDecision,
  type CallContext,
  compareWithPeople,
  decideAutonomy,
  type IncidentState,
  type PastChange,
  type ShadowComparison,
  toTimestamp,
} from '@tier0/core';
import { appendSharedLine, readLines } from '@tier0/core/files';
import { z } from 'zod';

/** What a line of the shadow record says: what would have been done, or what was done. */
const DecisionSchema = z.object({
  type: z.literal('decision'),
  incident: z.string(),
  at: z.string(),
  team: z.string(),
  kind: z.string(),
  wouldAutoApprove: z.boolean(),
  failureBound: z.number(),
  level: z.enum(['observe', 'suggest', 'propose', 'auto-approve']),
  explanation: z.string(),
});
const OutcomeSchema = z.object({
  type: z.literal('outcome'),
  incident: z.string(),
  at: z.string(),
  decision: z.enum(['approved', 'edited', 'rejected', 'none']),
  succeeded: z.boolean().optional(),
});
const LineSchema = z.union([DecisionSchema, OutcomeSchema]);

/** A change that was judged in shadow mode, and what became of it. */
export interface ShadowCase {
  readonly incident: string;
  readonly team: string;
  readonly kind: string;
  readonly judged: Pick<AutonomyDecision, 'level' | 'wouldAutoApprove' | 'failureBound' | 'explanation'> & { readonly at: string };
  /** Absent: it has not ended. */
  readonly change?: PastChange | undefined;
}

/** What shadow mode would have done beside what people did. */
export interface ShadowReport {
  /** Oldest first. */
  readonly cases: readonly ShadowCase[];
  readonly comparison: ShadowComparison;
}

/** Writes down, before any person decides, what would have been done without one. It decides nothing. */
export async function shadowDecision(
  file: string,
  { state, similarity }: { readonly state: IncidentState; readonly similarity: number },
  context: CallContext,
): Promise<void> {
  const { gate, rehearse, locate } = state.results;
  const remedy = rehearse?.chosen === undefined ? undefined : locate?.located[rehearse.chosen]?.remedy;
  if (!gate || !remedy || gate.gate.decision.effect === 'deny') return;
  const { cases } = await readShadow(file);
  if (cases.some(({ incident }) => incident === state.incident)) return;
  const { proposal } = gate;
  const [team, kind] = [proposal.owner ?? 'nobody', remedy.id];
  const own = cases.filter((one) => one.team === team && one.kind === kind);
  const decision = decideAutonomy({
    team,
    kind,
    history: own.flatMap(({ change }) => change ?? []),
    similarity,
    risk: proposal.risk,
    blastRadius: proposal.blastRadius,
    production: gate.gate.production,
    reversible: remedy.edits.every((edit) => edit.expectOld !== undefined || edit.value !== undefined),
  });
  const line = { type: 'decision', incident: state.incident, at: toTimestamp(context.now()), team, kind, ...decision };
  await appendSharedLine(file, JSON.stringify(line));
}

/** Writes down what people did with it, and how it ended. */
export async function shadowOutcome(file: string, state: IncidentState, context: CallContext): Promise<void> {
  const { cases } = await readShadow(file);
  const judged = cases.find(({ incident }) => incident === state.incident);
  if (!judged || judged.change) return;
  const decided = state.results.decide;
  const decision = decided?.status === 'merged' ? 'approved' : decided?.status === 'rejected' ? 'rejected' : 'none';
  const succeeded = decided?.status === 'merged' ? { succeeded: state.status === 'resolved' } : {};
  const line = { type: 'outcome', incident: state.incident, at: toTimestamp(context.now()), decision, ...succeeded };
  await appendSharedLine(file, JSON.stringify(line));
}

/** Reads the record; lines that are none of its own are passed over. */
export async function readShadow(file: string): Promise<ShadowReport> {
  const { lines } = await readLines(file);
  const known = lines.flatMap((line) => parse(line) ?? []);
  const outcomes = new Map(known.flatMap((line) => (line.type === 'outcome' ? [[line.incident, line] as const] : [])));
  const cases = known.flatMap((line): ShadowCase[] => {
    if (line.type !== 'decision') return [];
    const { incident, team, kind, at, level, wouldAutoApprove, failureBound, explanation } = line;
    const outcome = outcomes.get(incident);
    const judged = { at, level, wouldAutoApprove, failureBound, explanation };
    return [{ incident, team, kind, judged, ...(outcome ? { change: toChange(outcome) } : {}) }];
  });
  const ended = cases.flatMap(({ judged, change }) => (change ? [{ wouldAutoApprove: judged.wouldAutoApprove, change }] : []));
  return { cases, comparison: compareWithPeople(ended) };
}

function toChange({ at, decision, succeeded }: z.infer<typeof OutcomeSchema>): PastChange {
  return { at, decision, ...(succeeded === undefined ? {} : { succeeded }) };
}

function parse(line: string): z.infer<typeof LineSchema> | undefined {
  try {
    return LineSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
