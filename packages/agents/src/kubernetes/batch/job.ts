import { type CmdbReader, parseKubernetesItemId, readField } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import { quote } from '../../findings/quote.ts';
import type { Rule } from '../../findings/rule.ts';
import { hasController } from '../objects/finalizer-owner.ts';
import { indexed } from '../objects/indexed.ts';
import { kindsPresent } from '../objects/kinds-present.ts';
import { isReadCompletely, isYoungerThan, objectsOf } from '../objects/objects.ts';
import { patienceMs } from '../objects/patience.ts';
import {
  type ContainerView,
  containerFinding,
  containersOf,
  livePods,
  nameOf,
  podViews,
  type Termination,
  terminationOf,
} from '../objects/pod-view.ts';
import { conditionOf, instantAt, listAt, mapAt, textAt } from '../objects/read-object.ts';
import { podsOf, workloadOf } from '../objects/workload.ts';
import { crashCode, memoryKill } from '../start/crash.ts';
import { startCode, startTrouble } from '../start/start.ts';

/** Jobs that failed for good. While retries are left nothing has failed; what a later run made good is history. */
export const jobRule: Rule = {
  name: 'job',
  check: (reader) =>
    reader
      .items({ kind: 'Job' })
      .items.flatMap(({ id }) => [...failed(reader, id), ...suspended(reader, id), ...failing(reader, id), ...keptOpen(reader, id)])
      .concat(unmanaged(reader)),
};

/** Kinds whose objects may be left to a controller of another cluster or queue by their field `managedBy`. */
const LEFT_TO_OTHERS = /^(?:Job|JobSet|RayJob|RayCluster|AppWrapper|TrainJob|(?:PyTorch|MPI|TF|XGBoost|Paddle|JAX)Job)$/;
/** The controller of Kubernetes itself, which Jobs are left to where they name nobody. */
const OWN_CONTROLLER = 'kubernetes.io/job-controller';

/** Left to a controller that nothing in the cluster is called after: the controller of its kind keeps its hands off, and no event tells it. */
function unmanaged(reader: CmdbReader): readonly FindingDraft[] {
  if (!isReadCompletely(reader, 'Pod')) return [];
  const kinds = kindsPresent(reader).filter((kind) => LEFT_TO_OTHERS.test(kind));
  return kinds.flatMap((kind) =>
    objectsOf(reader, kind).flatMap(({ id, object }): readonly FindingDraft[] => {
      const manager = textAt(object, 'spec', 'managedBy');
      if (manager === undefined || manager === OWN_CONTROLLER || hasController(reader, manager)) return [];
      const isTaken = Object.keys(mapAt(object, 'status')).length > 0 || readField(object, ['spec', 'suspend']) === true;
      if (isTaken || isYoungerThan(reader, object, patienceMs('take-up'))) return [];
      const message = `${nameOf(id)}: spec.managedBy leaves it to ${manager}, and nothing in the cluster is called after that controller: nobody has begun it`;
      const evidence = [quote(reader, id, ['spec', 'managedBy']), quote(reader, id, ['status'])];
      return [{ code: 'T0-JOB-006', subject: workloadOf(reader, id), key: manager, message, evidence }];
    }),
  );
}

/** A failure longer ago than a day, that nobody repeated, is no incident of today. */
const OLD_MS = 24 * 3_600_000;

function failed(reader: CmdbReader, id: string): readonly FindingDraft[] {
  const object = reader.object(id);
  const condition = failure(object);
  const failedMs = instantAt(condition, 'lastTransitionTime');
  if (condition === undefined || isHistory(reader, id, failedMs)) return [];
  const subject = workloadOf(reader, id);
  const reason = textAt(condition, 'reason') ?? '';
  const code: string = reason === 'DeadlineExceeded' ? 'T0-JOB-002' : reason === 'PodFailurePolicy' ? 'T0-JOB-003' : 'T0-JOB-001';
  const ends = endsOf(reader, id);
  const exits = [...new Set(ends.flatMap((view) => terminationOf(view)?.exitCode ?? []))]
    .filter((exit) => exit !== 0)
    .sort((a, b) => a - b);
  const last = exits.length > 0 ? `, exit code ${exits.join(', ')}` : '';
  const message = `${nameOf(subject)}: ${subject === id ? 'the Job' : `Job ${nameOf(id)}`} failed${reason === '' ? '' : ` (${reason})`}: ${textAt(condition, 'message') ?? 'no message'}${last}`;
  const evidence = [quote(reader, id, ['status'])];
  const isOld = failedMs !== undefined && Date.parse(reader.at) - failedMs > OLD_MS;
  const severity = isOld ? ('degraded' as const) : undefined;
  const causes = isOld ? [] : ends.flatMap(finerCause);
  return [...causes, { code, subject, message, sinceMs: failedMs, evidence, severity }];
}

/** Failures of one sort after which the next try is known to fail as well. */
const SAME_FAILURES = 2;

/** Not given up yet, but its pods end one after another of the same definite cause. */
function failing(reader: CmdbReader, id: string): readonly FindingDraft[] {
  const object = reader.object(id);
  const isOver = ['Complete', 'Failed', 'FailureTarget', 'SuccessCriteriaMet'].some(
    (type) => textAt(conditionOf(object, type), 'status') === 'True',
  );
  if (isOver) return [];
  const causes = endsOf(reader, id)
    .filter(({ pod }) => textAt(pod.object, 'status', 'phase') === 'Failed')
    .flatMap((view) => memoryKill(view, terminationOf(view) as Termination));
  return causes.length >= SAME_FAILURES ? causes.slice(0, 1) : [];
}

/** A container that serves the others of its pod gets this long to end after them; one that by its own words never ends, less. */
const SIDECAR_MS = 300_000;
const ENDLESS_MS = 30_000;
/** Loops and waits without an end, as shells and people write them. */
const ENDLESS =
  /\bwhile (?:true|:|\[ 1 \]|\(\( ?1 ?\)\))|\bfor ?\(\( ?;; ?\)\)|\bsleep (?:infinity|inf)\b|\btail (?:-\w+ )*-[fF]\b|\btail --follow/;

/** Its command has no end, or it is there to serve: it is probed. */
function neverEnds({ spec }: ContainerView): boolean {
  const words = ['command', 'args'].flatMap((field) => listAt(spec, field).map(String)).join(' ');
  return ENDLESS.test(words) || ['readinessProbe', 'livenessProbe'].some((probe) => readField(spec, [probe]) !== undefined);
}

/** The container of the Job itself is done, and another one of its pod runs on: the Job never ends. */
function keptOpen(reader: CmdbReader, id: string): readonly FindingDraft[] {
  const own = new Set(podsOf(reader, id));
  return livePods(reader)
    .filter((pod) => own.has(pod.id))
    .flatMap((pod): readonly FindingDraft[] => {
      const views = containersOf(pod).filter(({ isInit }) => !isInit);
      const done = views.filter(
        (view) => terminationOf(view)?.exitCode === 0 && readField(view.status, ['state', 'terminated']) !== undefined,
      );
      const running = views.filter((view) => readField(view.status, ['state', 'running']) !== undefined);
      const sinceMs = Math.max(...done.map((view) => terminationOf(view)?.finishedMs ?? Number.NEGATIVE_INFINITY));
      const isDone = done.length > 0 && running.length > 0 && done.length + running.length === views.length;
      const patience = running.every(neverEnds) ? ENDLESS_MS : SIDECAR_MS;
      if (!isDone || Date.parse(reader.at) - sinceMs < patience || !Number.isFinite(sinceMs)) return [];
      const names = running.map(({ name }) => name).join(', ');
      const message = `${nameOf(id)}: container ${done.map(({ name }) => name).join(', ')} is done, and ${names} runs on beside it, so the Job never completes`;
      return [
        {
          code: 'T0-JOB-005',
          subject: workloadOf(reader, id),
          key: names,
          message,
          sinceMs,
          evidence: [quote(reader, pod.id, ['status', 'containerStatuses'])],
        },
      ];
    });
}

function failure(job: unknown): unknown {
  const condition = conditionOf(job, 'Failed') ?? conditionOf(job, 'FailureTarget');
  return textAt(condition, 'status') === 'True' ? condition : undefined;
}

function endsOf(reader: CmdbReader, job: string): readonly ContainerView[] {
  const own = new Set(podsOf(reader, job));
  return podViews(reader)
    .filter(({ id }) => own.has(id))
    .flatMap(containersOf)
    .filter((view) => terminationOf(view) !== undefined);
}

/** What the ends of the pods say more precisely than "failed". A plain exit code says no more. */
function finerCause(view: ContainerView): readonly FindingDraft[] {
  const ended = terminationOf(view);
  if (!ended || ended.exitCode === 0) return [];
  const trouble = startTrouble(view);
  const code = trouble ? startCode(view, trouble) : crashCode(view, ended);
  const memory = memoryKill(view, ended);
  if (memory.length > 0) return memory;
  if (code === undefined || code === 'T0-POD-004' || code === 'T0-POD-018') return [];
  const message = trouble
    ? `container ${view.name} could not be started: ${trouble.message || trouble.reason}`
    : `container ${view.name} ended with exit code ${ended.exitCode ?? 'unknown'}`;
  return [containerFinding(view, { code, message, sinceMs: ended.finishedMs })];
}

/** Labels that tell one run of a Job from the next. */
const RUN_LABELS = /controller-uid|job-name|batch\.kubernetes\.io|pod-template-hash|helm\.sh\/chart|version/;

const completedJobs = indexed((reader) =>
  reader.items({ kind: 'Job' }).items.filter(({ id }) => textAt(conditionOf(reader.object(id), 'Complete'), 'status') === 'True'),
);

/** A later run of the same work succeeded: of the same CronJob, or of a Job with the same labels and containers. */
function isHistory(reader: CmdbReader, id: string, failedMs: number | undefined): boolean {
  const top = workloadOf(reader, id);
  if (top !== id) {
    const succeededMs = instantAt(reader.object(top), 'status', 'lastSuccessfulTime');
    if (succeededMs !== undefined && failedMs !== undefined && succeededMs > failedMs) return true;
  }
  const startedMs = instantAt(reader.object(id), 'metadata', 'creationTimestamp') ?? 0;
  const isLater = (other: string) => (instantAt(reader.object(other), 'metadata', 'creationTimestamp') ?? 0) > startedMs;
  const isSame = (other: string) => (top === id ? likeness(reader, other) === likeness(reader, id) : workloadOf(reader, other) === top);
  return completedJobs(reader).some((other) => isLater(other.id) && isSame(other.id));
}

function likeness(reader: CmdbReader, job: string): string {
  const object = reader.object(job);
  const labels = Object.entries(mapAt(object, 'metadata', 'labels'))
    .filter(([key]) => !RUN_LABELS.test(key))
    .sort();
  const containers = listAt(object, 'spec', 'template', 'spec', 'containers').map((entry) => textAt(entry, 'name'));
  return JSON.stringify([
    parseKubernetesItemId(job)?.namespace,
    labels.length > 0 ? labels : (textAt(object, 'metadata', 'generateName') ?? job),
    containers,
  ]);
}

function suspended(reader: CmdbReader, id: string): readonly FindingDraft[] {
  const object = reader.object(id);
  if (
    readField(object, ['spec', 'suspend']) !== true ||
    listAt(object, 'status', 'conditions').some((entry) => textAt(entry, 'type') === 'Complete')
  )
    return [];
  const message = `${nameOf(id)}: the Job is suspended`;
  return [{ code: 'T0-JOB-004', subject: id, message, evidence: [quote(reader, id, ['spec', 'suspend'])] }];
}
