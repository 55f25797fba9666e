import { type CmdbReader, type Finding, parseKubernetesItemId } from '@tier0/core';
import type { FindingDraft } from '../findings/finding-draft.ts';
import { isUp, nameOf, nodeOf, podViews } from '../kubernetes/objects/pod-view.ts';

/** Packets go to an address where nobody is any more. */
const NO_ROUTE = /EHOSTUNREACH|no route to host|NoRouteToHost|host is unreachable/i;
/** Services that fail at once before the ways to them are suspected: as many where packets find no host, and where they merely get no answer. */
const WITHOUT_ROUTE = 2;
const WITHOUT_ANSWER = 3;

/**
 * Several Services that lead nowhere at once, though pods stand ready behind each of them and nothing else is wrong with any: the rules that
 * lead from their addresses to the pods are not kept, which is the work of kube-proxy or of what stands in for it.
 */
export function lostRouting(findings: readonly Finding[], reader: CmdbReader): readonly FindingDraft[] {
  const faults = findings.filter(({ severity }) => severity === 'fault');
  const complaints = faults.filter(({ code, suspects = [] }) => code === 'T0-LOG-018' && suspects.some((suspect) => isService(suspect)));
  const services = [...new Set(complaints.flatMap(({ suspects = [] }) => suspects.filter(isService)))].filter((service) =>
    isServed(reader, service, faults),
  );
  const isUnreachable = complaints.filter(({ message }) => NO_ROUTE.test(message)).length >= WITHOUT_ROUTE;
  if (services.length < (isUnreachable ? WITHOUT_ROUTE : WITHOUT_ANSWER)) return [];
  const clients = [...new Set(complaints.map(({ subject }) => subject))];
  const places = placesOf(reader, clients);
  const [subject, ...others] = places;
  if (subject === undefined || others.length > 0 || clients.length < WITHOUT_ROUTE) return [];
  const names = services.map(nameOf).join(', ');
  return [
    {
      code: 'T0-NODE-010',
      subject,
      key: '',
      message: `${nameOf(subject)}: Services ${names} lead nowhere at once, and pods stand ready behind each of them: kube-proxy does not keep the rules of the node`,
      evidence: complaints.flatMap(({ evidence }) => evidence),
      seenOn: [...clients, ...services],
    },
  ];
}

function isService(item: string): boolean {
  return parseKubernetesItemId(item)?.kind === 'Service';
}

/** A pod stands ready behind it, and no fault is told of it or of those pods' workload. */
function isServed(reader: CmdbReader, service: string, faults: readonly Finding[]): boolean {
  const pods = reader.relations(service, 'out', 'selects').map(({ to }) => to);
  const isBlamed = faults.some(({ subject, code }) => code !== 'T0-LOG-018' && (subject === service || pods.includes(subject)));
  return !isBlamed && pods.some((pod) => isUp(reader.object(pod)));
}

/** The nodes of the clients; where kube-proxy runs as a DaemonSet, that is what answers for all of them. */
function placesOf(reader: CmdbReader, clients: readonly string[]): readonly string[] {
  const proxy = reader.items({ kind: 'DaemonSet' }).items.find(({ id }) => /\/kube-proxy$/.test(id))?.id;
  if (proxy !== undefined) return [proxy];
  const nodes = podViews(reader).flatMap((pod) => (clients.includes(pod.workload) ? (nodeOf(pod) ?? []) : []));
  return [...new Set(nodes)];
}
