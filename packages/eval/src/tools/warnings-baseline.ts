import type { CallContext } from '@tier0/core';
import type { KubernetesObject, SubjectRef } from '../scenario/scenario.ts';
import { causeOfText } from './cause-of-text.ts';
import { listObjects } from './list-objects.ts';
import type { AnsweredRootCause, DiagnosisAnswer, ScenarioAccess, ToolUnderTest } from './tool-under-test.ts';

const NOTE = 'Every warning, every container that is not ready and every failing condition of a Deployment is a finding and an accusation.';

/**
 * The baseline: what a person gets from `kubectl get events` and `kubectl get pods` without any tool. Every Warning event, every pod that is
 * not ready and every failing condition of a Deployment is a finding, and each object with one is reported as a root cause. The cause is read from the
 * words of the warning. A pod stands for the workload that owns it, as the arena counts it for every tool.
 */
export function createWarningsBaseline(): ToolUnderTest {
  return {
    describe: () => ({ id: 'warnings', name: 'list of warnings', version: '1', kind: 'baseline', note: NOTE }),
    availability: async () => ({ status: 'available' }),
    diagnose: async (access, context) => answerOf(await listWarnings(access, context)),
  };
}

interface Warning {
  readonly subject: SubjectRef;
  readonly text: string;
}

async function listWarnings(access: ScenarioAccess, context: CallContext): Promise<readonly Warning[]> {
  const list = (kind: string, path: string) => listObjects(access, { kind, path }, context);
  const [events, pods, deployments] = await Promise.all([
    list('Event', '/api/v1/events'),
    list('Pod', '/api/v1/pods'),
    list('Deployment', '/apis/apps/v1/deployments'),
  ]);
  const wanted = (object: { readonly namespace?: string | undefined }) =>
    access.namespaces === undefined || access.namespaces.includes(object.namespace ?? '');
  return [...events.flatMap(eventWarning), ...pods.flatMap(podWarnings), ...deployments.flatMap(conditionWarnings)].filter(({ subject }) =>
    wanted(subject),
  );
}

interface EventFields {
  readonly type?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly note?: string;
  readonly involvedObject?: { readonly kind?: string; readonly namespace?: string; readonly name?: string };
}

function eventWarning(object: KubernetesObject): readonly Warning[] {
  const { type, reason, message, note, involvedObject } = object as unknown as EventFields;
  if (type !== 'Warning' || !involvedObject?.kind || !involvedObject.name) return [];
  const { kind, namespace, name } = involvedObject;
  return [{ subject: { kind, namespace, name }, text: `${reason ?? 'Warning'}: ${message ?? note ?? ''}` }];
}

interface ContainerStatus {
  readonly name?: string;
  readonly ready?: boolean;
  readonly state?: { readonly waiting?: { readonly reason?: string; readonly message?: string } };
  readonly lastState?: { readonly terminated?: { readonly reason?: string; readonly exitCode?: number } };
}

function podWarnings(pod: KubernetesObject): readonly Warning[] {
  const status = pod.status as { readonly phase?: string; readonly containerStatuses?: readonly ContainerStatus[] } | undefined;
  if (status?.phase === 'Succeeded') return [];
  const unready = (status?.containerStatuses ?? []).filter((container) => container.ready === false);
  return unready.map((container) => ({ subject: subjectOf(pod), text: `container ${container.name} is not ready${reasonOf(container)}` }));
}

function reasonOf({ state, lastState }: ContainerStatus): string {
  const waiting = state?.waiting ? [state.waiting.reason, state.waiting.message] : [];
  const ended = lastState?.terminated ? [`last ended with ${lastState.terminated.reason} ${lastState.terminated.exitCode}`] : [];
  const reasons = [...waiting, ...ended].filter(Boolean);
  return reasons.length === 0 ? '' : `: ${reasons.join(', ')}`;
}

interface Condition {
  readonly type?: string;
  readonly status?: string;
  readonly reason?: string;
  readonly message?: string;
}

/** `Available` and `Progressing` should be true, `ReplicaFailure` should not. */
function conditionWarnings(deployment: KubernetesObject): readonly Warning[] {
  const conditions = (deployment.status as { readonly conditions?: readonly Condition[] } | undefined)?.conditions ?? [];
  const fails = ({ type, status }: Condition) => (type === 'ReplicaFailure' ? status === 'True' : status === 'False');
  return conditions
    .filter(fails)
    .map(({ type, reason, message }) => ({ subject: subjectOf(deployment), text: `${type}: ${reason ?? ''} ${message ?? ''}` }));
}

function subjectOf({ kind, metadata }: KubernetesObject): SubjectRef {
  return { kind, namespace: metadata.namespace, name: metadata.name };
}

/** One root cause for each object and cause, with all that was said about it. */
function answerOf(warnings: readonly Warning[]): DiagnosisAnswer {
  const grouped = new Map<string, AnsweredRootCause>();
  for (const { subject, text } of warnings) {
    const cause = causeOfText(text);
    const key = [subject.kind, subject.namespace, subject.name, cause].join('/');
    const known = grouped.get(key);
    grouped.set(key, { cause, subject, text: known ? `${known.text}\n${text}` : text });
  }
  return { rootCauses: [...grouped.values()], findings: warnings.length, raw: JSON.stringify(warnings, null, 1) };
}
