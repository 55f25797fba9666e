import { type CmdbReader, readField } from '@tier0/core';
import { indexed } from '../objects/indexed.ts';
import { objectsOf } from '../objects/objects.ts';
import { nameOf, type PodView } from '../objects/pod-view.ts';
import { listAt, textAt } from '../objects/read-object.ts';
import type { SignDraft } from './log-reading.ts';
import { specOf } from './log-reading.ts';

const servicesByAddress = indexed(
  (reader: CmdbReader) =>
    new Map(
      objectsOf(reader, 'Service', '').flatMap((service) =>
        listAt(service.object, 'spec', 'clusterIPs').map((ip) => [String(ip), service]),
      ),
    ),
);

/**
 * A program stumbles over `tcp://10.96.0.7:80`: the value of a variable such as `QUEUE_PORT` that the kubelet gives every container for each
 * Service of its namespace (Kubernetes documentation, "Accessing the Service", environment variables), where the program expects its own.
 * Undefined where nobody of the cluster has the address, or the template sets the variable itself.
 */
export function serviceLink({
  pod,
  container,
  message,
}: {
  readonly pod: PodView;
  readonly container: string;
  readonly message: string;
}): SignDraft | undefined {
  const [, address] = /\b(?:tcp|udp):\/\/(\d+\.\d+\.\d+\.\d+):\d+/.exec(message) ?? [];
  if (address === undefined || readField(pod.object, ['spec', 'enableServiceLinks']) === false) return undefined;
  const service = servicesByAddress(pod.reader).get(address);
  if (service === undefined || service.namespace !== textAt(pod.object, 'metadata', 'namespace')) return undefined;
  const variable = `${service.name.toUpperCase().replaceAll('-', '_')}_PORT`;
  const spec = specOf({ pod, container, message });
  if (listAt(spec, 'env').some((entry) => textAt(entry, 'name') === variable)) return undefined;
  return {
    code: 'T0-LOG-041',
    key: variable,
    text: `it takes "${message.slice(0, 120)}" from variable ${variable}, which the kubelet sets to the address of Service ${nameOf(service.id)} (service links)`,
    suspects: [],
  };
}
