import { type CmdbReader, readField } from '@tier0/core';
import { nameOf, type PodView } from '../objects/pod-view.ts';
import { listAt, numberAt, textAt } from '../objects/read-object.ts';
import { portsSaid, type Words } from './last-words.ts';
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
  const said = portsSaid(entries);
  const [port, entry] = [...said].at(-1) ?? [];
  if (port === undefined || entry === undefined) return undefined;
  const { reader } = pod;
  const services = refusing.filter((service) => reader.relations(service, 'out', 'selects').some(({ to }) => to === pod.id));
  const service = services.find((one) => targetPorts(reader, one, pod).every((target) => !said.has(target)));
  const targets = service === undefined ? [] : targetPorts(reader, service, pod);
  if (service === undefined || targets.length === 0) return undefined;
  const text = `it listens on port ${port}, and Service ${nameOf(service)} sends to ${targets.join(', ')}, where it is refused`;
  const holder = holderOf({ pod, container, message: entry.message, sign: { kind: 'address-in-use', port } }, String(port));
  const draft =
    holder?.item === undefined
      ? holder === undefined
        ? { code: 'T0-LOG-040', key: service, text }
        : { code: 'T0-LOG-002', key: holder.name, text: `${text}; variable ${holder.name} says so` }
      : { code: 'T0-LOG-003', subject: holder.item, key: holder.name, text: `${text}; the port stands in key ${holder.name}` };
  return { draft, entry, count: 1 };
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
