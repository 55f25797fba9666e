import { affectedWorkloads, type BlastRadius, reachInWords } from '../model/blast-radius.ts';
import { type FieldPath, formatFieldPath } from '../model/field-path.ts';
import type { ItemEdit } from '../model/item-edit.ts';
import type { RiskAssessment, RiskFactor, RiskLevel } from '../model/risk.ts';

/** What risk is computed from. Nothing in it comes from a model. */
export interface RiskFacts {
  readonly edits: readonly ItemEdit[];
  readonly blastRadius: BlastRadius;
  readonly production: boolean;
  /** Replicas of the edited workload; undefined when it is not a replicated workload. */
  readonly replicas?: number | undefined;
  /** The change is taken back by itself at a stated time. */
  readonly temporary: boolean;
  /** The old values are known, so a revert restores them. */
  readonly reversible: boolean;
}

/** How dangerous a kind of field is, by its path. First match wins; the points are a judgement, kept in this one table. */
const FIELD_CLASSES: readonly { readonly pattern: RegExp; readonly name: string; readonly points: number }[] = [
  { pattern: /^(rules|roleRef|subjects)\b/, name: 'permissions', points: 40 },
  { pattern: /\b(selector|matchLabels)\b/, name: 'selector', points: 35 },
  { pattern: /\b(volumeClaimTemplates|persistentVolumeReclaimPolicy|storageClassName|volumes)\b/, name: 'storage', points: 35 },
  { pattern: /\breplicas$/, name: 'replicas', points: 20 },
  { pattern: /\bimage$/, name: 'image', points: 15 },
  { pattern: /\bresources\b/, name: 'resources', points: 10 },
  { pattern: /\bannotations\b/, name: 'annotation', points: 2 },
];
const UNKNOWN_FIELD = { name: 'other field', points: 25 };

/** Scores a change from 0 (harmless) to 100. Pure: the same facts give the same score. */
export function assessRisk(facts: RiskFacts): RiskAssessment {
  const factors = [
    ...fieldFactors(facts.edits),
    reachFactor(facts.blastRadius),
    ...environmentFactors(facts),
    ...reversalFactors(facts),
  ].filter((factor) => factor.points !== 0);
  const score = Math.max(
    0,
    Math.min(
      100,
      factors.reduce((sum, factor) => sum + factor.points, 0),
    ),
  );
  return { level: riskLevel(score), score, factors };
}

/** Level of a score: under 25 low, under 50 medium, under 75 high, else critical. */
export function riskLevel(score: number): RiskLevel {
  if (score < 25) return 'low';
  if (score < 50) return 'medium';
  return score < 75 ? 'high' : 'critical';
}

function fieldFactors(edits: readonly ItemEdit[]): readonly RiskFactor[] {
  const worst = edits.map((edit) => ({ edit, ...fieldClass(edit.fieldPath) })).sort((a, b) => b.points - a.points)[0];
  if (!worst) return [{ name: 'field', points: 100, reason: 'nothing is edited, so nothing can be judged' }];
  const factors: RiskFactor[] = [
    { name: 'field', points: worst.points, reason: `${worst.name} (${formatFieldPath(worst.edit.fieldPath.slice(-2))})` },
  ];
  if (edits.some((edit) => edit.value === 0 && /\breplicas$/.test(formatFieldPath(edit.fieldPath)))) {
    factors.push({ name: 'scale to zero', points: 40, reason: 'replicas 0 stops the service' });
  }
  if (edits.some((edit) => edit.value === undefined)) {
    factors.push({ name: 'removal', points: 15, reason: 'a field is removed' });
  }
  return factors;
}

function fieldClass(path: FieldPath): { readonly name: string; readonly points: number } {
  const text = formatFieldPath(path);
  return FIELD_CLASSES.find((candidate) => candidate.pattern.test(text)) ?? UNKNOWN_FIELD;
}

function reachFactor(radius: BlastRadius): RiskFactor {
  if (radius.truncated) return { name: 'reach', points: 40, reason: 'the blast radius is larger than could be walked' };
  const count = affectedWorkloads(radius).length;
  return {
    name: 'reach',
    points: Math.min(30, Math.round(6 * Math.log2(1 + count))),
    reason: `${reachInWords(radius)} can be affected`,
  };
}

function environmentFactors(facts: RiskFacts): readonly RiskFactor[] {
  const factors: RiskFactor[] = [];
  if (facts.production) factors.push({ name: 'environment', points: 15, reason: 'production' });
  if (facts.replicas === 1) factors.push({ name: 'redundancy', points: 8, reason: 'a single replica: a restart interrupts service' });
  return factors;
}

function reversalFactors(facts: RiskFacts): readonly RiskFactor[] {
  const factors: RiskFactor[] = [];
  if (!facts.reversible) factors.push({ name: 'reversal', points: 25, reason: 'the old value is not known' });
  if (facts.temporary) factors.push({ name: 'expiry', points: -5, reason: 'a loan: it carries an end date' });
  return factors;
}
