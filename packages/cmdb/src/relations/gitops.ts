import { type Relation, readField } from '@tier0/core';
import { type KubernetesObject, textMap, textOf } from '../kinds/kubernetes-object.ts';
import { type ClusterObjects, type RelationRule, relateByName } from './relation-rule.ts';

const TRACKING = 'argocd.argoproj.io/tracking-id';
const INSTANCE = 'argocd.argoproj.io/instance';
const FLUX: readonly { readonly kind: string; readonly label: string }[] = [
  { kind: 'Kustomization', label: 'kustomize.toolkit.fluxcd.io' },
  { kind: 'HelmRelease', label: 'helm.toolkit.fluxcd.io' },
];

/**
 * An object is part of the Argo CD Application, Flux Kustomization or HelmRelease that put it there, by the marks that these leave on
 * what they apply; a Flux object uses the source it is made from.
 */
export const gitopsRelations: RelationRule = (objects) => {
  const applications = new Map(objects.ofKind('Application').map((application) => [application.metadata.name, application]));
  const hasFlux = FLUX.some(({ kind }) => objects.ofKind(kind).length > 0);
  if (applications.size === 0 && !hasFlux) return [];
  return [
    ...objects.all.flatMap((object) => [
      ...partOfApplication(objects, object, applications),
      ...(hasFlux ? partOfFlux(objects, object) : []),
    ]),
    ...FLUX.flatMap(({ kind }) => objects.ofKind(kind)).flatMap((object) => usesSource(objects, object)),
  ];
};

function partOfApplication(
  objects: ClusterObjects,
  object: KubernetesObject,
  applications: ReadonlyMap<string, KubernetesObject>,
): readonly Relation[] {
  const tracked = textMap(object.metadata.annotations)[TRACKING]?.split(':')[0];
  // With several Argo CD namespaces the mark is `<namespace>_<name>`.
  const name = (tracked ?? textMap(object.metadata.labels)[INSTANCE])?.split('_').at(-1);
  const application = name === undefined ? undefined : applications.get(name);
  if (!application || object === application) return [];
  return relateByName(objects, object, { kind: 'Application', namespace: application.metadata.namespace ?? '', name, type: 'partOf' });
}

function partOfFlux(objects: ClusterObjects, object: KubernetesObject): readonly Relation[] {
  const labels = textMap(object.metadata.labels);
  return FLUX.flatMap(({ kind, label }) =>
    relateByName(objects, object, { kind, namespace: labels[`${label}/namespace`], name: labels[`${label}/name`], type: 'partOf' }),
  ).filter((relation) => relation.from !== relation.to);
}

function usesSource(objects: ClusterObjects, object: KubernetesObject): readonly Relation[] {
  const references = [
    readField(object, ['spec', 'sourceRef']),
    readField(object, ['spec', 'chart', 'spec', 'sourceRef']),
    readField(object, ['spec', 'chartRef']),
  ];
  return references.flatMap((reference) => {
    const kind = textOf(readField(reference, ['kind']));
    if (!kind) return [];
    const namespace = textOf(readField(reference, ['namespace']));
    return relateByName(objects, object, { kind, namespace, name: readField(reference, ['name']), type: 'uses' });
  });
}
