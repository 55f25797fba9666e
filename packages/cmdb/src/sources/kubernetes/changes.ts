import { type Change, type FieldChange, kubernetesItemId, readField, sha256 } from '@tier0/core';
import { compareFields } from '../../graph/compare-fields.ts';
import { compareText } from '../../graph/compare-text.ts';
import { idOf } from '../../kinds/kubernetes-item.ts';
import { entriesOf, isRecord, type KubernetesObject, textMap, textOf } from '../../kinds/kubernetes-object.ts';
import { imagesOf } from '../../kinds/pod-spec.ts';
import { controllerOf } from '../../relations/owner.ts';
import { instantOf } from '../instant-of.ts';

const REVISION = 'deployment.kubernetes.io/revision';
/** Label that the controller adds to each ReplicaSet; it is no change of the template. */
const TEMPLATE_HASH = 'pod-template-hash';
/** Kinds whose last edit is read from managedFields. */
const EDITED_KINDS: ReadonlySet<string> = new Set([
  'ConfigMap',
  'CronJob',
  'DaemonSet',
  'Deployment',
  'Gateway',
  'HorizontalPodAutoscaler',
  'HTTPRoute',
  'Ingress',
  'LimitRange',
  'MutatingWebhookConfiguration',
  'NetworkPolicy',
  'PersistentVolumeClaim',
  'PodDisruptionBudget',
  'ResourceQuota',
  'Role',
  'RoleBinding',
  'Service',
  'StatefulSet',
  'ValidatingWebhookConfiguration',
]);
/** Writers of the control plane keep books; what they write is no change that anybody made. */
const CONTROL_PLANE = /^(kube-controller-manager|kube-scheduler|kubelet|kube-apiserver|cloud-controller-manager|cluster-autoscaler)$/;

/** What the objects of one cluster prove about the past: rollouts from ReplicaSets, edits from managed fields. Oldest first. */
export function kubernetesChanges(objects: readonly KubernetesObject[], cluster: string, source: string): readonly Change[] {
  const changes = [...rollouts(objects, cluster, source), ...edits(objects, cluster, source)];
  return changes.sort((a, b) => (a.at === b.at ? compareText(a.id, b.id) : compareText(a.at, b.at)));
}

/** ReplicaSets of each Deployment by revision, ascending. The key is `namespace/name`. */
export function revisionsByDeployment(objects: Iterable<KubernetesObject>): ReadonlyMap<string, readonly KubernetesObject[]> {
  const groups = new Map<string, KubernetesObject[]>();
  for (const object of objects) {
    const owner = object.kind === 'ReplicaSet' ? controllerOf(object) : undefined;
    if (owner?.kind !== 'Deployment' || revisionOf(object) === undefined) continue;
    const key = `${object.metadata.namespace ?? ''}/${owner.name}`;
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [object]);
    else known.push(object);
  }
  for (const group of groups.values()) group.sort((a, b) => (revisionOf(a) ?? 0) - (revisionOf(b) ?? 0));
  return groups;
}

function revisionOf(replicaSet: KubernetesObject): number | undefined {
  const revision = Number(textMap(replicaSet.metadata.annotations)[REVISION]);
  return Number.isInteger(revision) && revision > 0 ? revision : undefined;
}

function rollouts(objects: readonly KubernetesObject[], cluster: string, source: string): readonly Change[] {
  const deployments = new Map(
    objects
      .filter((object) => object.kind === 'Deployment')
      .map((object) => [`${object.metadata.namespace ?? ''}/${object.metadata.name}`, object]),
  );
  return [...revisionsByDeployment(objects)].flatMap(([key, revisions]) => {
    const deployment = deployments.get(key);
    const [namespace, name = ''] = key.split('/');
    const item = kubernetesItemId({ cluster, namespace: namespace || undefined, kind: 'Deployment', name });
    return revisions.slice(1).flatMap((current, index): Change[] => {
      const previous = revisions[index];
      const isNewest = index === revisions.length - 2;
      return previous ? rollout({ item, previous, current, source, actor: isNewest ? lastEditor(deployment)?.manager : undefined }) : [];
    });
  });
}

interface RolloutFacts {
  readonly item: string;
  readonly previous: KubernetesObject;
  readonly current: KubernetesObject;
  readonly source: string;
  readonly actor: string | undefined;
}

function rollout({ item, previous, current, source, actor }: RolloutFacts): Change[] {
  const at = instantOf(current.metadata.creationTimestamp);
  const fields = compareFields(templateOf(previous), templateOf(current), ['spec', 'template']);
  if (!at || fields.length === 0) return [];
  const summary = `revision ${revisionOf(current)}: ${summarise(previous, current, fields)}`;
  return [toChange({ item, at, actor, summary, fields, source })];
}

function templateOf(replicaSet: KubernetesObject): unknown {
  const template = readField(replicaSet, ['spec', 'template']);
  if (!isRecord(template) || !isRecord(template.metadata)) return template;
  const { [TEMPLATE_HASH]: _hash, ...labels } = textMap(template.metadata.labels);
  return { ...template, metadata: { ...template.metadata, labels } };
}

function summarise(previous: KubernetesObject, current: KubernetesObject, fields: readonly FieldChange[]): string {
  const before = imagesOf(previous);
  const images = [...imagesOf(current)].filter(([name, image]) => before.get(name) !== image);
  if (images.length > 0) return images.map(([name, image]) => `image of ${name}: ${before.get(name) ?? 'none'} -> ${image}`).join(', ');
  return `${fields.length} ${fields.length === 1 ? 'field' : 'fields'} of the pod template`;
}

function edits(objects: readonly KubernetesObject[], cluster: string, source: string): readonly Change[] {
  return objects.flatMap((object): Change[] => {
    const edit = EDITED_KINDS.has(object.kind) ? lastEditor(object) : undefined;
    if (!edit) return [];
    const created = instantOf(object.metadata.creationTimestamp);
    const verb = created === edit.at ? 'created' : 'edited';
    const summary = `${object.kind} ${object.metadata.name} ${verb}`;
    return [toChange({ item: idOf(object, cluster), at: edit.at, actor: edit.manager, summary, fields: [], source })];
  });
}

/** The newest managed-fields entry that is not a status update. */
function lastEditor(object: KubernetesObject | undefined): { readonly manager: string | undefined; readonly at: string } | undefined {
  const entries = entriesOf(object?.metadata.managedFields)
    .filter(isRecord)
    .filter((entry) => entry.subresource !== 'status' && !CONTROL_PLANE.test(String(entry.manager)))
    .flatMap((entry) => {
      const at = instantOf(entry.time);
      return at ? [{ manager: textOf(entry.manager), at }] : [];
    });
  return entries.sort((a, b) => compareText(a.at, b.at)).at(-1);
}

function toChange(draft: Omit<Change, 'id'>): Change {
  const id = `change-${sha256(JSON.stringify([draft.item, draft.at, draft.summary])).slice(0, 16)}`;
  const { actor, ...rest } = draft;
  return { id, ...rest, ...(actor === undefined ? {} : { actor }) };
}
