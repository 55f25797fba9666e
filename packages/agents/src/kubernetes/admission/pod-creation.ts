import { type CmdbReader, type Evidence, type FindingFacts, parseKubernetesItemId, readField } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import { siblingId } from '../objects/existence.ts';
import { nameOf } from '../objects/pod-view.ts';
import { listAt, textAt } from '../objects/read-object.ts';
import { tellingWords } from '../objects/telling-words.ts';
import { podSpecPath, workloadOf } from '../objects/workload.ts';
import { policyGround } from './policy-param.ts';

/** A controller that the API server did not let create a pod. */
export interface Refusal {
  readonly reader: CmdbReader;
  /** Item id of the controller that tried: a ReplicaSet, StatefulSet, DaemonSet, Job. */
  readonly controller: string;
  /** The API server's words. */
  readonly message: string;
  readonly sinceMs: number | undefined;
  readonly evidence: readonly Evidence[];
  /** Known already, where there are no words of the API server to read it from. */
  readonly ground?: Ground | undefined;
}

/** A reason for the refusal, with the place where a change would fix it. */
export interface Ground {
  readonly code: string;
  /** Undefined: the workload itself. */
  readonly subject?: string | undefined;
  readonly suspects?: readonly string[] | undefined;
  readonly text: string;
  /** What a remedy reads; see `Finding.facts`. */
  readonly facts?: FindingFacts | undefined;
}

/** What was refused and why, and the workload that has no pods for it. */
export function refusalFindings(refusal: Refusal): readonly FindingDraft[] {
  const { reader, controller, message, sinceMs, evidence } = refusal;
  const workload = workloadOf(reader, controller);
  if (isHistory(reader, workload, message)) return [];
  const ground = refusal.ground ?? groundOf(refusal);
  const suspects = [...(ground?.suspects ?? []), ...(ground?.subject === undefined ? [] : [ground.subject])];
  const symptom = {
    code: 'T0-REPLICASET-008',
    subject: workload,
    facts: { workload: nameOf(workload), said: tellingWords(message) },
    sinceMs,
    evidence,
    suspects,
  };
  if (!ground) return [symptom];
  const { code, subject = workload, text, facts } = ground;
  const sentence = `${nameOf(workload)}: ${text}`;
  return [{ code, subject, key: '', message: sentence, facts, sinceMs, evidence, suspects: ground.suspects }, symptom];
}

/** What a refusal names, where the template of the workload names it. */
const NAMED: readonly { readonly pattern: RegExp; readonly field: string; readonly kind: string }[] = [
  { pattern: /RuntimeClass "([^"]+)" not found/i, field: 'runtimeClassName', kind: 'RuntimeClass' },
  { pattern: /no PriorityClass with name (\S+) was found/i, field: 'priorityClassName', kind: 'PriorityClass' },
];

/**
 * Words of the past: the webhook that did not answer is passed over by now, or the template no longer names what was not found. A condition
 * and events stay until the controller tries again.
 */
function isHistory(reader: CmdbReader, workload: string, message: string): boolean {
  const down = /failed calling webhook "([^"]+)"/i.exec(message)?.[1];
  if (down !== undefined) return isPassedOver(reader, down);
  const spec = readField(reader.object(workload), podSpecPath(parseKubernetesItemId(workload)?.kind ?? ''));
  const named = NAMED.map(({ pattern, field }) => ({ name: pattern.exec(message)?.[1], field })).find(({ name }) => name !== undefined);
  return named !== undefined && spec !== undefined && textAt(spec, named.field) !== named.name;
}

/** The configuration that held the webhook says Ignore now. */
function isPassedOver(reader: CmdbReader, webhook: string): boolean {
  const holder = webhookHolder(reader, webhook);
  const entry = listAt(holder === undefined ? undefined : reader.object(holder), 'webhooks').find((one) => textAt(one, 'name') === webhook);
  return textAt(entry, 'failurePolicy') === 'Ignore';
}

function groundOf(refusal: Refusal): Ground | undefined {
  const { message, controller } = refusal;
  const quota = /exceeded quota: ([^,\s]+)/i.exec(message)?.[1];
  if (quota !== undefined) {
    return {
      code: 'T0-REPLICASET-001',
      subject: siblingId(controller, 'ResourceQuota', quota),
      text: `quota ${quota} is used up: ${tellingWords(message)}`,
    };
  }
  const strict = /failed quota: ([^:\s]+): must specify/i.exec(message)?.[1];
  if (strict !== undefined) {
    return {
      code: 'T0-REPLICASET-002',
      text: `quota ${strict} wants requests or limits that the pods do not have: ${tellingWords(message)}`,
    };
  }
  return admissionGround(refusal) ?? policyGround(refusal.reader, controller, message) ?? objectGround(refusal);
}

const LIMIT_RANGE =
  /(?:minimum|maximum) (?:cpu|memory|ephemeral-storage|storage|\S+) usage per (?:Container|Pod)|max limit to request ratio|limit to request ratio per/i;

function admissionGround({ reader, message, controller }: Refusal): Ground | undefined {
  if (LIMIT_RANGE.test(message))
    return { code: 'T0-REPLICASET-003', text: `the limit range of the namespace refuses its pods: ${tellingWords(message)}` };
  if (/violates PodSecurity|unable to validate against any (?:pod security policy|security context constraint)/i.test(message)) {
    return { code: 'T0-REPLICASET-004', text: `${whoRefuses(message)} refuses its pods: ${refusalOf(message)}` };
  }
  const down = /failed calling webhook "([^"]+)"/i.exec(message)?.[1];
  if (down !== undefined) {
    return {
      code: 'T0-REPLICASET-006',
      subject: webhookHolder(reader, down),
      suspects: serviceIn(message, controller),
      facts: { webhook: down },
      text: `webhook ${down} does not answer: ${tellingWords(message)}`,
    };
  }
  const denied = /admission webhook "([^"]+)" denied/i.exec(message)?.[1];
  if (denied === undefined) return undefined;
  return {
    code: 'T0-REPLICASET-005',
    subject: webhookHolder(reader, denied),
    text: `webhook ${denied} denies its pods: ${tellingWords(message)}`,
  };
}

function objectGround({ message, controller }: Refusal): Ground | undefined {
  const absent = NAMED.map(({ pattern, field, kind }) => ({ name: pattern.exec(message)?.[1], field, kind })).find(
    ({ name }) => name !== undefined,
  );
  if (absent?.name !== undefined) {
    const text = `its ${absent.field} names the ${absent.kind} ${absent.name}, which does not exist: ${tellingWords(message)}`;
    return { code: 'T0-REPLICASET-011', text, suspects: [siblingId(controller, absent.kind, absent.name, '')] };
  }
  const account = /service ?account(?:s)? "?([^"\s]+?)"? not found|error looking up service account ([^:]+):/i.exec(message);
  const name = (account?.[1] ?? account?.[2])?.replace(/^.*\//, '');
  if (name === undefined) return undefined;
  return { code: 'T0-POD-060', subject: siblingId(controller, 'ServiceAccount', name), text: `ServiceAccount ${name} does not exist` };
}

const WEBHOOK_KINDS = ['ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration'] as const;

/** The configuration that holds a webhook of this name; undefined when none was read. */
function webhookHolder(reader: CmdbReader, webhook: string): string | undefined {
  const holders = WEBHOOK_KINDS.flatMap((kind) => reader.items({ kind }).items.map(({ id }) => id));
  return holders.find((id) => listAt(reader.object(id), 'webhooks').some((entry) => textAt(entry, 'name') === webhook));
}

/** `Post "https://name.namespace.svc:443/path?timeout=10s"`: the Service behind the webhook. */
function serviceIn(message: string, item: string): readonly string[] {
  const [, name, namespace] =
    /https?:\/\/([a-z0-9-]+)\.([a-z0-9-]+)\.svc\b/.exec(message) ?? /service "([^"]+)" not found/.exec(message) ?? [];
  const holder = parseKubernetesItemId(item);
  return name === undefined || holder === undefined ? [] : [siblingId(item, 'Service', name, namespace)];
}

function whoRefuses(message: string): string {
  return isConstraint(message)
    ? 'every security context constraint of OpenShift that it may use'
    : 'the Pod Security level of the namespace';
}

function isConstraint(message: string): boolean {
  return /security context constraint/i.test(message);
}

/** Of all constraints the reasons that name a value tell why; that others may not be used tells nothing. */
function refusalOf(message: string): string {
  const reasons = message.match(/(?:provider )?[\w-]+: \.?[\w.[\]]+: Invalid value: [^,\]]+/g);
  return isConstraint(message) && reasons !== null ? reasons.slice(0, 2).join('; ') : tellingWords(message);
}
