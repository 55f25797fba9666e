import { type JsonValue, parseKubernetesItemId, readField } from '@tier0/core';
import type { RemedyCase, RemedyDraft } from '../../findings/remedy-draft.ts';
import { siblingId } from '../objects/existence.ts';
import { kinship } from '../objects/kinship.ts';
import { listAt, mapAt, numberAt, textAt } from '../objects/read-object.ts';
import { containersOf, editOf, editsOf, kindOf, nameOf, remedyOf } from '../objects/remedy-edits.ts';
import { podSpecPath } from '../objects/workload.ts';
import { PAUSES } from './scaled-to-zero.ts';

/** Brings a workload that others depend on back from zero. */
export function scaleUp(remedyCase: RemedyCase): readonly RemedyDraft[] {
  const { reader, rootCause } = remedyCase;
  const { subject } = rootCause;
  if (kindOf(subject) === 'Job') return letRun(remedyCase);
  if (kindOf(subject) === 'CronJob') return resumeSchedule(remedyCase);
  if (kindOf(subject) === 'ScaledObject') return resumeScaling(remedyCase);
  // A DaemonSet counts no replicas.
  if (kindOf(subject) === 'DaemonSet') return [];
  const scaler = reader.relations(subject, 'in', 'scales').map((relation) => reader.object(relation.from))[0];
  const replicas = numberAt(scaler, 'spec', 'minReplicas') ?? lastReplicas(reader, subject) ?? 1;
  return remedyOf(editsOf(editOf(reader, subject, ['spec', 'replicas'], Math.max(1, replicas))), {
    id: 'scale-up',
    title: `Scale ${nameOf(subject)} to ${Math.max(1, replicas)}`,
    why: 'It is scaled to zero, and others depend on it.',
    precondition: 'It was not switched off on purpose: ask its owner.',
    risk: 'low',
    verify: 'Its pods are ready and its Service has endpoints.',
    rollback: 'Scale it to zero again.',
  });
}

/** Lets KEDA scale again what somebody paused. */
function resumeScaling({ reader, rootCause: { subject } }: RemedyCase): readonly RemedyDraft[] {
  const edits = PAUSES.flatMap((key) => editOf(reader, subject, ['metadata', 'annotations', key], undefined) ?? []);
  return remedyOf(edits, {
    id: 'resume-scaling',
    title: `Let ScaledObject ${nameOf(subject)} scale again`,
    why: 'It was paused since it was applied, and others need what it holds at zero.',
    precondition: 'It was not paused on purpose: ask who did it.',
    risk: 'low',
    verify: 'Its workload has pods again once there is work for them.',
    rollback: 'Pause it again.',
    assumption: 'its triggers ask for pods',
  });
}

/** Lets a CronJob that was suspended by hand run again. */
function resumeSchedule({ reader, rootCause: { subject } }: RemedyCase): readonly RemedyDraft[] {
  if (readField(reader.object(subject), ['spec', 'suspend']) !== true) return [];
  return remedyOf(editsOf(editOf(reader, subject, ['spec', 'suspend'], false)), {
    id: 'resume-schedule',
    title: `Resume CronJob ${nameOf(subject)}`,
    why: 'It was suspended since it was applied, and others lack what its runs make.',
    precondition: 'It was not suspended on purpose: ask who did it.',
    risk: 'low',
    verify: 'The next run completes, and those who lack its work become ready.',
    rollback: 'Suspend it again.',
    assumption: 'its runs succeed as they did before',
  });
}

/** Lets a Job that makes no pods make them. */
function letRun({ reader, rootCause: { subject } }: RemedyCase): readonly RemedyDraft[] {
  const isSuspended = readField(reader.object(subject), ['spec', 'suspend']) === true;
  const edit = isSuspended ? editOf(reader, subject, ['spec', 'suspend'], false) : editOf(reader, subject, ['spec', 'parallelism'], 1);
  return remedyOf(editsOf(edit), {
    id: 'let-job-run',
    title: isSuspended ? `Resume Job ${nameOf(subject)}` : `Let Job ${nameOf(subject)} run one pod`,
    why: 'It makes no pods, and others wait for it.',
    precondition: 'It was not switched off on purpose: ask its owner.',
    risk: 'medium',
    verify: 'The Job completes, and those who wait for it become ready.',
    rollback: isSuspended ? 'Suspend it again.' : 'Set its parallelism to 0 again.',
    assumption: 'the Job does its work once it may run',
  });
}

function lastReplicas(reader: RemedyCase['reader'], subject: string): number | undefined {
  const noted = reader
    .relations(subject, 'in', 'managedBy')
    .map(({ from }) => mapAt(reader.object(from), 'metadata', 'annotations')['deployment.kubernetes.io/desired-replicas']);
  const counts = noted.map(Number).filter((count) => count > 0);
  return counts.length === 0 ? undefined : Math.max(...counts);
}

/** Lets an autoscaler that stands at its maximum go further. */
export function raiseMaximum({ reader, rootCause }: RemedyCase): readonly RemedyDraft[] {
  const maximum = numberAt(reader.object(rootCause.subject), 'spec', 'maxReplicas');
  if (maximum === undefined) return [];
  return remedyOf(editsOf(editOf(reader, rootCause.subject, ['spec', 'maxReplicas'], Math.ceil(maximum * 1.5))), {
    id: 'raise-maximum',
    title: `Let ${nameOf(rootCause.subject)} scale to ${Math.ceil(maximum * 1.5)} replicas`,
    why: `It stands at its maximum of ${maximum} and its target is still exceeded.`,
    precondition: 'The cluster has room for the further replicas.',
    risk: 'medium',
    verify: 'The metric falls below its target.',
    rollback: `Set maxReplicas to ${maximum} again.`,
  });
}

/** Lets a disruption budget give up one pod. */
export function allowDisruption({ reader, rootCause }: RemedyCase): readonly RemedyDraft[] {
  const budget = rootCause.subject;
  if (kindOf(budget) !== 'PodDisruptionBudget') return [];
  const guarded = reader.relations(budget, 'out', 'guards').length;
  const spec = readField(reader.object(budget), ['spec']);
  const minimum = readField(spec, ['minAvailable']);
  const edit =
    minimum === undefined
      ? editOf(reader, budget, ['spec', 'maxUnavailable'], 1)
      : editOf(reader, budget, ['spec', 'minAvailable'], Math.max(0, guarded - 1));
  return remedyOf(editsOf(edit), {
    id: 'allow-disruption',
    title: `Let ${nameOf(budget)} give up one pod at a time`,
    why: `It guards ${guarded} ${guarded === 1 ? 'pod' : 'pods'} and allows none of them to be moved.`,
    precondition: guarded > 1 ? 'The others carry the load meanwhile.' : 'A short interruption is acceptable: there is only one pod.',
    risk: guarded > 1 ? 'low' : 'high',
    verify: 'disruptionsAllowed is above 0 and the node drains.',
    rollback: 'Set the budget as it was.',
  });
}

/** Points an autoscaler at the workload of its own name. */
export function scaleExistingTarget({ reader, rootCause }: RemedyCase): readonly RemedyDraft[] {
  if (kindOf(rootCause.subject) !== 'HorizontalPodAutoscaler') return [];
  const scaler = rootCause.subject;
  const { cluster = '', namespace } = parseKubernetesItemId(scaler) ?? {};
  const kinds = ['Deployment', 'StatefulSet'];
  const names = kinds.flatMap((kind) =>
    reader.items({ kind, scope: `${cluster}/${namespace}` }).items.map((item) => ({ kind, name: item.name })),
  );
  const wanted = textAt(reader.object(scaler), 'spec', 'scaleTargetRef', 'name') ?? '';
  const target =
    names.find(({ name }) => name === nameOf(scaler) || nameOf(scaler).startsWith(`${name}-`)) ??
    names.find(({ name }) => name.startsWith(wanted) || wanted.startsWith(name)) ??
    onlyUnscaledKin(reader, scaler, names);
  if (target === undefined) return [];
  const edits = [
    editOf(reader, scaler, ['spec', 'scaleTargetRef', 'name'], target.name),
    editOf(reader, scaler, ['spec', 'scaleTargetRef', 'kind'], target.kind),
  ].flatMap((edit) => edit ?? []);
  return remedyOf(edits, {
    id: 'scale-existing-target',
    title: `Let ${nameOf(scaler)} scale ${target.kind} ${target.name}`,
    why: `${wanted} does not exist.`,
    precondition: `${target.name} is what was meant.`,
    risk: 'low',
    verify: 'The autoscaler reports AbleToScale and ScalingActive.',
    rollback: 'Set the target as it was.',
  });
}

/** The one workload without an autoscaler whose name shares a word with the autoscaler's. */
function onlyUnscaledKin(reader: RemedyCase['reader'], scaler: string, names: readonly { readonly kind: string; readonly name: string }[]) {
  const kin = names.filter(({ kind, name }) => {
    const isScaled = reader.relations(siblingId(scaler, kind, name), 'in', 'scales').length > 0;
    return !isScaled && kinship(name, nameOf(scaler)) > 0;
  });
  return kin.length === 1 ? kin[0] : undefined;
}

/** Gives the containers the request that the autoscaler measures their use against. */
export function setScaledRequest(remedyCase: RemedyCase): readonly RemedyDraft[] {
  const { reader, rootCause } = remedyCase;
  const scaler = reader.relations(rootCause.subject, 'in', 'scales')[0]?.from;
  const resources = listAt(reader.object(scaler ?? ''), 'spec', 'metrics').flatMap(
    (metric) => textAt(metric, 'resource', 'name') ?? textAt(metric, 'containerResource', 'name') ?? [],
  );
  const edits = [...new Set(resources)].flatMap((resource) =>
    containersOf(remedyCase)
      .filter(({ path, body }) => path.includes('containers') && readField(body, ['resources', 'requests', resource]) === undefined)
      .flatMap(({ path, body }) => {
        const amount = textAt(body, 'resources', 'limits', resource) ?? (resource === 'cpu' ? SMALL_CPU : undefined);
        return amount === undefined ? [] : (editOf(reader, rootCause.subject, [...path, 'resources', 'requests', resource], amount) ?? []);
      }),
  );
  return remedyOf(edits, {
    id: 'set-scaled-request',
    title: `Let every container of ${nameOf(rootCause.subject)} request ${[...new Set(resources)].join(', ')}`,
    why: 'The autoscaler measures use as a share of what is requested; where nothing is requested there is no share.',
    precondition: 'The amount is near what the container uses: measure it.',
    risk: 'medium',
    verify: 'The autoscaler reports ScalingActive.',
    rollback: 'Take the request out again.',
    assumption: 'the metrics of the pods are there',
  });
}

/** What charts give a sidecar that is not measured yet. */
const SMALL_CPU = '100m';
/** Share of the requested CPU that is aimed at when nothing else is known; the default of kubectl autoscale. */
const DEFAULT_UTILISATION = 80;

/** Scales by what is served: without the metric that is not, or by CPU where it was the only one. */
export function scaleByServedMetric({ reader, rootCause }: RemedyCase): readonly RemedyDraft[] {
  const scaler = rootCause.subject;
  const metrics = listAt(reader.object(scaler), 'spec', 'metrics');
  const served = metrics.filter((metric) => /^(Container)?Resource$/.test(textAt(metric, 'type') ?? ''));
  const cpu = { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: DEFAULT_UTILISATION } } };
  const target = reader.relations(scaler, 'out', 'scales')[0]?.to ?? '';
  const containers = listAt(reader.object(target), ...podSpecPath(kindOf(target)), 'containers');
  const hasRequests =
    containers.length > 0 && containers.every((container) => readField(container, ['resources', 'requests', 'cpu']) !== undefined);
  const right = served.length > 0 ? served : hasRequests ? [cpu] : [];
  if (metrics.length === served.length || right.length === 0) return [];
  return remedyOf(editsOf(editOf(reader, scaler, ['spec', 'metrics'], right as JsonValue)), {
    id: 'scale-by-served-metric',
    title: `Let ${nameOf(scaler)} scale by ${served.length > 0 ? 'its other metrics' : 'CPU'} until the missing metric is served`,
    why: 'A metric that nobody serves keeps it from scaling.',
    precondition: 'The load shows in that metric as well; the adapter that should serve the missing one is looked at.',
    risk: 'medium',
    verify: 'The autoscaler reports ScalingActive.',
    rollback: 'Set the metrics as they were, once they are served.',
    assumption: 'the metrics API serves CPU and memory',
  });
}
