import { type CmdbReader, parseKubernetesItemId, parseQuantity, readField } from '@tier0/core';
import { siblingId } from '../objects/existence.ts';
import { requestsOf } from '../objects/node-fit.ts';
import { listAt, mapAt, textAt } from '../objects/read-object.ts';
import { podSpecPath } from '../objects/workload.ts';
import type { Ground } from './pod-creation.ts';

/** Why the next pod of a controller is certain to be refused, by the quotas and the Pod Security level of its namespace. */
export function certainRefusal(reader: CmdbReader, controller: string): Ground | undefined {
  const { kind = '', namespace } = parseKubernetesItemId(controller) ?? {};
  const spec = readField(reader.object(controller), podSpecPath(kind));
  if (spec === undefined) return undefined;
  const quotas = reader.items({ kind: 'ResourceQuota' }).items.filter(({ id }) => parseKubernetesItemId(id)?.namespace === namespace);
  for (const { id, name } of quotas) {
    const ground = quotaGround(reader, { id, name }, spec);
    if (ground) return ground;
  }
  return securityGround(reader, controller, spec);
}

/** Quotas with a scope count some pods only, so they are left to the API server's own words. */
function quotaGround(reader: CmdbReader, quota: { readonly id: string; readonly name: string }, spec: unknown): Ground | undefined {
  const object = reader.object(quota.id);
  if (readField(object, ['spec', 'scopes']) !== undefined || readField(object, ['spec', 'scopeSelector']) !== undefined) return undefined;
  const hard = readField(object, ['status', 'hard']) ?? {};
  for (const resource of Object.keys(hard as object).sort()) {
    const limit = parseQuantity(readField(hard, [resource]));
    const used = parseQuantity(readField(object, ['status', 'used', resource])) ?? 0;
    const asked = askedOf(spec, resource);
    if (limit === undefined || asked === undefined || used + asked <= limit) continue;
    const text = `quota ${quota.name} is used up: one more pod asks ${asked} of ${resource}, used ${used}, limited to ${limit}`;
    return { code: 'T0-REPLICASET-001', subject: quota.id, text };
  }
  return undefined;
}

/** What one pod takes of a resource as quotas name it; undefined when it is not one that pods take, or the pod does not say. */
function askedOf(spec: unknown, resource: string): number | undefined {
  if (resource === 'pods' || resource === 'count/pods') return 1;
  const [, field = '', name = ''] = /^(requests|limits)\.(.+)$/.exec(resource) ?? [undefined, 'requests', resource];
  if (!/^(?:cpu|memory|ephemeral-storage)$/.test(name)) return undefined;
  if (field === 'requests') return requestsOf({ spec }).get(name);
  const limits = listAt(spec, 'containers').map((container) => parseQuantity(readField(container, ['resources', 'limits', name])));
  return limits.some((limit) => limit === undefined) ? undefined : limits.reduce<number>((sum, limit) => sum + (limit ?? 0), 0);
}

const ENFORCE = 'pod-security.kubernetes.io/enforce';

/** The parts of the Pod Security Standards that a template breaks without any doubt. */
function securityGround(reader: CmdbReader, controller: string, spec: unknown): Ground | undefined {
  const { namespace = '' } = parseKubernetesItemId(controller) ?? {};
  const level = mapAt(reader.object(siblingId(controller, 'Namespace', namespace, '')), 'metadata', 'labels')[ENFORCE];
  if (level !== 'baseline' && level !== 'restricted') return undefined;
  const broken = [...breaksBaseline(spec), ...(level === 'restricted' ? breaksRestricted(spec) : [])];
  if (broken.length === 0) return undefined;
  return {
    code: 'T0-REPLICASET-004',
    text: `the Pod Security level "${level}" of namespace ${namespace} refuses its pods: ${broken.join(', ')}`,
  };
}

function containersIn(spec: unknown): readonly unknown[] {
  return [...listAt(spec, 'initContainers'), ...listAt(spec, 'containers')];
}

function breaksBaseline(spec: unknown): readonly string[] {
  const host = ['hostNetwork', 'hostPID', 'hostIPC'].filter((field) => readField(spec, [field]) === true);
  const paths = listAt(spec, 'volumes').some((volume) => readField(volume, ['hostPath']) !== undefined) ? ['a hostPath volume'] : [];
  const privileged = containersIn(spec).some((entry) => readField(entry, ['securityContext', 'privileged']) === true)
    ? ['a privileged container']
    : [];
  const ports = containersIn(spec).some((entry) => listAt(entry, 'ports').some((port) => Number(readField(port, ['hostPort']) ?? 0) > 0))
    ? ['a host port']
    : [];
  return [...host, ...paths, ...privileged, ...ports];
}

function breaksRestricted(spec: unknown): readonly string[] {
  const lacks = (isMet: (context: unknown) => boolean) => containersIn(spec).some((entry) => !isMet(readField(entry, ['securityContext'])));
  const podContext = readField(spec, ['securityContext']);
  const nonRoot = (context: unknown) => (readField(context, ['runAsNonRoot']) ?? readField(podContext, ['runAsNonRoot'])) === true;
  const seccomp = (context: unknown) => textAt(context, 'seccompProfile', 'type') ?? textAt(podContext, 'seccompProfile', 'type');
  const found = [
    lacks(nonRoot) ? 'runAsNonRoot is not set' : '',
    lacks((context) => readField(context, ['allowPrivilegeEscalation']) === false) ? 'allowPrivilegeEscalation is not false' : '',
    lacks((context) => listAt(context, 'capabilities', 'drop').includes('ALL')) ? 'capabilities are not dropped' : '',
    lacks((context) => seccomp(context) !== undefined) ? 'no seccomp profile' : '',
  ];
  return found.filter((text) => text !== '');
}
