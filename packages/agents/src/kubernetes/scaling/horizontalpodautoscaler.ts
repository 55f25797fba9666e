import { type CmdbReader, readField } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import { quote } from '../../findings/quote.ts';
import type { Rule } from '../../findings/rule.ts';
import { siblingId } from '../objects/existence.ts';
import { type HeldObject, isYoungerThan, objectsIn, objectsOf } from '../objects/objects.ts';
import { patienceMs } from '../objects/patience.ts';
import { isFailingAtWork } from '../objects/pod-trouble.ts';
import { conditionOf, instantAt, listAt, numberAt, textAt } from '../objects/read-object.ts';
import { podSpecPath } from '../objects/workload.ts';
import { podsByWorkload } from '../objects/workload-index.ts';

/** Time at the maximum after which it is no peak any more. */
const PEAK_MS = 900_000;

/** Autoscalers that cannot do their work. At the minimum, or with nothing to do, they are well. */
export const horizontalPodAutoscalerRule: Rule = {
  name: 'horizontalpodautoscaler',
  check: (reader) => objectsOf(reader, 'HorizontalPodAutoscaler').flatMap((scaler) => checkScaler(reader, scaler)),
};

function checkScaler(reader: CmdbReader, scaler: HeldObject): readonly FindingDraft[] {
  const missing = missingTarget(reader, scaler);
  if (missing.length > 0) return missing;
  if (isPaused(reader, scaler)) return [];
  const unknown = unknownContainer(reader, scaler);
  if (unknown.length > 0) return unknown;
  // A request that is missing is not there in a minute either; metrics of new pods are.
  const definite = [...ambiguous(reader, scaler), ...withoutApi(reader, scaler)];
  if (definite.length > 0) return definite;
  if (isYoungerThan(reader, scaler.object, patienceMs('autoscaler-metric')))
    return [...toldMissingRequests(reader, scaler), ...atMaximum(reader, scaler)];
  const requests = missingRequests(reader, scaler);
  const causes = requests.length > 0 ? requests : [...metricUnavailable(reader, scaler), ...cannotScale(reader, scaler)];
  return [...causes, ...atMaximum(reader, scaler), ...withoutRange(reader, scaler)];
}

function targetOf(scaler: HeldObject): { readonly id: string; readonly kind: string; readonly name: string } {
  const kind = textAt(scaler.object, 'spec', 'scaleTargetRef', 'kind') ?? '';
  const name = textAt(scaler.object, 'spec', 'scaleTargetRef', 'name') ?? '';
  return { id: siblingId(scaler.id, kind, name), kind, name };
}

/** Scaling is off while the target is at zero replicas. */
function isPaused(reader: CmdbReader, scaler: HeldObject): boolean {
  return numberAt(reader.object(targetOf(scaler).id), 'spec', 'replicas') === 0;
}

function missingTarget(reader: CmdbReader, scaler: HeldObject): readonly FindingDraft[] {
  const { id, kind, name } = targetOf(scaler);
  const able = conditionOf(scaler.object, 'AbleToScale');
  const isTold = textAt(able, 'status') === 'False' && /^FailedGet$|FailedGetScale/.test(textAt(able, 'reason') ?? '');
  const { state } = reader.get(id);
  const saysNotFound = isTold && state !== 'found' && /not found|no matches for kind|could not find/i.test(textAt(able, 'message') ?? '');
  const version = textAt(scaler.object, 'spec', 'scaleTargetRef', 'apiVersion') ?? '';
  if (isTold && /no matches for kind/i.test(textAt(able, 'message') ?? '')) {
    const message = `autoscaler ${scaler.name} scales ${kind} ${name} of ${version}, which this cluster does not serve${state === 'found' ? `; there is a ${kind} ${name}` : ''}`;
    const evidence = [quote(reader, scaler.id, ['spec', 'scaleTargetRef']), quote(reader, scaler.id, ['status', 'conditions'])];
    return [{ code: 'T0-HORIZONTALPODAUTOSCALER-001', subject: scaler.id, key: `${version}/${kind}/${name}`, message, evidence }];
  }
  const isEarly = !saysNotFound && isYoungerThan(reader, scaler.object, patienceMs('autoscaler-target'));
  if (name === '' || (state !== 'absent' && !saysNotFound) || isEarly) return [];
  return [
    {
      code: 'T0-HORIZONTALPODAUTOSCALER-001',
      subject: scaler.id,
      key: `${kind}/${name}`,
      message: `autoscaler ${scaler.name} scales ${kind} ${name}, which does not exist`,
      evidence: [quote(reader, scaler.id, ['spec', 'scaleTargetRef']), quote(reader, scaler.id, ['status', 'conditions'])],
    },
  ];
}

interface ResourceMetric {
  readonly resource: string;
  readonly container: string | undefined;
}

/** Metrics that are a share of what is requested. An autoscaler/v1 object has one, of CPU. */
function utilizationMetrics(scaler: HeldObject): readonly ResourceMetric[] {
  const metrics = listAt(scaler.object, 'spec', 'metrics').flatMap((metric): readonly ResourceMetric[] => {
    const part = readField(metric, ['resource']) ?? readField(metric, ['containerResource']);
    const isShare =
      numberAt(part, 'target', 'averageUtilization') !== undefined || numberAt(part, 'targetAverageUtilization') !== undefined;
    const resource = textAt(part, 'name');
    return isShare && resource ? [{ resource, container: textAt(part, 'container') }] : [];
  });
  const isOld = numberAt(scaler.object, 'spec', 'targetCPUUtilizationPercentage') !== undefined;
  return isOld ? [...metrics, { resource: 'cpu', container: undefined }] : metrics;
}

/** It measures a container by a name that no container of its target has. */
function unknownContainer(reader: CmdbReader, scaler: HeldObject): readonly FindingDraft[] {
  const { id, kind, name } = targetOf(scaler);
  const names = ['containers', 'initContainers']
    .flatMap((list) => listAt(reader.object(id), ...podSpecPath(kind), list))
    .flatMap((entry) => textAt(entry, 'name') ?? []);
  // What admission adds to pods stands in no template.
  const added = (podsByWorkload(reader).get(id) ?? []).flatMap((pod) =>
    listAt(pod.object, 'spec', 'containers').flatMap((entry) => textAt(entry, 'name') ?? []),
  );
  const all = new Set([...names, ...added]);
  const missing = utilizationMetrics(scaler).find(({ container }) => container !== undefined && !all.has(container));
  if (names.length === 0 || missing === undefined) return [];
  return [
    {
      code: 'T0-HORIZONTALPODAUTOSCALER-007',
      subject: scaler.id,
      key: missing.container,
      facts: { autoscaler: scaler.name, container: missing.container, kind, name, containers: names },
      evidence: [quote(reader, scaler.id, ['spec', 'metrics']), quote(reader, scaler.id, ['status', 'conditions'])],
    },
  ];
}

/** The autoscaler itself says which container requests nothing. */
function toldMissingRequests(reader: CmdbReader, scaler: HeldObject): readonly FindingDraft[] {
  const active = conditionOf(scaler.object, 'ScalingActive');
  const told = /missing request for (\w+)(?: in container (\S+))?/i.exec(textAt(active, 'message') ?? '');
  if (told === null || textAt(active, 'status') !== 'False') return [];
  return [requestsFinding(reader, scaler, { resource: told[1] ?? '', where: told[2] ?? targetOf(scaler).name })];
}

function missingRequests(reader: CmdbReader, scaler: HeldObject): readonly FindingDraft[] {
  const { id, kind, name } = targetOf(scaler);
  const target = reader.object(id);
  const active = conditionOf(scaler.object, 'ScalingActive');
  const told = toldMissingRequests(reader, scaler);
  if (told.length > 0) return told;
  if (target === undefined || textAt(active, 'status') === 'True') return [];
  // Defaults of a LimitRange stand in the pods only.
  const pod = podsByWorkload(reader).get(id)?.[0];
  const containers = pod ? listAt(pod.object, 'spec', 'containers') : listAt(target, ...podSpecPath(kind), 'containers');
  for (const { resource, container } of utilizationMetrics(scaler)) {
    const counted = containers.filter((entry) => container === undefined || textAt(entry, 'name') === container);
    const without = counted.find((entry) => !hasRequest(entry, resource));
    if (without !== undefined) return [requestsFinding(reader, scaler, { resource, where: textAt(without, 'name') ?? name })];
  }
  return [];
}

/** A limit without a request counts as the request. */
function hasRequest(container: unknown, resource: string): boolean {
  return ['requests', 'limits'].some((part) => readField(container, ['resources', part, resource]) !== undefined);
}

function requestsFinding(
  reader: CmdbReader,
  scaler: HeldObject,
  missing: { readonly resource: string; readonly where: string },
): FindingDraft {
  const { id, kind, name } = targetOf(scaler);
  return {
    code: 'T0-HORIZONTALPODAUTOSCALER-002',
    subject: id,
    key: missing.resource,
    facts: { autoscaler: scaler.name, kind, name, resource: missing.resource, where: missing.where },
    evidence: [quote(reader, scaler.id, ['status', 'conditions']), quote(reader, id, [...podSpecPath(kind), 'containers'])],
  };
}

/** The API that serves a metric, by the reason of the condition. */
const METRIC_APIS: readonly (readonly [RegExp, string])[] = [
  [/ResourceMetric/, 'v1beta1.metrics.k8s.io'],
  [/ExternalMetric/, 'v1beta1.external.metrics.k8s.io'],
  [/PodsMetric|ObjectMetric/, 'v1beta1.custom.metrics.k8s.io'],
];

function metricUnavailable(reader: CmdbReader, scaler: HeldObject): readonly FindingDraft[] {
  const active = conditionOf(scaler.object, 'ScalingActive');
  const reason = textAt(active, 'reason') ?? '';
  const sinceMs = instantAt(active, 'lastTransitionTime');
  if (textAt(active, 'status') !== 'False' || !/Metric/.test(reason)) return [];
  if (sinceMs !== undefined && Date.parse(reader.at) - sinceMs < patienceMs('autoscaler-metric')) return [];
  const { id, name } = targetOf(scaler);
  const api = METRIC_APIS.find(([pattern]) => pattern.test(reason))?.[1];
  const message = textAt(active, 'message') ?? reason;
  // Pods that are not ready have no metrics: then the target is what is wrong.
  const suspects = [...(api ? [siblingId(scaler.id, 'APIService', api, '')] : []), id];
  const foreign = api === undefined ? [] : servedByAnother(reader, scaler, siblingId(scaler.id, 'APIService', api, ''));
  return [
    ...foreign,
    {
      code: 'T0-HORIZONTALPODAUTOSCALER-003',
      subject: scaler.id,
      message: `autoscaler ${scaler.name} cannot read a metric of ${name}: ${message}`,
      sinceMs,
      evidence: [quote(reader, scaler.id, ['status', 'conditions'])],
      suspects,
    },
  ];
}

/** Two autoscalers for the same pods: neither acts. */
function ambiguous(reader: CmdbReader, scaler: HeldObject): readonly FindingDraft[] {
  const active = conditionOf(scaler.object, 'ScalingActive');
  if (textAt(active, 'status') !== 'False' || textAt(active, 'reason') !== 'AmbiguousSelector') return [];
  const { kind, name } = targetOf(scaler);
  const rivals = objectsIn(reader, 'HorizontalPodAutoscaler', scaler.namespace).filter(
    (other) => targetOf(other).kind === kind && targetOf(other).name === name,
  );
  // Told once, at the youngest: it came to what was there.
  const [youngest] = rivals.toSorted((a, b) => madeMs(b) - madeMs(a) || (a.id > b.id ? -1 : 1));
  if (youngest !== undefined && youngest.id !== scaler.id) return [];
  const message = `autoscaler ${scaler.name} does not scale ${kind} ${name}, and neither does any other: ${textAt(active, 'message') ?? 'several have the same pods'} (AmbiguousSelector)`;
  return [
    {
      code: 'T0-HORIZONTALPODAUTOSCALER-008',
      subject: scaler.id,
      key: name,
      message,
      evidence: [quote(reader, scaler.id, ['status', 'conditions'])],
    },
  ];
}

function madeMs({ object }: HeldObject): number {
  return instantAt(object, 'metadata', 'creationTimestamp') ?? 0;
}

/** The API that is to serve its metric is registered by nobody: no wait brings it. */
function withoutApi(reader: CmdbReader, scaler: HeldObject): readonly FindingDraft[] {
  const active = conditionOf(scaler.object, 'ScalingActive');
  const reason = textAt(active, 'reason') ?? '';
  const api = METRIC_APIS.find(([pattern]) => pattern.test(reason))?.[1];
  const message = textAt(active, 'message') ?? reason;
  const isUnknown = /could not find the requested resource|no matches for kind|no custom metrics API|the server could not find/i.test(
    message,
  );
  if (textAt(active, 'status') !== 'False' || api === undefined || !isUnknown) return [];
  const id = siblingId(scaler.id, 'APIService', api, '');
  if (reader.get(id).state !== 'absent') return [];
  return [
    {
      code: 'T0-HORIZONTALPODAUTOSCALER-003',
      subject: scaler.id,
      message: `autoscaler ${scaler.name} cannot read a metric of ${targetOf(scaler).name}: the API ${api} is registered by nobody (${message})`,
      sinceMs: instantAt(active, 'lastTransitionTime'),
      evidence: [quote(reader, scaler.id, ['status', 'conditions'])],
    },
  ];
}

/** The operator that owns an autoscaler serves its metrics itself, and the API is registered to somebody else. */
function servedByAnother(reader: CmdbReader, scaler: HeldObject, api: string): readonly FindingDraft[] {
  const isKeda =
    listAt(scaler.object, 'metadata', 'ownerReferences').some((owner) => /keda\.sh/.test(textAt(owner, 'apiVersion') ?? '')) ||
    textAt(scaler.object, 'metadata', 'labels', 'scaledobject.keda.sh/name') !== undefined;
  const server = textAt(reader.object(api), 'spec', 'service', 'name');
  if (!isKeda || server === undefined || /keda/i.test(`${server} ${textAt(reader.object(api), 'spec', 'service', 'namespace') ?? ''}`))
    return [];
  const message = `${api.slice(api.lastIndexOf('/') + 1)} is served by ${server}, while autoscaler ${scaler.name} needs a metric that KEDA serves`;
  return [{ code: 'T0-APISERVICE-003', subject: api, key: server, message, evidence: [quote(reader, api, ['spec', 'service'])] }];
}

function cannotScale(reader: CmdbReader, scaler: HeldObject): readonly FindingDraft[] {
  const able = conditionOf(scaler.object, 'AbleToScale');
  if (textAt(able, 'status') !== 'False' || /Backoff/i.test(textAt(able, 'reason') ?? '')) return [];
  return [
    {
      code: 'T0-HORIZONTALPODAUTOSCALER-006',
      subject: scaler.id,
      facts: { autoscaler: scaler.name, said: textAt(able, 'message') ?? textAt(able, 'reason') ?? 'no reason given' },
      evidence: [quote(reader, scaler.id, ['status', 'conditions'])],
      suspects: [targetOf(scaler).id],
    },
  ];
}

/** A fault when pods of the target are failing at work as well, or when it has lasted; a short peak is what the maximum is for. */
function atMaximum(reader: CmdbReader, scaler: HeldObject): readonly FindingDraft[] {
  const limited = conditionOf(scaler.object, 'ScalingLimited');
  const maximum = numberAt(scaler.object, 'spec', 'maxReplicas');
  if (textAt(limited, 'status') !== 'True' || textAt(limited, 'reason') !== 'TooManyReplicas' || maximum === undefined) return [];
  if ((numberAt(scaler.object, 'status', 'currentReplicas') ?? maximum) < maximum) return [];
  const ratio = loadRatio(scaler);
  if (ratio !== undefined && ratio <= TOLERANCE) return [];
  const sinceMs = instantAt(limited, 'lastTransitionTime');
  const hasLasted = sinceMs !== undefined && Date.parse(reader.at) - sinceMs >= PEAK_MS;
  const isHurt = (podsByWorkload(reader).get(targetOf(scaler).id) ?? []).some((pod) => isFailingAtWork(reader, pod));
  const isFar = ratio !== undefined && ratio >= FAR_ABOVE;
  return [
    {
      code: 'T0-HORIZONTALPODAUTOSCALER-004',
      subject: scaler.id,
      severity: isHurt || (hasLasted && isFar) ? 'fault' : 'degraded',
      facts: { autoscaler: scaler.name, maximum, ...(ratio === undefined ? {} : { ratio: Math.round(ratio * 10) / 10 }) },
      sinceMs,
      evidence: [quote(reader, scaler.id, ['spec']), quote(reader, scaler.id, ['status'])],
      seenOn: [targetOf(scaler).id],
    },
  ];
}

/** Default of --horizontal-pod-autoscaler-tolerance. */
const TOLERANCE = 1.1;
/** Load above the target by half of it: more replicas were needed, not only welcome. */
const FAR_ABOVE = 1.5;

/** Largest share of current to target value over the metrics that say both; undefined when none does. */
function loadRatio(scaler: HeldObject): number | undefined {
  const ratios = utilizationMetrics(scaler).flatMap(({ resource }) => {
    const isIt = (metric: unknown) =>
      [readField(metric, ['resource']), readField(metric, ['containerResource'])].find((part) => textAt(part, 'name') === resource);
    const current = listAt(scaler.object, 'status', 'currentMetrics')
      .map(isIt)
      .find((part) => part !== undefined);
    const wanted = listAt(scaler.object, 'spec', 'metrics')
      .map(isIt)
      .find((part) => part !== undefined);
    const now = numberAt(current, 'current', 'averageUtilization') ?? numberAt(scaler.object, 'status', 'currentCPUUtilizationPercentage');
    const aim = numberAt(wanted, 'target', 'averageUtilization') ?? numberAt(scaler.object, 'spec', 'targetCPUUtilizationPercentage');
    return now !== undefined && aim !== undefined && aim > 0 ? [now / aim] : [];
  });
  return ratios.length > 0 ? Math.max(...ratios) : undefined;
}

function withoutRange(reader: CmdbReader, scaler: HeldObject): readonly FindingDraft[] {
  const minimum = numberAt(scaler.object, 'spec', 'minReplicas') ?? 1;
  if (minimum !== numberAt(scaler.object, 'spec', 'maxReplicas')) return [];
  const message = `autoscaler ${scaler.name} has no range: its minimum is its maximum of ${minimum}`;
  return [{ code: 'T0-HORIZONTALPODAUTOSCALER-005', subject: scaler.id, message, evidence: [quote(reader, scaler.id, ['spec'])] }];
}
