import { type CmdbReader, type FieldPath, type Finding, parseKubernetesItemId, readField } from '@tier0/core';
import { conditionOf, instantAt, listAt, numberAt, textAt } from '../workload/read-object.ts';
import { containerPath, podsOf, workloadOf } from '../workload/workload.ts';
import type { RuleCode } from './codes.ts';
import { quote, type Rule, toFinding } from './rule.ts';

/** One container of one pod, with all that the checks need. */
interface ContainerFacts {
  readonly reader: CmdbReader;
  readonly pod: string;
  readonly podObject: unknown;
  readonly workload: string;
  readonly container: string;
  readonly status: unknown;
  readonly statusPath: FieldPath;
}

/** Pods whose containers cannot start, crash, or are killed. */
export const podRule: Rule = {
  name: 'pod',
  check(reader) {
    return reader.items({ kind: 'Pod' }).items.flatMap(({ id }) => {
      const podObject = reader.object(id);
      if (isOver(podObject)) return [];
      const workload = workloadOf(reader, id);
      return [...unschedulable(reader, id, workload), ...containersOf(reader, id, workload).flatMap(checkContainer)];
    });
  },
};

/** A pod that is done, or on its way out, is no fault. */
function isOver(pod: unknown): boolean {
  const phase = textAt(pod, 'status', 'phase');
  return phase === 'Succeeded' || phase === 'Failed' || readField(pod, ['metadata', 'deletionTimestamp']) !== undefined;
}

function containersOf(reader: CmdbReader, pod: string, workload: string): readonly ContainerFacts[] {
  const podObject = reader.object(pod);
  return ['initContainerStatuses', 'containerStatuses'].flatMap((list) =>
    listAt(podObject, 'status', list).flatMap((status): readonly ContainerFacts[] => {
      const container = textAt(status, 'name');
      const statusPath: FieldPath = ['status', list, { key: 'name', value: container ?? '' }];
      return container ? [{ reader, pod, podObject, workload, container, status, statusPath }] : [];
    }),
  );
}

function checkContainer(facts: ContainerFacts): readonly Finding[] {
  return [...imageProblem(facts), ...configurationProblem(facts), ...memoryKill(facts), ...crashLoop(facts), ...readinessProblem(facts)];
}

const IMAGE_REASONS: ReadonlySet<string> = new Set(['ImagePullBackOff', 'ErrImagePull', 'InvalidImageName', 'ErrImageNeverPull']);
const UNAUTHORIZED = /\b(401|403)\b|unauthori[sz]ed|authentication required|access denied|denied: |forbidden|no basic auth/i;
const UNREACHABLE =
  /no such host|i\/o timeout|connection refused|dial tcp|tls handshake|context deadline exceeded|network is unreachable|\b50[234]\b/i;
const NOT_FOUND =
  /not found|manifest unknown|does not exist|no such image|name unknown|invalid reference|couldn't parse|invalidimagename|\b404\b/i;

function imageProblem(facts: ContainerFacts): readonly Finding[] {
  const reason = textAt(facts.status, 'state', 'waiting', 'reason') ?? '';
  if (!IMAGE_REASONS.has(reason)) return [];
  const message = textAt(facts.status, 'state', 'waiting', 'message') ?? '';
  const image = imageOf(facts);
  const code = imageCode(reason, `${message} ${pullEvents(facts)}`);
  const told = {
    'T0-POD-001': 'the registry does not have it',
    'T0-POD-002': 'the registry refuses access',
    'T0-POD-003': 'the registry cannot be reached',
  };
  return [
    finding(facts, code, {
      key: image,
      message: `container ${facts.container}: image ${image} cannot be pulled: ${told[code]} (${reason})`,
    }),
  ];
}

/** "Not found or not authorised" is how some registries say not found to strangers: not found is believed when both are named. */
function imageCode(reason: string, message: string): 'T0-POD-001' | 'T0-POD-002' | 'T0-POD-003' {
  if (reason === 'InvalidImageName') return 'T0-POD-001';
  if (UNREACHABLE.test(message) && !NOT_FOUND.test(message)) return 'T0-POD-003';
  if (UNAUTHORIZED.test(message) && !/not found|manifest unknown/i.test(message)) return 'T0-POD-002';
  return 'T0-POD-001';
}

/** A back-off message often hides the first error; events keep it for a while. They are a hint, keyed by uid. */
function pullEvents({ reader, podObject }: ContainerFacts): string {
  const uid = textAt(podObject, 'metadata', 'uid');
  if (!uid) return '';
  const events = reader.items({ kind: 'Event' }).items.map((item) => reader.object(item.id));
  const own = events.filter((event) => textAt(event, 'involvedObject', 'uid') === uid && textAt(event, 'reason') === 'Failed');
  return own.map((event) => textAt(event, 'message') ?? '').join(' ');
}

function imageOf({ podObject, container, status }: ContainerFacts): string {
  const named = (list: string) => textAt(podObject, 'spec', list, { key: 'name', value: container }, 'image');
  return named('containers') ?? named('initContainers') ?? textAt(status, 'image') ?? 'unknown';
}

function configurationProblem(facts: ContainerFacts): readonly Finding[] {
  if (textAt(facts.status, 'state', 'waiting', 'reason') !== 'CreateContainerConfigError') return [];
  const message = textAt(facts.status, 'state', 'waiting', 'message') ?? '';
  const match = configurationMatch(message);
  return match ? [finding(facts, match.code, { key: match.key, message: `container ${facts.container} cannot start: ${message}` })] : [];
}

const CONFIGURATION_MESSAGES: readonly { readonly pattern: RegExp; readonly code: RuleCode }[] = [
  { pattern: /couldn't find key (\S+) in ConfigMap (\S+)/i, code: 'T0-POD-007' },
  { pattern: /couldn't find key (\S+) in Secret (\S+)/i, code: 'T0-POD-009' },
  { pattern: /configmap "([^"]+)" not found/i, code: 'T0-POD-006' },
  { pattern: /secret "([^"]+)" not found/i, code: 'T0-POD-008' },
];

/** The key equals that of the same fault found from the template, so both are one finding. */
function configurationMatch(message: string): { readonly code: RuleCode; readonly key: string } | undefined {
  for (const { pattern, code } of CONFIGURATION_MESSAGES) {
    const match = pattern.exec(message);
    if (match) return { code, key: match[2] ? `${match[2].replace(/^.*\//, '')}/${match[1]}` : (match[1] ?? '') };
  }
  return undefined;
}

function memoryKill(facts: ContainerFacts): readonly Finding[] {
  const paths: readonly FieldPath[] = [
    ['lastState', 'terminated'],
    ['state', 'terminated'],
  ];
  const path = paths.find((candidate) => readField(facts.status, [...candidate, 'reason']) === 'OOMKilled');
  if (!path) return [];
  const killedAt = instantAt(facts.status, ...path, 'finishedAt');
  if (!isRecent(facts, killedAt) && textAt(facts.status, 'state', 'waiting', 'reason') === undefined) return [];
  const kind = parseKubernetesItemId(facts.workload)?.kind ?? '';
  const limit = readField(facts.reader.object(facts.workload), [...containerPath(kind, facts.container), 'resources', 'limits', 'memory']);
  const message = `container ${facts.container} was killed at its memory limit${limit ? ` of ${String(limit)}` : ''}, restarts: ${numberAt(facts.status, 'restartCount') ?? 0}`;
  return [finding(facts, 'T0-POD-005', { message, sinceMs: killedAt })];
}

/** A kill longer ago than this, with the container running since, is over. */
const OVER_AFTER_MS = 3_600_000;

function isRecent({ reader }: ContainerFacts, atMs: number | undefined): boolean {
  return atMs === undefined || Date.parse(reader.at) - atMs <= OVER_AFTER_MS;
}

function crashLoop(facts: ContainerFacts): readonly Finding[] {
  if (textAt(facts.status, 'state', 'waiting', 'reason') !== 'CrashLoopBackOff') return [];
  const exitCode = numberAt(facts.status, 'lastState', 'terminated', 'exitCode');
  const reason = textAt(facts.status, 'lastState', 'terminated', 'reason') ?? 'unknown reason';
  const message = `container ${facts.container} crashes again and again: exit code ${exitCode ?? 'unknown'} (${reason}), restarts: ${numberAt(facts.status, 'restartCount') ?? 0}`;
  return [finding(facts, 'T0-POD-004', { message, sinceMs: instantAt(facts.status, 'lastState', 'terminated', 'finishedAt') })];
}

/** Running, out of its start-up window, not ready, and the probe asks a port that the container does not declare. */
function readinessProblem(facts: ContainerFacts): readonly Finding[] {
  const startedAt = instantAt(facts.status, 'state', 'running', 'startedAt');
  if (startedAt === undefined || readField(facts.status, ['ready']) !== false) return [];
  const container = readField(facts.podObject, ['spec', 'containers', { key: 'name', value: facts.container }]);
  const probe = readField(container, ['readinessProbe']);
  if (Date.parse(facts.reader.at) - startedAt < probeBudgetMs(container)) return [];
  const port = readField(probe, ['httpGet', 'port']) ?? readField(probe, ['tcpSocket', 'port']) ?? readField(probe, ['grpc', 'port']);
  const declared = listAt(container, 'ports');
  const isDeclared = declared.some((entry) => readField(entry, ['containerPort']) === port || readField(entry, ['name']) === port);
  // Ports need not be declared: a number is only called wrong when the container does declare others.
  if (port === undefined || isDeclared || declared.length === 0) return [];
  const message = `container ${facts.container} runs but is not ready: its readiness probe asks port ${String(port)}, which it does not serve`;
  const path: FieldPath = ['spec', 'containers', { key: 'name', value: facts.container }, 'readinessProbe'];
  const evidence = [quote(facts.reader, facts.pod, path), quote(facts.reader, facts.pod, [...path.slice(0, -1), 'ports'])];
  return [
    toFinding({
      code: 'T0-POD-011',
      subject: facts.workload,
      container: facts.container,
      key: String(port),
      message,
      evidence,
      sinceMs: startedAt,
    }),
  ];
}

/** Time that start-up and readiness may take by the probes' own numbers. Defaults as in the Kubernetes API: 10 s, 3 failures. */
function probeBudgetMs(container: unknown): number {
  return ['startupProbe', 'readinessProbe'].reduce((total, name) => {
    const probe = readField(container, [name]);
    if (probe === undefined) return total;
    const failures = numberAt(probe, 'failureThreshold') ?? 3;
    return total + 1000 * ((numberAt(probe, 'initialDelaySeconds') ?? 0) + failures * (numberAt(probe, 'periodSeconds') ?? 10));
  }, 0);
}

function unschedulable(reader: CmdbReader, pod: string, workload: string): readonly Finding[] {
  const object = reader.object(pod);
  const condition = conditionOf(object, 'PodScheduled');
  if (textAt(condition, 'status') !== 'False' || textAt(condition, 'reason') !== 'Unschedulable') return [];
  const message = textAt(condition, 'message') ?? '';
  if (!/insufficient (cpu|memory|ephemeral-storage)|too many pods/i.test(message)) return [];
  const evidence = [quote(reader, pod, ['status', 'conditions', { key: 'type', value: 'PodScheduled' }])];
  const sinceMs = instantAt(condition, 'lastTransitionTime');
  return [toFinding({ code: 'T0-POD-010', subject: workload, message: `no node has room for its pods: ${message}`, evidence, sinceMs })];
}

function finding(
  facts: ContainerFacts,
  code: RuleCode,
  draft: { readonly message: string; readonly key?: string | undefined; readonly sinceMs?: number | undefined },
): Finding {
  const pods = podsOf(facts.reader, facts.workload).length;
  const scope = pods > 1 ? ` (pod ${parseKubernetesItemId(facts.pod)?.name}, ${pods} pods in all)` : '';
  return toFinding({
    code,
    subject: facts.workload,
    container: facts.container,
    key: draft.key,
    message: `${parseKubernetesItemId(facts.workload)?.name ?? facts.workload}: ${draft.message}${scope}`,
    sinceMs: draft.sinceMs ?? instantAt(facts.podObject, 'metadata', 'creationTimestamp'),
    evidence: [quote(facts.reader, facts.pod, facts.statusPath)],
  });
}
