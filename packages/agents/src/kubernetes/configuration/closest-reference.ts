import { type FieldPath, type ItemEdit, readField } from '@tier0/core';
import type { RemedyCase, RemedyDraft } from '../../findings/remedy-draft.ts';
import { closestName } from '../objects/close-name.ts';
import { mentionsHost, replaceHost } from '../objects/host-text.ts';
import { listAt, textAt } from '../objects/read-object.ts';
import { editOf, kindOf, nameOf, remedyOf } from '../objects/remedy-edits.ts';
import { podSpecPath } from '../objects/workload.ts';

/** Points whoever refers to a missing object to the existing one whose name is closest. */
export function useClosestExisting({ reader, rootCause }: RemedyCase): readonly RemedyDraft[] {
  const missing = rootCause.subject;
  const [kind, name] = [kindOf(missing), nameOf(missing)];
  const scope = missing.slice(0, missing.lastIndexOf('/'));
  const siblings = reader.items({ kind }).items.filter((item) => item.id.startsWith(`${scope}/`));
  const closest = closestName(
    name,
    siblings.map((item) => item.name),
  );
  if (closest === undefined || reader.get(missing).state === 'found') return [];
  const edits = [...new Set(reader.relations(missing, 'in').map((relation) => relation.from))].flatMap((referrer) =>
    referencePaths(reader.object(referrer), kindOf(referrer), { kind, name }).flatMap((path): readonly ItemEdit[] => {
      const current = String(readField(reader.object(referrer), path));
      const edit = editOf(reader, referrer, path, current === name ? closest : replaceHost(current, name, closest));
      return edit ? [edit] : [];
    }),
  );
  return remedyOf(edits, {
    id: 'use-closest-existing',
    title: `Refer to ${kind} ${closest}, which exists, instead of ${name}, which does not`,
    why: `Of all of the same kind there, ${closest} has the closest name; ${name} looks like a slip.`,
    precondition: `${closest} is the one that was meant: compare what it holds.`,
    risk: 'low',
    verify: 'Whoever refers to it starts and becomes ready.',
    rollback: `Refer to ${name} again.`,
  });
}

interface Target {
  readonly kind: string;
  readonly name: string;
}

/** Where an object names another one. */
export function referencePaths(object: unknown, kind: string, target: Target): readonly FieldPath[] {
  const candidates = [...podReferences(object, kind, target), ...routeReferences(object, target), ...plainReferences(target)];
  return candidates.filter((path) => {
    const value = readField(object, path);
    return value === target.name || (target.kind === 'Service' && typeof value === 'string' && mentionsHost(value, target.name));
  });
}

function podReferences(object: unknown, kind: string, target: Target): readonly FieldPath[] {
  const root = podSpecPath(kind);
  const containers = ['containers', 'initContainers'].flatMap((list) =>
    listAt(object, ...root, list).flatMap((entry) => {
      const name = textAt(entry, 'name');
      return name === undefined ? [] : [{ entry, path: [...root, list, { key: 'name', value: name }] as FieldPath }];
    }),
  );
  const variables = containers.flatMap(({ entry, path }) => [
    ...listAt(entry, 'env').flatMap((variable) => {
      const name = textAt(variable, 'name');
      if (name === undefined) return [];
      const at: FieldPath = [...path, 'env', { key: 'name', value: name }];
      if (target.kind === 'Service') return [[...at, 'value']];
      return [[...at, 'valueFrom', target.kind === 'Secret' ? 'secretKeyRef' : 'configMapKeyRef', 'name']];
    }),
    ...listAt(entry, 'envFrom').map(
      (_, index): FieldPath => [...path, 'envFrom', index, target.kind === 'Secret' ? 'secretRef' : 'configMapRef', 'name'],
    ),
  ]);
  const volumes = listAt(object, ...root, 'volumes').flatMap((_, index): readonly FieldPath[] => [
    [...root, 'volumes', index, 'configMap', 'name'],
    [...root, 'volumes', index, 'secret', 'secretName'],
    [...root, 'volumes', index, 'persistentVolumeClaim', 'claimName'],
  ]);
  const byKind: Readonly<Record<string, readonly FieldPath[]>> = {
    ConfigMap: [...variables, ...volumes.filter((path) => path.includes('configMap'))],
    Secret: [...variables, ...volumes.filter((path) => path.includes('secret')), ...pullSecrets(object, root)],
    PersistentVolumeClaim: volumes.filter((path) => path.includes('persistentVolumeClaim')),
    ServiceAccount: [[...root, 'serviceAccountName']],
    PriorityClass: [[...root, 'priorityClassName']],
    Service: variables,
  };
  return byKind[target.kind] ?? [];
}

function pullSecrets(object: unknown, root: FieldPath): readonly FieldPath[] {
  return listAt(object, ...root, 'imagePullSecrets').map((_, index): FieldPath => [...root, 'imagePullSecrets', index, 'name']);
}

function routeReferences(object: unknown, { kind }: Target): readonly FieldPath[] {
  if (kind === 'Secret') return listAt(object, 'spec', 'tls').map((_, index): FieldPath => ['spec', 'tls', index, 'secretName']);
  if (kind !== 'Service') return [];
  const ingress = listAt(object, 'spec', 'rules').flatMap((rule, at) => [
    ...listAt(rule, 'http', 'paths').map(
      (_, index): FieldPath => ['spec', 'rules', at, 'http', 'paths', index, 'backend', 'service', 'name'],
    ),
    ...listAt(rule, 'backendRefs').map((_, index): FieldPath => ['spec', 'rules', at, 'backendRefs', index, 'name']),
  ]);
  return [...ingress, ['spec', 'defaultBackend', 'service', 'name']];
}

/** Fields that hold one name, by the kind they lead to. */
function plainReferences({ kind }: Target): readonly FieldPath[] {
  const fields: Readonly<Record<string, readonly FieldPath[]>> = {
    StorageClass: [['spec', 'storageClassName']],
    IngressClass: [['spec', 'ingressClassName']],
    GatewayClass: [['spec', 'gatewayClassName']],
    Role: [['roleRef', 'name']],
    ClusterRole: [['roleRef', 'name']],
    GitRepository: [['spec', 'sourceRef', 'name']],
    Deployment: [['spec', 'scaleTargetRef', 'name']],
    StatefulSet: [['spec', 'scaleTargetRef', 'name']],
  };
  return fields[kind] ?? [];
}
