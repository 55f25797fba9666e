import { type CallContext, type LanguageModel, modelError, Tier0Error } from '@tier0/core';
import { stringify } from 'yaml';
import type { KubernetesObject } from '../scenario/scenario.ts';
import { listObjects } from './list-objects.ts';
import { modelPrompt, readModelAnswer } from './model-question.ts';
import type { DiagnosisAnswer, ScenarioAccess, ToolUnderTest } from './tool-under-test.ts';

/** Which model is asked. */
export interface DescribeBaselineOptions {
  /** The same model that every tool of the run gets. */
  readonly model: LanguageModel;
}

/** What many people do: describe what is not ready, paste it into a chat, take the answer. One question, no tool. */
export function createDescribeBaseline({ model }: DescribeBaselineOptions): ToolUnderTest {
  return {
    describe: () => ({
      id: 'describe-one-shot',
      name: 'describe and ask once',
      version: '1',
      kind: 'baseline',
      model: model.model,
      note: NOTE,
      repeats: model.name === 'scripted' ? 1 : undefined,
    }),
    availability: async () => ({ status: 'available' }),
    diagnose: (access, context) => askOnce(model, access, context),
  };
}

const NOTE = 'Describes up to eight objects that are not well, with their owners, events and conditions, and asks the model once.';
const DESCRIBED = 8;
const MAX_CHARACTERS = 24_000;

async function askOnce(model: LanguageModel, access: ScenarioAccess, context: CallContext): Promise<DiagnosisAnswer> {
  const described = await describeCluster(access, context);
  const messages = modelPrompt(described);
  let text = '';
  let usage: { inputTokens?: number | undefined; outputTokens?: number | undefined } = {};
  for await (const event of model.generate({ messages, maxOutputTokens: 1_024 }, context)) {
    if (event.type === 'error') throw modelError(event.failure);
    if (event.type === 'text') text += event.text;
    if (event.type === 'usage') usage = event.usage;
  }
  const rootCauses = readModelAnswer(text);
  if (rootCauses === undefined) throw notJson();
  const sent = messages.map(({ content }) => content).join('\n');
  const modelUse = { calls: 1, inputTokens: usage.inputTokens, outputTokens: usage.outputTokens, sent };
  return { rootCauses, findings: rootCauses.length, modelUse, raw: text };
}

function notJson(): Tier0Error {
  return new Tier0Error({
    code: 'MALFORMED_RESPONSE',
    message: 'The model did not answer with the JSON that was asked for.',
    hint: 'Try a model that can; its answer is in the log of the run.',
  });
}

/** The unwell pods and workloads as text, in the order of their names. */
async function describeCluster(access: ScenarioAccess, context: CallContext): Promise<string> {
  const list = (kind: string, path: string) => listObjects(access, { kind, path }, context);
  const [pods, deployments, nodes, events] = await Promise.all([
    list('Pod', '/api/v1/pods'),
    list('Deployment', '/apis/apps/v1/deployments'),
    list('Node', '/api/v1/nodes'),
    list('Event', '/api/v1/events'),
  ]);
  const unwell = [...pods.filter(isUnready), ...deployments.filter(isUnavailable), ...nodes.filter(isUnavailable)];
  const warned = events.filter(isWarning).map(involved);
  const isDescribed = (one: KubernetesObject) => unwell.some((other) => keyOf(other) === keyOf(one));
  const strangers = warned.filter((one) => !isDescribed(one));
  const parts = [...unwell, ...strangers].slice(0, DESCRIBED).map((one) => describeObject(one, events));
  return parts.join('\n\n').slice(0, MAX_CHARACTERS) || 'Every pod, deployment and node is ready, and there is no warning.';
}

function describeObject(one: KubernetesObject, events: readonly KubernetesObject[]): string {
  const { kind, metadata, spec, status } = one;
  const own = events.filter((event) => isWarning(event) && keyOf(involved(event)) === keyOf(one)).map(eventLine);
  const owners = ((metadata.ownerReferences ?? []) as readonly { kind: string; name: string }[]).map(
    (owner) => `${owner.kind}/${owner.name}`,
  );
  return [
    `# ${kind}/${metadata.name}${metadata.namespace === undefined ? '' : ` in namespace ${metadata.namespace}`}`,
    ...(owners.length > 0 ? [`Controlled By: ${owners.join(', ')}`] : []),
    ...(spec === undefined ? [] : [stringify({ spec }).trim()]),
    ...(status === undefined ? [] : [stringify({ status }).trim()]),
    'Events:',
    ...(own.length > 0 ? own : ['  <none>']),
  ].join('\n');
}

interface EventFields {
  readonly type?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly involvedObject?: { readonly kind?: string; readonly namespace?: string; readonly name?: string };
}

function isWarning(event: KubernetesObject): boolean {
  return (event as unknown as EventFields).type === 'Warning';
}

function eventLine(event: KubernetesObject): string {
  const { reason, message } = event as unknown as EventFields;
  return `  Warning  ${reason}  ${message}`;
}

function involved(event: KubernetesObject): KubernetesObject {
  const { kind = '', namespace, name = '' } = (event as unknown as EventFields).involvedObject ?? {};
  return { apiVersion: '', kind, metadata: { namespace, name } };
}

function isUnready({ status }: KubernetesObject): boolean {
  const { phase, containerStatuses } = (status ?? {}) as { phase?: string; containerStatuses?: readonly { ready?: boolean }[] };
  return (
    phase !== 'Succeeded' && (phase === 'Pending' || phase === 'Failed' || (containerStatuses ?? []).some(({ ready }) => ready === false))
  );
}

function isUnavailable({ status }: KubernetesObject): boolean {
  const conditions = ((status as { conditions?: readonly { type: string; status: string }[] } | undefined)?.conditions ?? []) as readonly {
    type: string;
    status: string;
  }[];
  return conditions.some(({ type, status: value }) => ['Available', 'Progressing', 'Ready'].includes(type) && value !== 'True');
}

function keyOf({ kind, metadata }: KubernetesObject): string {
  return `${kind} ${metadata.namespace ?? ''}/${metadata.name}`;
}
