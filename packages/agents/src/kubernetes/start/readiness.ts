import { readField } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import type { Rule } from '../../findings/rule.ts';
import { earlierCommand } from '../objects/command.ts';
import { hasController } from '../objects/finalizer-owner.ts';
import { isReadCompletely } from '../objects/objects.ts';
import { patienceMs } from '../objects/patience.ts';
import { isFailingAtWork } from '../objects/pod-trouble.ts';
import {
  type ContainerView,
  containerFinding,
  containersOf,
  eventMessages,
  isUp,
  livePodsByWorkload,
  type PodView,
  podFinding,
  terminationOf,
  troubledPods,
} from '../objects/pod-view.ts';
import { conditionOf, instantAt, listAt, numberAt, textAt } from '../objects/read-object.ts';
import { isStandby } from '../objects/standby.ts';
import { tellingWords } from '../objects/telling-words.ts';
import { partsOf } from '../objects/template-change.ts';
import { podsByWorkload } from '../objects/workload-index.ts';
import { isCrashing } from './crash.ts';
import { budgetMs, isPortWrong, type Probe, type ProbeName, probeOf } from './probe.ts';
import { isStarved, processorShare, starvedFinding } from './probe-kill.ts';

/** Containers that run, are past their start-up window, and are not ready. */
export const readinessRule: Rule = {
  name: 'readiness',
  check: (reader) => troubledPods(reader).flatMap((pod) => [...containersOf(pod).flatMap(notReady), ...gated(pod)]),
};

/** Nothing is called unready sooner than this after its start. */
const LEAST_WINDOW_MS = 30_000;

function notReady(view: ContainerView): readonly FindingDraft[] {
  const startedMs = instantAt(view.status, 'state', 'running', 'startedAt');
  if (view.isInit || startedMs === undefined || readField(view.status, ['ready']) !== false) return [];
  const name: ProbeName =
    readField(view.status, ['started']) === false && probeOf(view, 'startupProbe') ? 'startupProbe' : 'readinessProbe';
  const probe = probeOf(view, name);
  const windowMs = budgetMs(probeOf(view, 'startupProbe')) + budgetMs(probeOf(view, 'readinessProbe'));
  if (!probe || Date.parse(view.pod.reader.at) - startedMs < Math.max(windowMs, LEAST_WINDOW_MS)) return [];
  const ended = terminationOf(view);
  if (ended && isCrashing(view, ended)) return [];
  const judged = judge(view, name, probe, startedMs);
  const isEarly = isRollingOut(view.pod) || Date.parse(view.pod.reader.at) - startedMs < GUESS_AFTER_MS;
  if (GUESSED.has(judged.code) && isEarly) return [];
  // What another pod of the same template is not stopped by is not wrong in the template.
  return [isStandby(view.pod) && judged.code !== 'T0-POD-035' ? { ...judged, severity: 'degraded' } : judged];
}

/** Everything inside the pod is ready, and a condition that others are to set is not. */
function gated(pod: PodView): readonly FindingDraft[] {
  const ready = conditionOf(pod.object, 'Ready');
  const sinceMs = instantAt(conditionOf(pod.object, 'ContainersReady'), 'lastTransitionTime');
  const isInside = textAt(conditionOf(pod.object, 'ContainersReady'), 'status') === 'True';
  if (textAt(ready, 'reason') !== 'ReadinessGatesNotReady' || !isInside || sinceMs === undefined) return [];
  const gates = listAt(pod.object, 'spec', 'readinessGates').flatMap((gate) => textAt(gate, 'conditionType') ?? []);
  const closed = gates.filter((gate) => textAt(conditionOf(pod.object, gate), 'status') !== 'True');
  const isOrphaned = isReadCompletely(pod.reader, 'Pod') && closed.some((gate) => !hasController(pod.reader, gate));
  if (Date.parse(pod.reader.at) - sinceMs < patienceMs(isOrphaned ? 'gate-orphaned' : 'gate-open')) return [];
  return [
    podFinding(pod, {
      code: 'T0-POD-081',
      key: closed.join(),
      facts: { gates: closed, said: textAt(ready, 'message') ?? 'nobody has set the condition' },
      sinceMs,
      paths: [
        ['spec', 'readinessGates'],
        ['status', 'conditions'],
      ],
    }),
  ];
}

/** What says that a container is not ready without knowing what is wrong. */
const GUESSED: ReadonlySet<string> = new Set(['T0-POD-037', 'T0-POD-038', 'T0-POD-042', 'T0-POD-043']);
/** Many programs take minutes to be ready, and few have a startup probe that says so. */
const GUESS_AFTER_MS = 120_000;

/** Kinds that say by conditions how far their rollout is. */
const TELLS_ROLLOUT: ReadonlySet<string> = new Set(['Deployment', 'DeploymentConfig', 'Rollout']);

/** A rollout within its deadline, of a workload that has as many pods as it must. */
function isRollingOut({ reader, workload, workloadKind }: PodView): boolean {
  const object = reader.object(workload);
  if (!TELLS_ROLLOUT.has(workloadKind) || textAt(conditionOf(object, 'Available'), 'status') !== 'True') return false;
  const progressing = conditionOf(object, 'Progressing');
  if (textAt(progressing, 'status') !== 'True' || /^New\w+Available$/.test(textAt(progressing, 'reason') ?? '')) return false;
  const updatedMs = instantAt(progressing, 'lastUpdateTime') ?? Number.NEGATIVE_INFINITY;
  const deadlineMs = 1000 * (numberAt(object, 'spec', 'progressDeadlineSeconds') ?? 600);
  return Date.parse(reader.at) - updatedMs < deadlineMs;
}

function judge(view: ContainerView, name: ProbeName, probe: Probe, startedMs: number): FindingDraft {
  const label = name === 'startupProbe' ? 'startup probe' : 'readiness probe';
  const told = firstTold(view, name);
  const paths = [view.statusPath, [...view.specPath, name], [...view.specPath, 'ports']];
  const say = (code: string, why: string, key = '') =>
    (code === 'T0-POD-035' ? starvedFinding : containerFinding)(view, {
      code,
      key,
      message: `container ${view.name} runs but is not ready: ${why}`,
      sinceMs: startedMs,
      paths,
      ...(GUESSED.has(code) ? { suspects: dependenciesOf(view) } : {}),
    });
  if (isPortWrong(view, probe.port) && !/statuscode: \d/i.test(told))
    return say('T0-POD-011', `its ${label} asks port ${probe.port}, which it does not serve`, String(probe.port));
  if (isStarved(view, told))
    return say('T0-POD-035', `its ${label} gets no answer in time, and it may only use ${processorShare(view)}`, 'cpu');
  const wrong = wrongBecause(view, name, probe, told);
  if (wrong !== undefined) return say('T0-POD-036', `its ${label} ${wrong}`, name);
  if (/statuscode: 5\d\d|NOT_SERVING/i.test(told))
    return say('T0-POD-038', `its ${label} is told that it cannot serve: ${tellingWords(told)}`);
  const why = told === '' ? `its ${label} does not succeed` : `its ${label} does not succeed: ${tellingWords(told)}`;
  if (!wasReady(view, startedMs) && !NO_ANSWER.test(told)) return say('T0-POD-037', why);
  return say(isMissed(view.pod) ? 'T0-POD-042' : 'T0-POD-043', why);
}

/** A wrong question is answered wrongly or refused; silence is about the program. */
const NO_ANSWER = /timeout|timed out|deadline exceeded/i;

/** The pod became unready well after the container had started: a question that was answered before is not a wrong one. */
function wasReady({ pod }: ContainerView, startedMs: number): boolean {
  const changedMs = instantAt(conditionOf(pod.object, 'Ready'), 'lastTransitionTime');
  return changedMs !== undefined && changedMs - startedMs > LEAST_WINDOW_MS;
}

/** Other workloads are told to use a Service of the pod, and fail. */
function isMissed({ reader, id, workload }: PodView): boolean {
  const services = reader.relations(id, 'in', 'selects').map(({ from }) => from);
  const users = services.flatMap((service) => reader.relations(service, 'in', 'dependsOn').map(({ from }) => from));
  return users.some((user) => user !== workload && (podsByWorkload(reader).get(user) ?? []).some((pod) => isFailingAtWork(reader, pod)));
}

/** The newest words of the kubelet about this probe. Several containers share one pod's events, so only with a single candidate. */
function firstTold({ pod, spec }: ContainerView, name: ProbeName): string {
  const label = name === 'startupProbe' ? /startup probe/i : /readiness probe/i;
  const lines = eventMessages(pod, /^(?:Unhealthy|ProbeWarning)$/).filter((line) => label.test(line));
  const probed = listAt(pod.object, 'spec', 'containers').filter((entry) => readField(entry, [name]) !== undefined);
  return probed.length > 1 && probed[0] !== spec ? '' : (lines[0] ?? '');
}

/** Answers that speak against the question rather than the program, and comparisons that need no event. */
function wrongBecause(view: ContainerView, name: ProbeName, probe: Probe, told: string): string | undefined {
  const status = /statuscode: (4\d\d|3\d\d)/.exec(told)?.[1];
  if (status && status !== '429' && !isAnsweredElsewhere(view, name)) return `asks ${probe.path ?? 'a path'} and is answered ${status}`;
  if (/Get "https:[^\n]*HTTP response to HTTPS client/i.test(told) && probe.scheme !== 'HTTPS')
    return 'is sent on to https at the same port, where the program speaks plain HTTP';
  if (
    /HTTP response to HTTPS client|tls: first record|malformed HTTP (?:response|status)|HTTP\/1\.x transport connection broken/i.test(told)
  )
    return `speaks ${probe.scheme}, and the program does not`;
  if (/executable file not found|no such file or directory|exec[^\n]*permission denied/i.test(told))
    return `runs a command that the image does not have`;
  if (/unknown service|unimplemented|does not implement the grpc health/i.test(told))
    return 'asks a health service that the program does not offer';
  return changedProbe(view, name) ?? otherPort(view, probe);
}

/** A pod of the workload, of whatever revision, is ready by the very same question. */
function isAnsweredElsewhere({ pod, spec, name: container }: ContainerView, name: ProbeName): boolean {
  const asked = JSON.stringify(readField(spec, [name]));
  return (livePodsByWorkload(pod.reader).get(pod.workload) ?? []).some(
    (other) =>
      other.id !== pod.id &&
      isUp(other.object) &&
      JSON.stringify(readField(other.object, ['spec', 'containers', { key: 'name', value: container }, name])) === asked,
  );
}

/** The revision before asked another question, and nothing else of the container changed that could matter. */
function changedProbe(view: ContainerView, name: ProbeName): string | undefined {
  const earlier = earlierCommand(view)?.container;
  const before = readField(earlier, [name]);
  const present = readField(view.spec, [name]);
  if (before === undefined || present === undefined || textAt(earlier, 'image') !== textAt(view.spec, 'image')) return undefined;
  const target = (probe: unknown) =>
    JSON.stringify(['httpGet', 'tcpSocket', 'exec', 'grpc'].map((field) => stripDefaults(readField(probe, [field]))));
  if (target(before) === target(present)) return undefined;
  return `asks another question than the revision before, of the same image${partsOf(name, before, present)}`;
}

function stripDefaults(handler: unknown): unknown {
  if (typeof handler !== 'object' || handler === null) return handler;
  return Object.entries(handler).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** With no port declared at all, the port that the other probe and every Service in front use is the one served. */
function otherPort(view: ContainerView, probe: Probe): string | undefined {
  if (typeof probe.port !== 'number' || listAt(view.spec, 'ports').length > 0) return undefined;
  const { reader, id } = view.pod;
  const services = reader.relations(id, 'in', 'selects').map((relation) => reader.object(relation.from));
  const served = services
    .flatMap((service) => listAt(service, 'spec', 'ports'))
    .flatMap((port) => (textAt(port, 'targetPort') === undefined ? (numberAt(port, 'targetPort') ?? numberAt(port, 'port') ?? []) : []));
  const liveness = probeOf(view, 'livenessProbe')?.port;
  const differs = served.length > 0 && !served.includes(probe.port) && (liveness === undefined || liveness !== probe.port);
  return differs ? `asks port ${probe.port}, while its Service sends to port ${served.join(', ')}` : undefined;
}

/** Services that the workload names in its configuration: what an honest "not ready" may be about. */
function dependenciesOf({ pod }: ContainerView): readonly string[] {
  return pod.reader.relations(pod.workload, 'out', 'dependsOn').map((relation) => relation.to);
}
