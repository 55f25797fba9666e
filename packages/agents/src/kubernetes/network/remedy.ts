import { type CmdbReader, type FieldPath, type ItemEdit, type JsonValue, parseKubernetesItemId, readField } from '@tier0/core';
import { factsOf } from '../../findings/code-entry.ts';
import type { RemedyCase, RemedyDraft } from '../../findings/remedy-draft.ts';
import { AskedHostsSchema } from '../objects/asked-hosts.ts';
import { closestName } from '../objects/close-name.ts';
import { siblingId } from '../objects/existence.ts';
import { replaceHost } from '../objects/host-text.ts';
import { objectsIn } from '../objects/objects.ts';
import { listAt, mapAt, textAt } from '../objects/read-object.ts';
import { containersOf, editOf, editsOf, nameOf, remedyOf } from '../objects/remedy-edits.ts';
import { workloadOf } from '../objects/workload.ts';
import { BlockedConnectionSchema } from './facts.ts';

/** Lets through the one connection that a policy stops: a rule for the labels of the client, and the port it needs. */
export function allowConnection({ reader, rootCause, finding }: RemedyCase): readonly RemedyDraft[] {
  const policy = rootCause.subject;
  const blocked = blockedConnection(reader, finding);
  if (blocked === undefined) return [];
  const { client, server, port, service, direction } = blocked;
  const isIngress = direction === 'Ingress';
  const field = isIngress ? 'ingress' : 'egress';
  const peer = peerOf(isIngress ? client : server, policy);
  const rule = { [isIngress ? 'from' : 'to']: [peer], ports: [{ port, protocol: 'TCP' }] };
  const rules = [...listAt(reader.object(policy), 'spec', field), rule] as JsonValue;
  return remedyOf(editsOf(editOf(reader, policy, ['spec', field], rules)), {
    id: 'allow-connection',
    title: `Let NetworkPolicy ${nameOf(policy)} pass ${nameOf(client.item)} to port ${port} of ${service}`,
    why: `${nameOf(client.item)} names Service ${service} as something it needs, and no rule lets it pass.`,
    precondition: 'The connection is meant: a policy that keeps it out on purpose stays as it is.',
    risk: 'medium',
    verify: 'The connection is made, and the client becomes ready.',
    rollback: 'Take the rule out again.',
  });
}

interface End {
  readonly item: string;
  readonly labels: Readonly<Record<string, string>>;
}

function blockedConnection(reader: CmdbReader, finding: RemedyCase['finding']) {
  const { port, service: target, serviceName: service = '', clientPod: pod, direction } = factsOf(finding, BlockedConnectionSchema) ?? {};
  if (port === undefined || pod === undefined || target === undefined || direction === undefined) return undefined;
  const client: End = { item: workloadOf(reader, pod), labels: stableLabels(reader.object(pod)) };
  const selected = reader.relations(target, 'out', 'selects')[0]?.to;
  if (selected === undefined) return undefined;
  const server: End = { item: selected, labels: mapAt(reader.object(target), 'spec', 'selector') };
  return { client, server, port, service, direction };
}

/** Labels that controllers add to tell revisions and ordinals apart name no program. */
function stableLabels(pod: unknown): Readonly<Record<string, string>> {
  const labels = Object.entries(mapAt(pod, 'metadata', 'labels'));
  const own = labels.filter(
    ([key]) =>
      !/hash$|^controller-|pod-template|statefulset\.kubernetes\.io|pod-index|batch\.kubernetes\.io|helm\.sh\/|\/version$/.test(key),
  );
  const naming = own.filter(([key]) => /^(app|k8s-app|name|app\.kubernetes\.io\/(name|instance))$/.test(key));
  return Object.fromEntries(naming.length > 0 ? naming : own);
}

function peerOf({ item, labels }: End, policy: string) {
  const namespace = parseKubernetesItemId(item)?.namespace ?? '';
  const podSelector = { matchLabels: { ...labels } };
  if (namespace === parseKubernetesItemId(policy)?.namespace) return { podSelector };
  return { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } }, podSelector };
}

/** Writes the host that exists where the container names one that does not. */
export function correctHostName(remedyCase: RemedyCase): readonly RemedyDraft[] {
  const { reader, rootCause, finding } = remedyCase;
  const { namespace: own = '' } = parseKubernetesItemId(rootCause.subject) ?? {};
  const hosts = (factsOf(finding, AskedHostsSchema)?.hosts ?? []).filter((host) => /^[^.]+(\.[^.]+(\.svc(\..+)?)?)?$/.test(host));
  const slips = hosts.flatMap((host) => {
    const [name = '', namespace = own] = host.split('.');
    if (reader.get(siblingId(rootCause.subject, 'Service', name, namespace)).state === 'found') return [];
    const services = objectsIn(reader, 'Service', namespace).map((service) => service.name);
    const near = closestName(name, services);
    return near === undefined ? [] : [{ name, near }];
  });
  const first = slips[0];
  const edits = first === undefined ? [] : hostEdits(remedyCase, first.name, first.near);
  return remedyOf(edits, {
    id: 'correct-host-name',
    title: `Let ${nameOf(rootCause.subject)} look for ${first?.near} instead of ${first?.name}`,
    why: `Service ${first?.name} does not exist; ${first?.near} is the closest name there is.`,
    precondition: `${first?.near} is what was meant.`,
    risk: 'low',
    verify: 'The name is resolved and the pods become ready.',
    rollback: `Write ${first?.name} again.`,
    assumption: `the program starts once it looks for ${first?.near}, which exists`,
  });
}

/** Edits that put one host name in place of another: in variables, arguments and commands of the containers. */
export function hostEdits(remedyCase: RemedyCase, name: string, other: string, item = remedyCase.rootCause.subject): readonly ItemEdit[] {
  const { reader } = remedyCase;
  return containersOf(remedyCase, item).flatMap(({ path, body }) => {
    const variables = listAt(body, 'env').map(
      (variable): FieldPath => [...path, 'env', { key: 'name', value: textAt(variable, 'name') ?? '' }, 'value'],
    );
    const words = ['command', 'args'].flatMap((field) => listAt(body, field).map((_, index): FieldPath => [...path, field, index]));
    return [...variables, ...words].flatMap((at): readonly ItemEdit[] => {
      const current = textAt(reader.object(item), ...at);
      const edit = current === undefined ? undefined : editOf(reader, item, at, replaceHost(current, name, other));
      return edit ? [edit] : [];
    });
  });
}

/** Connects to a port that the Service has, where a variable names one that it has not. */
export function correctDependencyPort(remedyCase: RemedyCase): readonly RemedyDraft[] {
  const { reader, rootCause } = remedyCase;
  const edits = containersOf(remedyCase).flatMap(({ path, body }) =>
    listAt(body, 'env').flatMap((variable): readonly ItemEdit[] => {
      const value = textAt(variable, 'value');
      const corrected = value === undefined ? undefined : withServedPort(reader, rootCause.subject, value);
      if (value === undefined || corrected === undefined) return [];
      const edit = editOf(
        reader,
        rootCause.subject,
        [...path, 'env', { key: 'name', value: textAt(variable, 'name') ?? '' }, 'value'],
        corrected,
      );
      return edit ? [edit] : [];
    }),
  );
  return remedyOf(edits, {
    id: 'correct-dependency-port',
    title: `Let ${nameOf(rootCause.subject)} ask ${edits.map((edit) => String(edit.value)).join(', ')}`,
    why: 'That is the port the Service has; it has none of the number that is asked for.',
    precondition: 'The Service offers there what the program needs.',
    risk: 'low',
    verify: 'The connection is made and the pods become ready.',
    rollback: 'Set the variable as it was.',
    assumption: 'the program works once it asks a port that the Service has',
  });
}

const HOST_PORT = /(^|\/\/|@)([a-z0-9][-a-z0-9]*)((?:\.[a-z0-9][-a-z0-9]*)*):(\d{1,5})(?!\d)/;

/** The text with the only port of the Service that it names; undefined when there is nothing to correct. */
export function withServedPort(reader: CmdbReader, item: string, text: string): string | undefined {
  const match = HOST_PORT.exec(text);
  if (match === null) return undefined;
  const [whole, before, name = '', rest = '', port] = match;
  const namespace = rest.split('.')[1];
  const ports = listAt(reader.object(siblingId(item, 'Service', name, namespace)), 'spec', 'ports').map((entry) =>
    readField(entry, ['port']),
  );
  if (ports.length !== 1 || ports.includes(Number(port))) return undefined;
  return text.replace(whole, `${before}${name}${rest}:${String(ports[0])}`);
}
