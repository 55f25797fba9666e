import { type CmdbReader, readField } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import { quote } from '../../findings/quote.ts';
import type { Rule } from '../../findings/rule.ts';
import { type Endpoint, endpointsOf } from '../objects/endpoints-of.ts';
import { siblingId } from '../objects/existence.ts';
import { type HeldObject, isReadCompletely, isYoungerThan, objectsOf } from '../objects/objects.ts';
import { type IndexedPod, podsWithLabels } from '../objects/pod-index.ts';
import { isSettling } from '../objects/pod-settling.ts';
import { listAt, mapAt, numberAt, textAt } from '../objects/read-object.ts';
import { hasLabels } from '../objects/selector-match.ts';
import { sayWarning, standingWarning } from '../objects/warnings.ts';
import { type IndexedWorkload, ownerOf, workloadsIn } from '../objects/workload-index.ts';
import { clusterDns } from './cluster-dns.ts';
import { askedPorts } from './service-asked-port.ts';
import { localTraffic } from './service-local-traffic.ts';
import { missingServices } from './service-missing.ts';
import { wrongPods, wrongPorts, wrongProtocols } from './service-port.ts';
import { selectsNothing } from './service-selector.ts';

/** Services that lead nowhere, and names that lead to no Service. */
export const serviceRule: Rule = {
  name: 'service',
  check: (reader) => [
    ...objectsOf(reader, 'Service', '').flatMap((service) => checkService(reader, service)),
    ...missingServices(reader),
    ...askedPorts(reader),
    ...clusterDns(reader),
  ],
};

function checkService(reader: CmdbReader, service: HeldObject): readonly FindingDraft[] {
  if (readField(service.object, ['metadata', 'deletionTimestamp']) !== undefined) return [];
  if (textAt(service.object, 'spec', 'type') === 'ExternalName') return externalName(reader, service);
  const selector = mapAt(service.object, 'spec', 'selector');
  if (Object.keys(selector).length === 0) return loadBalancer(reader, service);
  const pods = podsWithLabels(reader, service.namespace, selector).filter((pod) => !pod.over);
  if (pods.length === 0) return [...withoutPods(reader, service, selector), ...loadBalancer(reader, service)];
  const ports = [...wrongPods(reader, service, pods), ...wrongPorts(reader, service, pods), ...wrongProtocols(reader, service, pods)];
  return [...ports, ...noReadyPods(reader, service, pods), ...localTraffic(reader, service), ...loadBalancer(reader, service)];
}

/** No pod has the labels: the selector is wrong, or the workload that has them in its template makes no pods. */
function withoutPods(reader: CmdbReader, service: HeldObject, selector: Readonly<Record<string, string>>): readonly FindingDraft[] {
  const known = endpointsOf(reader, service.namespace, service.name);
  const isEmpty = isReadCompletely(reader, 'Pod') || (known !== undefined && known.endpoints.length === 0);
  if (!isEmpty || known?.endpoints.some((endpoint) => endpoint.ready && endpoint.addresses.length > 0)) return [];
  const behind = workloadsIn(reader, service.namespace).filter((workload) => hasLabels(workload.labels, selector));
  if (behind.length === 0) return selectsNothing(reader, service, selector);
  const wanting = behind.filter(
    (workload) => workload.wanted > 0 && !hasReady(workload) && !isYoungerThan(reader, workload.object, YOUNG_MS),
  );
  if (wanting.length === 0) return [];
  const names = wanting.map((workload) => `${workload.kind} ${workload.name}`).join(', ');
  return [
    {
      code: 'T0-SERVICE-003',
      subject: service.id,
      message: `Service ${service.name} has no endpoints: ${names} has no pods`,
      evidence: wanting.slice(0, 3).map((workload) => quote(reader, workload.id, ['status'])),
      suspects: wanting.map((workload) => workload.id),
    },
  ];
}

/** A workload that says its pods are ready has them, whether or not they were captured. */
function hasReady(workload: IndexedWorkload): boolean {
  return (numberAt(workload.object, 'status', 'readyReplicas') ?? numberAt(workload.object, 'status', 'numberReady') ?? 0) > 0;
}

/** A controller makes its pods within a minute. */
const YOUNG_MS = 60_000;
const RUNS_TO_COMPLETION = /\/(?:Job|CronJob)\//;

function noReadyPods(reader: CmdbReader, service: HeldObject, pods: readonly IndexedPod[]): readonly FindingDraft[] {
  if (!isReadCompletely(reader, 'Pod')) return [];
  if (pods.some((pod) => pod.ready || isSettling(reader, pod))) return [];
  const known = endpointsOf(reader, service.namespace, service.name);
  if (known?.endpoints.some((endpoint: Endpoint) => endpoint.ready && endpoint.addresses.length > 0 && !readsUnready(service))) return [];
  const behind = [...new Set(pods.map((pod) => ownerOf(reader, pod.id)))].sort();
  if (behind.every((owner) => RUNS_TO_COMPLETION.test(owner))) return [];
  const names = behind.map((owner) => owner.split('/').slice(-2).join(' ')).join(', ');
  return [
    {
      code: 'T0-SERVICE-003',
      subject: service.id,
      message: `Service ${service.name} has no ready endpoints: none of ${pods.length} pods of ${names} is ready`,
      evidence: [quote(reader, pods[0]?.id ?? '', ['status', 'conditions'])],
      suspects: behind,
    },
  ];
}

/** Then its slices call every address ready. */
function readsUnready(service: HeldObject): boolean {
  return readField(service.object, ['spec', 'publishNotReadyAddresses']) === true;
}

const CLUSTER_NAME = /^([a-z0-9-]+)\.([a-z0-9-]+)\.svc(?:\.[a-z0-9.-]+)?\.?$/;

function externalName(reader: CmdbReader, service: HeldObject): readonly FindingDraft[] {
  const target = textAt(service.object, 'spec', 'externalName') ?? '';
  const [, name, namespace] = CLUSTER_NAME.exec(target.toLowerCase()) ?? [];
  if (!name || !namespace) return [];
  const missing = siblingId(service.id, 'Service', name, namespace);
  if (reader.get(missing).state !== 'absent') return [];
  return [
    {
      code: 'T0-SERVICE-008',
      subject: service.id,
      key: target,
      facts: { service: service.name, host: target, name, namespace },
      evidence: [quote(reader, service.id, ['spec', 'externalName'])],
    },
  ];
}

/** A cloud takes a few minutes to provide a load balancer. */
const LOAD_BALANCER_MS = 600_000;

function loadBalancer(reader: CmdbReader, service: HeldObject): readonly FindingDraft[] {
  if (textAt(service.object, 'spec', 'type') !== 'LoadBalancer') return [];
  if (listAt(service.object, 'status', 'loadBalancer', 'ingress').length > 0) return [];
  const createdAt = textAt(service.object, 'metadata', 'creationTimestamp');
  const warning = standingWarning(reader, service.id);
  if (warning !== undefined) {
    return [
      {
        code: 'T0-SERVICE-017',
        subject: service.id,
        facts: { service: service.name, why: sayWarning(warning) },
        sinceMs: warning.firstMs,
        evidence: [quote(reader, service.id, ['status']), quote(reader, warning.id, ['message'])],
      },
    ];
  }
  if (createdAt === undefined || isYoungerThan(reader, service.object, LOAD_BALANCER_MS)) return [];
  return [
    {
      code: 'T0-SERVICE-010',
      subject: service.id,
      facts: { service: service.name, since: createdAt },
      sinceMs: Date.parse(createdAt),
      evidence: [quote(reader, service.id, ['status'])],
    },
  ];
}
