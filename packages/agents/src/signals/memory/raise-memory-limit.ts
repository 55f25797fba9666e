import {
  type CmdbReader,
  type Evidence,
  type FieldPath,
  formatDuration,
  type ItemEdit,
  type JsonValue,
  type Pattern,
  parseKubernetesItemId,
  type Remedy,
  type RootCause,
  readField,
} from '@tier0/core';
import { describeBytes, formatBytes } from '../../kubernetes/objects/quantity.ts';
import { restartEdit } from '../../kubernetes/objects/restart.ts';
import { containerPath, type MemoryLimit } from '../../kubernetes/objects/workload.ts';
import type { MemoryForecast } from './forecast-memory.ts';

export interface RaiseMemoryLimitInput {
  readonly reader: CmdbReader;
  readonly rootCause: RootCause;
  readonly pattern: Pattern;
  readonly limit: MemoryLimit;
  /** Steepest measured forecast of the workload's pods; undefined when nothing could be measured. */
  readonly forecast: MemoryForecast | undefined;
  readonly evidence: readonly Evidence[];
  /** ISO 8601, UTC. */
  readonly at: string;
}

const DEFAULT_FACTOR = 2;
const DEFAULT_EXPIRY_HOURS = 72;
/** Promises are rounded down to this, and none shorter than this is worth a change. */
const RELIEF_STEP_MS = 300_000;
const MINIMUM_RELIEF_MS = 600_000;
const HOUR_MS = 3_600_000;

/** Part of the measured relief that is promised: the pace after a restart differs a little, and a promise must hold. */
const PROMISED_SHARE = 0.75;

/** Buys time against a leak: a higher limit and a restart, both for a while. Undefined when no relief can be promised. */
export function raiseMemoryLimit(input: RaiseMemoryLimitInput): Remedy | undefined {
  const { reader, rootCause, pattern, limit } = input;
  const factor = pattern.parameters.limitFactor ?? DEFAULT_FACTOR;
  const newLimit = Math.round(limit.bytes * factor);
  const reliefMs = promiseRelief(pattern, input.forecast, newLimit);
  if (reliefMs === undefined || newLimit <= limit.bytes) return undefined;
  const quantity = formatBytes(newLimit, limit.quantity);
  const name = parseKubernetesItemId(rootCause.subject)?.name ?? rootCause.subject;
  return {
    id: 'raise-memory-limit',
    kind: 'edit',
    title: `Raise the memory limit of ${name} from ${limit.quantity} to ${quantity} for a while, and restart it`,
    cause: rootCause.cause,
    subject: rootCause.subject,
    edits: [limitEdit(input, quantity), ...[restartEdit(reader, rootCause.subject, input.at) ?? []].flat()],
    why: `Memory grows and reaches ${limit.quantity}. A restart frees what leaked; ${quantity} gives at least ${formatDuration(reliefMs)} at the measured pace until the lasting fix is in.`,
    precondition: 'The nodes have the room.',
    risk: 'medium',
    remains: 'What leaks goes on leaking: the limit buys time.',
    verify: `Memory stays below ${quantity} for ${formatDuration(reliefMs)} after the restart.`,
    rollback: `Set the memory limit of container ${limit.container} back to ${limit.quantity}.`,
    disproof: `Memory reaches ${quantity} sooner than ${formatDuration(reliefMs)} after the restart.`,
    success: { kind: 'memory-relief', item: rootCause.subject, container: limit.container, reliefMs },
    expiresAfterMs: (pattern.parameters.expiryHours ?? DEFAULT_EXPIRY_HOURS) * HOUR_MS,
    followUp: followUp(input, { name, quantity }),
    pattern: pattern.id,
  };
}

/** The shorter of what the pattern knows and what the steep end of the measured slope allows from the present level. */
function promiseRelief(pattern: Pattern, forecast: MemoryForecast | undefined, newLimit: number): number | undefined {
  const known = pattern.parameters.reliefHours === undefined ? undefined : pattern.parameters.reliefHours * HOUR_MS;
  const measured = forecast === undefined ? undefined : measuredRelief(forecast, newLimit);
  const shorter = Math.min(...[known, measured].flatMap((relief) => relief ?? []));
  if (!Number.isFinite(shorter)) return known;
  const rounded = Math.floor(shorter / RELIEF_STEP_MS) * RELIEF_STEP_MS;
  return rounded >= MINIMUM_RELIEF_MS ? rounded : undefined;
}

function measuredRelief(forecast: MemoryForecast, newLimit: number): number | undefined {
  if (forecast.trend === 'insufficient' || forecast.slopeHigh <= 0) return undefined;
  return Math.max(0, (PROMISED_SHARE * (newLimit - forecast.level)) / forecast.slopeHigh);
}

function limitEdit({ reader, rootCause, limit }: RaiseMemoryLimitInput, quantity: string): ItemEdit {
  const kind = parseKubernetesItemId(rootCause.subject)?.kind ?? '';
  const fieldPath: FieldPath = [...containerPath(kind, limit.container), 'resources', 'limits', 'memory'];
  return {
    item: rootCause.subject,
    fieldPath,
    expectOld: readField(reader.object(rootCause.subject), fieldPath) as JsonValue,
    value: quantity,
  };
}

function followUp(
  { rootCause, pattern, limit, evidence }: RaiseMemoryLimitInput,
  { name, quantity }: { readonly name: string; readonly quantity: string },
): Remedy['followUp'] {
  const lines = [
    rootCause.message,
    '',
    `The memory limit of container ${limit.container} was raised from ${limit.quantity} to ${quantity} (${describeBytes(limit.bytes)} before) to buy time. It will be taken back.`,
    '',
    `Lasting fix: ${pattern.fix}`,
    ...(pattern.reference ? [`Reference: ${pattern.reference}`] : []),
    ...(evidence.length > 0 ? ['', 'Evidence:', ...evidence.map((one) => `- ${one.id}: ${one.query} (${one.source})`)] : []),
  ];
  return { title: `${name}: ${pattern.title}`, body: lines.join('\n') };
}
