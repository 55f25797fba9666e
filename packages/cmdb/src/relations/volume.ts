import { type Relation, readField } from '@tier0/core';
import { entriesOf, textOf } from '../kinds/kubernetes-object.ts';
import { isMadeOfTemplate } from './owner.ts';
import { type RelationRule, relateByName } from './relation-rule.ts';

/** Pod uses its claims, claim uses its volume and its storage class, attachment uses its volume and runs on its node. */
export const volumeRelations: RelationRule = (objects) => [
  ...objects.ofKind('Pod').flatMap((pod): readonly Relation[] => {
    // The claims of a pod without a template over it are named with its other references.
    if (!isMadeOfTemplate(pod)) return [];
    const claims = entriesOf(readField(pod, ['spec', 'volumes'])).flatMap(
      (volume) => textOf(readField(volume, ['persistentVolumeClaim', 'claimName'])) ?? [],
    );
    return [...new Set(claims)].flatMap((name) =>
      relateByName(objects, pod, { kind: 'PersistentVolumeClaim', name, type: 'uses', properties: { via: 'volume' } }),
    );
  }),
  ...objects.ofKind('PersistentVolumeClaim').flatMap((claim) => [
    ...relateByName(objects, claim, {
      kind: 'PersistentVolume',
      namespace: '',
      name: readField(claim, ['spec', 'volumeName']),
      type: 'uses',
    }),
    ...relateByName(objects, claim, {
      kind: 'StorageClass',
      namespace: '',
      name: readField(claim, ['spec', 'storageClassName']),
      type: 'uses',
    }),
  ]),
  ...objects.ofKind('VolumeAttachment').flatMap((attachment) => [
    ...relateByName(objects, attachment, {
      kind: 'PersistentVolume',
      namespace: '',
      name: readField(attachment, ['spec', 'source', 'persistentVolumeName']),
      type: 'uses',
    }),
    ...relateByName(objects, attachment, {
      kind: 'Node',
      namespace: '',
      name: readField(attachment, ['spec', 'nodeName']),
      type: 'runsOn',
    }),
  ]),
];
