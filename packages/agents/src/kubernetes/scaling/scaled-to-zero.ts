import { type CmdbReader, parseKubernetesItemId } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import { quote } from '../../findings/quote.ts';
import type { Rule } from '../../findings/rule.ts';
import { eventsAbout } from '../objects/events.ts';
import { indexed } from '../objects/indexed.ts';
import { lastApplied } from '../objects/last-applied.ts';
import { objectsIn } from '../objects/objects.ts';
import { nameOf } from '../objects/pod-view.ts';
import { mapAt, numberAt, textAt } from '../objects/read-object.ts';
import { workloadsOf } from '../objects/workload.ts';

/** Workloads without replicas that something else cannot do without. */
export const scaledToZeroRule: Rule = {
  name: 'scaled-to-zero',
  check: (reader) => workloadsOf(reader).flatMap(({ id }) => scaledToZero(reader, id)),
};

const servicesByNamespace = indexed((reader) =>
  Map.groupBy(
    reader.items({ kind: 'Service' }).items.map(({ id }) => ({ id, selector: mapAt(reader.object(id), 'spec', 'selector') })),
    ({ id }) => parseKubernetesItemId(id)?.namespace ?? '',
  ),
);

function scaledToZero(reader: CmdbReader, id: string): readonly FindingDraft[] {
  const object = reader.object(id);
  const paused = numberAt(object, 'spec', 'replicas') === 0 ? pausedByHand(reader, id) : undefined;
  if (numberAt(object, 'spec', 'replicas') !== 0 || (paused === undefined && isScaledByDemand(object))) return [];
  const labels = mapAt(object, 'spec', 'template', 'metadata', 'labels');
  const services = (servicesByNamespace(reader).get(parseKubernetesItemId(id)?.namespace ?? '') ?? []).filter(({ selector }) => {
    const wanted = Object.entries(selector);
    return wanted.length > 0 && wanted.every(([key, value]) => labels[key] === value);
  });
  // Another workload behind the same Service serves in its place.
  const idle = services.filter(({ id: service }) => reader.relations(service, 'out', 'selects').length === 0).map((service) => service.id);
  if (idle.length === 0) return [];
  const dependents = idle.flatMap((service) => dependentsOf(reader, service, id));
  if (paused !== undefined) return dependents.length === 0 ? [] : [pausedFinding(reader, { id, paused, dependents })];
  const was = declaredReplicas(object);
  const isCut = scaledDownLately(reader, id);
  if (dependents.length === 0 && (was !== undefined || isCut)) {
    const why = was === undefined ? 'it was scaled down within the hour' : `what was applied last asks for ${was}`;
    const said = `${nameOf(id)} is scaled to zero, and ${why}; Service ${idle.map(nameOf).join(', ')} leads nowhere`;
    return [{ code: 'T0-DEPLOYMENT-004', subject: id, message: said, evidence: [quote(reader, id, ['spec', 'replicas'])] }];
  }
  const message =
    dependents.length > 0
      ? `${nameOf(id)} is scaled to zero, and ${dependents.map(nameOf).join(', ')} needs it`
      : `${nameOf(id)} is scaled to zero, so Service ${idle.map(nameOf).join(', ')} leads nowhere`;
  const evidence = [quote(reader, id, ['spec', 'replicas'])];
  return [{ code: 'T0-DEPLOYMENT-004', subject: id, message, evidence, severity: dependents.length > 0 ? 'fault' : 'degraded' }];
}

/** Replicas that were applied last; undefined where that is none, or zero. */
function declaredReplicas(object: unknown): number | undefined {
  try {
    const applied = JSON.parse(mapAt(object, 'metadata', 'annotations')['kubectl.kubernetes.io/last-applied-configuration'] ?? 'null');
    const replicas = numberAt(applied, 'spec', 'replicas');
    return replicas !== undefined && replicas > 0 ? replicas : undefined;
  } catch {
    return undefined;
  }
}

const LATELY_MS = 3_600_000;

/** The controller says that it took the last pods away within the hour. */
function scaledDownLately(reader: CmdbReader, id: string): boolean {
  return eventsAbout(reader, id).some(
    ({ reason, message, lastMs }) =>
      reason === 'ScalingReplicaSet' && /down .* to 0(?:\D|$)/i.test(message) && Date.parse(reader.at) - (lastMs ?? 0) < LATELY_MS,
  );
}

/** A ScaledObject of KEDA holds its workload where it is while it has one of these. */
export const PAUSES = ['autoscaling.keda.sh/paused', 'autoscaling.keda.sh/paused-replicas'] as const;

/** The ScaledObject that somebody paused since it was applied, so that nothing brings the workload back; undefined where none is, or where it is declared so. */
function pausedByHand(reader: CmdbReader, id: string): string | undefined {
  const { namespace = '', kind, name } = parseKubernetesItemId(id) ?? {};
  return objectsIn(reader, 'ScaledObject', namespace).find(({ object }) => {
    const target = textAt(object, 'spec', 'scaleTargetRef', 'kind') ?? 'Deployment';
    if (textAt(object, 'spec', 'scaleTargetRef', 'name') !== name || target !== kind) return false;
    const [own, declared] = [mapAt(object, 'metadata', 'annotations'), lastApplied(object)];
    const isPaused = PAUSES.some((key) => own[key] !== undefined && own[key] !== 'false');
    return isPaused && declared !== undefined && PAUSES.every((key) => mapAt(declared, 'metadata', 'annotations')[key] === undefined);
  })?.id;
}

interface Paused {
  readonly id: string;
  readonly paused: string;
  readonly dependents: readonly string[];
}

function pausedFinding(reader: CmdbReader, { id, paused, dependents }: Paused): FindingDraft {
  const message = `ScaledObject ${nameOf(paused)} was paused since it was applied, so ${nameOf(id)} stays at zero replicas, and ${dependents.map(nameOf).join(', ')} needs it`;
  const evidence = [quote(reader, paused, ['metadata', 'annotations']), quote(reader, id, ['spec', 'replicas'])];
  return { code: 'T0-DEPLOYMENT-004', subject: paused, key: id, message, evidence, seenOn: [id] };
}

/** What scales by demand may be at zero by intent. */
function isScaledByDemand(object: unknown): boolean {
  const keys = [...Object.keys(mapAt(object, 'metadata', 'annotations')), ...Object.keys(mapAt(object, 'metadata', 'labels'))];
  return keys.some((key) => /keda\.sh|knative\.dev|sleep|downscaler|kubegreen|kube-green/i.test(key));
}

/** Workloads that run and name the Service, and routes that lead to it. */
function dependentsOf(reader: CmdbReader, service: string, own: string): readonly string[] {
  const named = reader.relations(service, 'in', 'dependsOn').map(({ from }) => from);
  const routed = reader.relations(service, 'in', 'routesTo').map(({ from }) => from);
  const runs = (item: string) => item !== own && (numberAt(reader.object(item), 'spec', 'replicas') ?? 1) > 0;
  return [...new Set([...named.filter(runs), ...routed])].sort();
}
