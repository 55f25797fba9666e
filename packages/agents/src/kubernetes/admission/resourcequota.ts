import { type CmdbReader, parseKubernetesItemId, parseQuantity, readField } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import { quote } from '../../findings/quote.ts';
import type { Rule } from '../../findings/rule.ts';
import { siblingId } from '../objects/existence.ts';
import { isFullFor } from '../objects/full-quotas.ts';
import { type HeldObject, isReadCompletely, objectsIn, objectsOf } from '../objects/objects.ts';
import { troubledPods } from '../objects/pod-view.ts';
import { listAt, mapAt } from '../objects/read-object.ts';
import { referencesOf } from '../objects/reference.ts';
import { limitRangesIn } from './limitrange.ts';
import { type Shortage, shortagesByNamespace } from './shortage.ts';

/** Quotas that keep a workload from getting its pods. */
export const resourceQuotaRule: Rule = {
  name: 'resourcequota',
  check: (reader) => {
    const short = [...shortagesByNamespace(reader).values()].flat();
    const blocking = short.flatMap((shortage) => checkShortage(reader, shortage));
    const told = new Set(blocking.map((finding) => finding.subject));
    return [
      ...blocking,
      ...objectsOf(reader, 'ResourceQuota').flatMap((quota) =>
        told.has(quota.id) ? [] : [...lacking(reader, quota), ...usedUp(reader, quota)],
      ),
    ];
  },
};

function checkShortage(reader: CmdbReader, shortage: Shortage): readonly FindingDraft[] {
  const exceeded = /exceeded quota: ([^,\s]+)/i.exec(shortage.message)?.[1];
  if (exceeded !== undefined) return exceededFindings(reader, shortage, siblingId(shortage.shownBy, 'ResourceQuota', exceeded));
  const demanding = /failed quota: ([^:\s]+): must specify ([^;]+)/i.exec(shortage.message);
  if (demanding) return [demandFinding(reader, shortage, { quota: demanding[1] ?? '', resource: (demanding[2] ?? '').trim() })];
  // Another refusal was told: then it is not the quota.
  if (/forbidden|denied|violates|error/i.test(shortage.message)) return [];
  const quotas = objectsIn(reader, 'ResourceQuota', shortage.namespace).filter((quota) => !isScoped(quota));
  return quotas.flatMap((quota) => {
    const resource = unspecified(reader, quota, shortage);
    if (resource !== undefined) return [demandFinding(reader, shortage, { quota: quota.name, resource })];
    return leavesRoom(quota, shortage) ? [] : exceededFindings(reader, shortage, quota.id);
  });
}

/** A quota for some pods only: whether it counts this one is left to the words of the API server. */
function isScoped(quota: HeldObject): boolean {
  return listAt(quota.object, 'spec', 'scopes').length > 0 || readField(quota.object, ['spec', 'scopeSelector']) !== undefined;
}

/** The quota, and the workload that waits for it. */
function exceededFindings(reader: CmdbReader, shortage: Shortage, quota: string): readonly FindingDraft[] {
  const name = quota.slice(quota.lastIndexOf('/') + 1);
  const evidence = [quote(reader, quota, ['status']), quote(reader, shortage.shownBy, ['status'])];
  const { sinceMs, workload } = shortage;
  const asked = /requested: .*$/.exec(shortage.message)?.[0];
  const said = asked === undefined ? '' : ` (${asked})`;
  const message = `quota ${name} is used up, and ${shortage.name} lacks pods because of it${said}`;
  const held = `${shortage.name} lacks pods that quota ${name} does not allow`;
  return [
    { code: 'T0-RESOURCEQUOTA-001', subject: quota, message, sinceMs, evidence },
    { code: 'T0-RESOURCEQUOTA-004', subject: workload, key: name, message: held, sinceMs, evidence, suspects: [quota] },
  ];
}

function demandFinding(
  reader: CmdbReader,
  shortage: Shortage,
  demand: { readonly quota: string; readonly resource: string },
): FindingDraft {
  const quota = siblingId(shortage.shownBy, 'ResourceQuota', demand.quota);
  return {
    code: 'T0-RESOURCEQUOTA-003',
    subject: shortage.workload,
    key: demand.quota,
    facts: { workload: shortage.name, quota: demand.quota, resource: demand.resource },
    sinceMs: shortage.sinceMs,
    evidence: [quote(reader, quota, ['spec', 'hard']), quote(reader, shortage.shownBy, ['status'])],
  };
}

/** Resources of compute that a quota may count, and where a container says what it asks for. */
const COUNTED: Readonly<Record<string, readonly [part: 'requests' | 'limits', resource: string]>> = {
  cpu: ['requests', 'cpu'],
  memory: ['requests', 'memory'],
  'requests.cpu': ['requests', 'cpu'],
  'requests.memory': ['requests', 'memory'],
  'limits.cpu': ['limits', 'cpu'],
  'limits.memory': ['limits', 'memory'],
};

function unspecified(reader: CmdbReader, quota: HeldObject, shortage: Shortage): string | undefined {
  if (!isReadCompletely(reader, 'LimitRange') || limitRangesIn(reader, shortage.namespace).length > 0) return undefined;
  const containers = [...listAt(shortage.podSpec, 'containers'), ...listAt(shortage.podSpec, 'initContainers')];
  return Object.keys(mapAt(quota.object, 'spec', 'hard')).find((name) => {
    const [part, resource] = COUNTED[name] ?? [];
    return (
      part !== undefined && resource !== undefined && containers.some((container) => amountOf(container, part, resource) === undefined)
    );
  });
}

/** What a container asks for; a limit without a request counts as the request. */
function amountOf(container: unknown, part: 'requests' | 'limits', resource: string): number | undefined {
  const own = parseQuantity(readField(container, ['resources', part, resource]));
  return own ?? (part === 'requests' ? parseQuantity(readField(container, ['resources', 'limits', resource])) : undefined);
}

/** Whether one more pod of the template fits. */
function leavesRoom(quota: HeldObject, shortage: Shortage): boolean {
  const hard = readField(quota.object, ['status', 'hard']) ?? readField(quota.object, ['spec', 'hard']);
  return Object.entries((hard ?? {}) as Record<string, unknown>).every(([name, bound]) => {
    const asked = askedFor(name, shortage);
    const used = parseQuantity(readField(quota.object, ['status', 'used', name]));
    const limit = parseQuantity(bound);
    // Sums of decimal quantities are not exact in binary.
    return asked === undefined || asked === 0 || used === undefined || limit === undefined || used + asked <= limit * (1 + 1e-9);
  });
}

function askedFor(name: string, shortage: Shortage): number | undefined {
  if (name === 'pods' || name === 'count/pods') return 1;
  const [part, resource] = COUNTED[name] ?? [];
  if (part === undefined || resource === undefined) return undefined;
  return listAt(shortage.podSpec, 'containers').reduce<number>((sum, container) => sum + (amountOf(container, part, resource) ?? 0), 0);
}

/** A pod waits for an object that does not exist, of a kind of which the quota allows no more. */
function lacking(reader: CmdbReader, quota: HeldObject): readonly FindingDraft[] {
  const { namespace } = quota;
  const missing = troubledPods(reader)
    .filter(({ id }) => parseKubernetesItemId(id)?.namespace === namespace)
    .flatMap((pod) =>
      referencesOf(readField(pod.object, ['spec'])).map(({ kind, name }) => ({ kind, id: siblingId(pod.id, kind, name), name })),
    )
    .find(({ id, kind }) => reader.get(id).state === 'absent' && isFullFor(quota.object, kind));
  if (missing === undefined) return [];
  const message = `quota ${quota.name} allows no further ${missing.kind}, and ${missing.kind} ${missing.name}, which a pod waits for, does not exist`;
  return [{ code: 'T0-RESOURCEQUOTA-005', subject: quota.id, key: missing.kind, message, evidence: [quote(reader, quota.id, ['status'])] }];
}

function usedUp(reader: CmdbReader, quota: HeldObject): readonly FindingDraft[] {
  const used = mapAt(quota.object, 'status', 'used');
  const full = Object.entries(mapAt(quota.object, 'status', 'hard')).filter(([name, bound]) => {
    const limit = parseQuantity(bound) ?? 0;
    return limit > 0 && (parseQuantity(used[name]) ?? 0) >= limit;
  });
  if (full.length === 0) return [];
  const names = full.map(([name, bound]) => `${name} ${bound}`).sort();
  const message = `quota ${quota.name} is used up: ${names.join(', ')}`;
  return [{ code: 'T0-RESOURCEQUOTA-002', subject: quota.id, message, evidence: [quote(reader, quota.id, ['status'])] }];
}
