import { type CmdbReader, readField } from '@tier0/core';
import { endpointsOf } from '../objects/endpoints-of.ts';
import { siblingId } from '../objects/existence.ts';
import { isReadCompletely } from '../objects/objects.ts';
import { podsWithLabels } from '../objects/pod-index.ts';
import { isSettling } from '../objects/pod-settling.ts';
import { listAt, mapAt } from '../objects/read-object.ts';
import { hasLabels } from '../objects/selector-match.ts';
import { ownerOf, workloadsIn } from '../objects/workload-index.ts';

/** A Service that the control plane calls: by a webhook or an aggregated API. */
export interface CalledService {
  readonly namespace: string;
  readonly name: string;
  /** Default 443. */
  readonly port: number;
}

/** Why a called Service cannot answer, and who may be to blame. */
export interface Unreachable {
  readonly why: string;
  /** The Service or its port does not exist; otherwise it has no ready pod. */
  readonly missing: boolean;
  /** Item ids. */
  readonly suspects: readonly string[];
}

/** Whether a called Service can answer; undefined when it can, or when that cannot be told. */
export function whyUnreachable(reader: CmdbReader, like: string, called: CalledService): Unreachable | undefined {
  const id = siblingId(like, 'Service', called.name, called.namespace);
  const { state } = reader.get(id);
  const shown = `Service ${called.namespace}/${called.name}`;
  if (state === 'absent') return { why: `${shown} does not exist`, missing: true, suspects: [id] };
  if (state === 'unknown') return undefined;
  const service = reader.object(id);
  const ports = listAt(service, 'spec', 'ports');
  if (ports.length > 0 && !ports.some((port) => readField(port, ['port']) === called.port)) {
    return { why: `${shown} has no port ${called.port}`, missing: true, suspects: [id] };
  }
  return isEmpty(reader, service, called)
    ? { why: `${shown} has no ready pod`, missing: false, suspects: [id, ...behind(reader, service, called)] }
    : undefined;
}

function isEmpty(reader: CmdbReader, service: unknown, { namespace, name }: CalledService): boolean {
  const selector = mapAt(service, 'spec', 'selector');
  if (Object.keys(selector).length === 0 || !isReadCompletely(reader, 'Pod')) return false;
  const pods = podsWithLabels(reader, namespace, selector).filter((pod) => !pod.over);
  if (pods.some((pod) => pod.ready || isSettling(reader, pod))) return false;
  return !endpointsOf(reader, namespace, name)?.endpoints.some((endpoint) => endpoint.ready && endpoint.addresses.length > 0);
}

function behind(reader: CmdbReader, service: unknown, { namespace }: CalledService): readonly string[] {
  const selector = mapAt(service, 'spec', 'selector');
  const owners = podsWithLabels(reader, namespace, selector).map((pod) => ownerOf(reader, pod.id));
  const workloads = workloadsIn(reader, namespace).filter((workload) => hasLabels(workload.labels, selector));
  return [...new Set([...owners, ...workloads.map((workload) => workload.id)])].sort();
}
