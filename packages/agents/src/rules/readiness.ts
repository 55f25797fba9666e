import { type Finding, readField } from '@tier0/core';
import { instantAt, listAt, numberAt, textAt } from '../workload/read-object.ts';
import type { RuleCode } from './codes.ts';
import { earlierCommand } from './command.ts';
import { isCrashing } from './crash.ts';
import { type ContainerView, containerFinding, containersOf, eventText, firstLine, terminationOf, troubledPods } from './pod-view.ts';
import { budgetMs, isPortWrong, type Probe, type ProbeName, probeOf } from './probe.ts';
import { isStarved } from './probe-kill.ts';
import type { Rule } from './rule.ts';

/** Containers that run, are past their start-up window, and are not ready. */
export const readinessRule: Rule = {
  name: 'readiness',
  check: (reader) => troubledPods(reader).flatMap((pod) => containersOf(pod).flatMap(notReady)),
};

/** Nothing is called unready sooner than this after its start. */
const LEAST_WINDOW_MS = 30_000;

function notReady(view: ContainerView): readonly Finding[] {
  const startedMs = instantAt(view.status, 'state', 'running', 'startedAt');
  if (view.isInit || startedMs === undefined || readField(view.status, ['ready']) !== false) return [];
  const name: ProbeName =
    readField(view.status, ['started']) === false && probeOf(view, 'startupProbe') ? 'startupProbe' : 'readinessProbe';
  const probe = probeOf(view, name);
  const windowMs = budgetMs(probeOf(view, 'startupProbe')) + budgetMs(probeOf(view, 'readinessProbe'));
  if (!probe || Date.parse(view.pod.reader.at) - startedMs < Math.max(windowMs, LEAST_WINDOW_MS)) return [];
  const ended = terminationOf(view);
  if (ended && isCrashing(view, ended)) return [];
  return [judge(view, name, probe, startedMs)];
}

function judge(view: ContainerView, name: ProbeName, probe: Probe, startedMs: number): Finding {
  const label = name === 'startupProbe' ? 'startup probe' : 'readiness probe';
  const told = firstTold(view, name);
  const paths = [view.statusPath, [...view.specPath, name], [...view.specPath, 'ports']];
  const say = (code: RuleCode, why: string, key = '') =>
    containerFinding(view, {
      code,
      key,
      message: `container ${view.name} runs but is not ready: ${why}`,
      sinceMs: startedMs,
      paths,
      ...(code === 'T0-POD-037' || code === 'T0-POD-038' ? { suspects: dependenciesOf(view) } : {}),
    });
  if (isPortWrong(view, probe.port))
    return say('T0-POD-011', `its ${label} asks port ${probe.port}, which it does not serve`, String(probe.port));
  if (isStarved(view, told))
    return say('T0-POD-035', `its ${label} gets no answer in time, and it may use ${cpuLimit(view)} of a processor only`, 'cpu');
  const wrong = wrongBecause(view, name, probe, told);
  if (wrong !== undefined) return say('T0-POD-036', `its ${label} ${wrong}`, name);
  if (/statuscode: 5\d\d|NOT_SERVING/i.test(told))
    return say('T0-POD-038', `its ${label} is told that it cannot serve: ${firstLine(told)}`);
  return say('T0-POD-037', told === '' ? `its ${label} does not succeed` : `its ${label} does not succeed: ${firstLine(told)}`);
}

function cpuLimit({ spec }: ContainerView): string {
  return String(readField(spec, ['resources', 'limits', 'cpu']));
}

/** The newest words of the kubelet about this probe. Several containers share one pod's events, so only with a single candidate. */
function firstTold({ pod, spec }: ContainerView, name: ProbeName): string {
  const label = name === 'startupProbe' ? /startup probe/i : /readiness probe/i;
  const lines = eventText(pod, /^(?:Unhealthy|ProbeWarning)$/)
    .split('\n')
    .filter((line) => label.test(line));
  const probed = listAt(pod.object, 'spec', 'containers').filter((entry) => readField(entry, [name]) !== undefined);
  return probed.length > 1 && probed[0] !== spec ? '' : (lines[0] ?? '');
}

/** Answers that speak against the question rather than the program, and comparisons that need no event. */
function wrongBecause(view: ContainerView, name: ProbeName, probe: Probe, told: string): string | undefined {
  const status = /statuscode: (4\d\d|3\d\d)/.exec(told)?.[1];
  if (status && status !== '429') return `asks ${probe.path ?? 'a path'} and is answered ${status}`;
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

/** The revision before asked another question, and nothing else of the container changed that could matter. */
function changedProbe(view: ContainerView, name: ProbeName): string | undefined {
  const earlier = earlierCommand(view)?.container;
  const before = readField(earlier, [name]);
  const present = readField(view.spec, [name]);
  if (before === undefined || present === undefined || textAt(earlier, 'image') !== textAt(view.spec, 'image')) return undefined;
  const target = (probe: unknown) =>
    JSON.stringify(['httpGet', 'tcpSocket', 'exec', 'grpc'].map((field) => stripDefaults(readField(probe, [field]))));
  return target(before) === target(present) ? undefined : 'asks another question than the revision before, of the same image';
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
    .flatMap((port) => numberAt(port, 'targetPort') ?? numberAt(port, 'port') ?? []);
  const liveness = probeOf(view, 'livenessProbe')?.port;
  const differs = served.length > 0 && !served.includes(probe.port) && (liveness === undefined || liveness !== probe.port);
  return differs ? `asks port ${probe.port}, while its Service sends to port ${served.join(', ')}` : undefined;
}

/** Services that the workload names in its configuration: what an honest "not ready" may be about. */
function dependenciesOf({ pod }: ContainerView): readonly string[] {
  return pod.reader.relations(pod.workload, 'out', 'dependsOn').map((relation) => relation.to);
}
