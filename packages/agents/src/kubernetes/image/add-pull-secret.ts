import { type CmdbReader, type JsonValue, readField } from '@tier0/core';
import type { RemedyCase, RemedyDraft } from '../../findings/remedy-draft.ts';
import { siblingId } from '../objects/existence.ts';
import { listAt, textAt } from '../objects/read-object.ts';
import { editOf, editsOf, kindOf, nameOf, remedyOf } from '../objects/remedy-edits.ts';
import { podSpecPath, workloadsOf } from '../objects/workload.ts';

/** Gives a workload the pull secret with which its neighbours get images from the same registry. */
export function addPullSecret({ reader, rootCause }: RemedyCase): readonly RemedyDraft[] {
  const { subject } = rootCause;
  const path = [...podSpecPath(kindOf(subject)), 'imagePullSecrets'];
  const held = listAt(reader.object(subject), ...path);
  const names = new Set(held.map((entry) => textAt(entry, 'name')));
  const wanted = new Set(registriesOf(reader, subject));
  const scope = subject.slice(0, subject.indexOf('/', subject.indexOf('/') + 1) + 1);
  const offered = workloadsOf(reader)
    .filter(({ id }) => id !== subject && id.startsWith(scope) && registriesOf(reader, id).some((registry) => wanted.has(registry)))
    .filter(({ id }) => Number(readField(reader.object(id), ['status', 'readyReplicas']) ?? 0) > 0)
    .flatMap(({ id }) =>
      listAt(reader.object(id), ...podSpecPath(kindOf(id)), 'imagePullSecrets').flatMap((entry) => textAt(entry, 'name') ?? []),
    );
  const secret = [...new Set(offered)]
    .sort()
    .find((name) => !names.has(name) && reader.get(siblingId(subject, 'Secret', name)).state === 'found');
  return remedyOf(secret === undefined ? [] : editsOf(editOf(reader, subject, path, [...held, { name: secret }] as JsonValue)), {
    id: 'add-pull-secret',
    title: `Let ${nameOf(subject)} pull its image with Secret ${secret}`,
    why: 'Workloads beside it get images from the same registry with it.',
    precondition: 'The secret may read this image as well.',
    risk: 'low',
    verify: 'The image is pulled and the pods become ready.',
    rollback: 'Take the secret out again.',
    assumption: `Secret ${secret} may read the image`,
  });
}

function registriesOf(reader: CmdbReader, workload: string): readonly string[] {
  const containers = listAt(reader.object(workload), ...podSpecPath(kindOf(workload)), 'containers');
  return containers.flatMap((container) => {
    const image = textAt(container, 'image') ?? '';
    return image.includes('/') ? [image.slice(0, image.indexOf('/'))] : [];
  });
}
