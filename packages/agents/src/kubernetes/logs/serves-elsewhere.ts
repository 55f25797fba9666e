import { type CmdbReader, readField } from '@tier0/core';
import { commandNames } from '../objects/command.ts';
import { siblingId } from '../objects/existence.ts';
import { nameOf, type PodView } from '../objects/pod-view.ts';
import { listAt, mapAt, numberAt, textAt } from '../objects/read-object.ts';
import { referencesOf } from '../objects/reference.ts';
import type { Words } from './last-words.ts';
import { portsSaid } from './listening-port.ts';
import { type SignDraft, specOf } from './log-reading.ts';
import { holderOf } from './log-variable.ts';
import type { LogEntry } from './read-log.ts';

interface Serving {
  readonly pod: PodView;
  readonly container: string;
  readonly entries: readonly LogEntry[];
  /** Services whose callers are refused. */
  readonly refusing: readonly string[];
}

/**
 * A program whose callers are refused, and that says it listens on another port than its Service sends to. Where the port was written, that
 * is the place; a program that also listens where it is called is not meant.
 */
export function servesElsewhere({ pod, container, entries, refusing }: Serving): Words | undefined {
  const alone = listensAlone({ pod, container, refusing });
  if (alone !== undefined) return { draft: alone, entry: entries.at(-1) ?? { message: '', frames: [] }, count: 1 };
  const said = portsSaid(entries);
  const [port, entry] = [...said].at(-1) ?? [];
  if (port === undefined || entry === undefined) return undefined;
  const { reader } = pod;
  const services = refusing.filter((service) => reader.relations(service, 'out', 'selects').some(({ to }) => to === pod.id));
  const service = services.find((one) => targetPorts(reader, one, pod).every((target) => !said.has(target)));
  const targets = service === undefined ? [] : targetPorts(reader, service, pod);
  if (service === undefined || targets.length === 0) return undefined;
  const text = `it listens on port ${port}, and Service ${nameOf(service)} sends to ${targets.join(', ')}, where it is refused`;
  const holder = holderOf({ pod, container, message: entry.message }, String(port));
  const draft =
    holder?.item === undefined
      ? holder === undefined
        ? { code: 'T0-LOG-040', ...(declares(pod, targets) ? {} : { subject: service }), key: service, text }
        : { code: 'T0-LOG-002', key: holder.name, text: `${text}; variable ${holder.name} says so` }
      : { code: 'T0-LOG-003', subject: holder.item, key: holder.name, text: `${text}; the port stands in key ${holder.name}` };
  return { draft, entry, count: 1 };
}

/** Whether the containers declare one of the ports: then the Service sends where it was told to. */
function declares(pod: PodView, ports: readonly number[]): boolean {
  const declared = listAt(pod.object, 'spec', 'containers').flatMap((container) => listAt(container, 'ports'));
  return declared.length === 0 || declared.some((entry) => ports.includes(numberAt(entry, 'containerPort') ?? 0));
}

/** How programs are told to listen on the address of the pod itself: options, variables, lines of configuration. */
const LOOPBACK = '(?:127\\.0\\.0\\.1|localhost|\\[?::1\\]?)';
const BOUND = new RegExp(
  `(?:--?(?:bind|bind[-_]?addr(?:ess)?|host|listen(?:[-_](?:host|addr(?:ess)?(?:es)?))?|address|http-addr|interface|ip)[= ]"?${LOOPBACK}|(?:^|\\n)\\s*(?:bind|listen|listen_addresses|bind[-_]address|http\\.host|network\\.host|host|server\\.address)\\s*[=: ]\\s*['"]?${LOOPBACK})`,
  'i',
);
const BIND_NAME = /^(?:\w+_)?(?:BIND|BIND_ADDR(?:ESS)?|LISTEN|LISTEN_ADDR(?:ESS)?|LISTEN_HOST|SERVER_ADDRESS|HOST|HTTP_HOST)$/;

/** Refused by everybody outside its pod, and told so by its own configuration. */
function listensAlone({ pod, container, refusing }: Omit<Serving, 'entries'>): SignDraft | undefined {
  const isAsked = refusing.some((service) => pod.reader.relations(service, 'out', 'selects').some(({ to }) => to === pod.id));
  if (!isAsked) return undefined;
  const spec = specOf({ pod, container, message: '' });
  const text = 'it is told to listen on 127.0.0.1 only';
  if (BOUND.test(commandNames(spec).join(' '))) return { code: 'T0-LOG-045', key: 'command', text: `${text}, by its command` };
  const variable = listAt(spec, 'env').find(
    (entry) => BIND_NAME.test(textAt(entry, 'name') ?? '') && new RegExp(`^${LOOPBACK}(?::\\d+)?$`).test(textAt(entry, 'value') ?? ''),
  );
  if (variable !== undefined)
    return { code: 'T0-LOG-045', key: textAt(variable, 'name'), text: `${text}, by variable ${textAt(variable, 'name')}` };
  for (const { kind, name } of referencesOf(readField(pod.object, ['spec']))) {
    const item = siblingId(pod.id, kind, name);
    const [key] =
      kind === 'ConfigMap' ? (Object.entries(mapAt(pod.reader.object(item), 'data')).find(([, value]) => BOUND.test(value)) ?? []) : [];
    if (key !== undefined) return { code: 'T0-LOG-003', subject: item, key, text: `${text}, by key ${key}` };
  }
  return undefined;
}

/** Numbers that the ports of a Service lead to in a pod. */
function targetPorts(reader: CmdbReader, service: string, pod: PodView): readonly number[] {
  return listAt(reader.object(service), 'spec', 'ports').flatMap((entry) => {
    const target = readField(entry, ['targetPort']) ?? readField(entry, ['port']);
    if (typeof target === 'number') return [target];
    const named = ['containers', 'initContainers']
      .flatMap((list) => listAt(pod.object, 'spec', list))
      .flatMap((container) => listAt(container, 'ports'))
      .find((port) => textAt(port, 'name') === target);
    return numberAt(named, 'containerPort') ?? [];
  });
}
