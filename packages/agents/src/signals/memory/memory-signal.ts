import { type CallContext, type CmdbReader, formatDuration, formatFieldPath, parseQuantity, type Remedy, toTimestamp } from '@tier0/core';
import type { Signal, SignalCheck, SignalOptions } from '../../findings/signal.ts';
import { describeBytes } from '../../kubernetes/objects/quantity.ts';
import { textAt } from '../../kubernetes/objects/read-object.ts';
import { RESTART_ANNOTATION } from '../../kubernetes/objects/restart.ts';
import { memoryLimits, podsOf } from '../../kubernetes/objects/workload.ts';
import { diagnoseMemory } from './diagnose-memory.ts';
import { createMemoryDetector, MEMORY_ALERT } from './memory-detector.ts';
import { observeMemory } from './observe-memory.ts';
import { raiseMemoryLimit } from './raise-memory-limit.ts';
import { steepest } from './steepest.ts';
import { lookAtRelief } from './verify-relief.ts';

/** Memory that grows towards its limit. */
export const memorySignal: Signal = {
  name: 'memory',
  detector: (options) => createMemoryDetector(options),
  answersFor: (alert) => alert.labels.alertname === MEMORY_ALERT,
  explain: ({ alert, reader, options }, context) => diagnoseMemory(options, { alert, reader }, context),
  judges: (remedy) => remedy.success.kind === 'memory-relief',
  rehearse: ({ remedy, reader, options }, context) => rehearseRelief(options, { remedy, reader }, context),
  verify: ({ remedy, liveAtMs, reader, options }, context) => lookAtRelief(options, { remedy, liveAtMs, reader }, context),
  async remedies({ rootCause, evidence, reader, options }, context) {
    const pattern = rootCause.pattern === undefined ? undefined : await options.patterns.get(rootCause.pattern, context);
    const limit = memoryLimits(reader, rootCause.subject).find((candidate) => candidate.container === rootCause.container);
    if (pattern?.remedy !== 'raise-memory-limit' || limit === undefined) return [];
    const toMs = context.now();
    const window = { fromMs: toMs - options.windowMs, toMs, minimumSamples: options.minimumSamples };
    const { pods } = await observeMemory(options.evidence, { reader, workload: rootCause.subject, limit, ...window }, context);
    const cited = evidence.filter((one) => rootCause.evidenceFor.includes(one.id));
    const remedy = raiseMemoryLimit({
      reader,
      rootCause,
      pattern,
      limit,
      forecast: steepest(pods),
      evidence: cited,
      at: toTimestamp(toMs),
    });
    return remedy === undefined ? [] : [remedy];
  },
};

const WINDOW_MS = 6 * 3_600_000;
const SAMPLES = 12;

interface Trial {
  readonly remedy: Remedy;
  readonly reader: CmdbReader;
}

/** At the steepest measured pace the raised limit must last as long as the remedy promises, and fit the nodes. */
async function rehearseRelief(
  options: Partial<SignalOptions>,
  { remedy, reader }: Trial,
  context: CallContext,
): Promise<readonly SignalCheck[]> {
  const { success, subject, edits } = remedy;
  if (success.kind !== 'memory-relief') return [];
  const before = memoryLimits(reader, subject).find((limit) => limit.container === success.container);
  const after = memoryLimits(reader.rehearse(edits), subject).find((limit) => limit.container === success.container);
  if (!before || !after) return [{ ok: false, note: `container ${success.container} has no memory limit to judge by` }];
  if (after.bytes <= before.bytes) return [{ ok: false, note: `the memory limit of ${success.container} is not raised` }];
  const toMs = context.now();
  const window = { fromMs: toMs - (options.windowMs ?? WINDOW_MS), toMs, minimumSamples: options.minimumSamples ?? SAMPLES };
  const { pods } = await observeMemory(options.evidence ?? [], { reader, workload: subject, limit: before, ...window }, context);
  const forecast = steepest(pods);
  if (!forecast) return [{ ok: false, note: 'the growth of memory could not be measured, so the relief cannot be judged' }];
  const restarts = edits.some((edit) => formatFieldPath(edit.fieldPath) === formatFieldPath(RESTART_ANNOTATION));
  const startLevel = restarts ? forecast.floor : forecast.level;
  const reliefMs = forecast.slopeHigh > 0 ? (after.bytes - startLevel) / forecast.slopeHigh : Number.POSITIVE_INFINITY;
  const lasts = Number.isFinite(reliefMs) ? formatDuration(reliefMs) : 'without an end';
  const note = `at the steepest measured pace ${after.quantity} lasts ${lasts}, ${formatDuration(success.reliefMs)} are promised`;
  return [{ ok: reliefMs >= success.reliefMs, note }, ...checkNodes({ reader, remedy }, after.bytes)];
}

/** The new limit must fit every node that the workload's pods run on. */
function checkNodes({ reader, remedy }: Trial, bytes: number): readonly SignalCheck[] {
  const nodes = new Set(
    podsOf(reader, remedy.subject).flatMap((pod) => reader.relations(pod, 'out', 'runsOn').map((relation) => relation.to)),
  );
  if (nodes.size === 0)
    return [{ ok: false, note: 'it is not known on which nodes the pods run, so whether the limit fits cannot be judged' }];
  return [...nodes].sort().map((node) => {
    const allocatable = parseQuantity(textAt(reader.object(node), 'status', 'allocatable', 'memory'));
    if (allocatable === undefined) return { ok: false, note: `the memory of ${node} is not known` };
    const ok = bytes <= allocatable;
    return { ok, note: `${describeBytes(bytes)} ${ok ? 'fit' : 'do not fit'} ${node} with ${describeBytes(allocatable)}` };
  });
}
