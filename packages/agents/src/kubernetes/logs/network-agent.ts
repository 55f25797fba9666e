import { type CmdbReader, parseKubernetesItemId, readField } from '@tier0/core';
import { nameOf } from '../objects/pod-view.ts';
import { SERVES_ITSELF, saidBy } from './facts.ts';
import type { LogReading, SignDraft } from './log-reading.ts';

/** Agents that can lead packets to Services in the place of kube-proxy. */
const SERVES_SERVICES = /\b(?:cilium|calico-node|kube-router|antrea-agent|kube-ovn-cni|ovnkube-node)\b/;

/** An agent of the network that asks the API by a Service which only it, or a kube-proxy that is not there, makes reachable. */
export function servesItself({ pod }: LogReading, service: string, host: string): SignDraft | undefined {
  const { namespace, name } = parseKubernetesItemId(service) ?? {};
  const isApi = namespace === 'default' && name === 'kubernetes';
  const isAgent = readField(pod.object, ['spec', 'hostNetwork']) === true && SERVES_SERVICES.test(nameOf(pod.workload));
  if (!isApi || !isAgent || hasProxy(pod.reader)) return undefined;
  return { code: 'T0-LOG-075', key: host, ...saidBy(SERVES_ITSELF, { host }) };
}

function hasProxy(reader: CmdbReader): boolean {
  return reader.items({}).items.some(({ id }) => /\/(?:DaemonSet|Pod)\/kube-proxy/.test(id));
}
