import { type JsonValue, readField } from '@tier0/core';
import type { RemedyCase, RemedyDraft } from '../../findings/remedy-draft.ts';
import { isReadCompletely } from '../objects/objects.ts';
import { listAt, textAt } from '../objects/read-object.ts';
import { editOf, editsOf, kindOf, nameOf, remedyOf } from '../objects/remedy-edits.ts';
import { workloadsOf } from '../objects/workload.ts';

/** Kinds whose finalizers stand before data or everything in them. */
const HOLDS_DATA = /^(Namespace|Node|PersistentVolume(Claim)?|VolumeSnapshot(Content)?|VolumeAttachment|CustomResourceDefinition)$/;

/**
 * Lets an object go that is deleted already and waits for a controller that is not there. Its owner asked for the deletion; what the
 * controller would have cleaned up outside stays behind. Never for what holds data.
 */
export function releaseObject({ reader, rootCause }: RemedyCase): readonly RemedyDraft[] {
  const { subject } = rootCause;
  const object = reader.object(subject);
  const finalizers = listAt(object, 'metadata', 'finalizers').map(String);
  const foreign = finalizers.filter((name) => isOwnDomain(name));
  if (HOLDS_DATA.test(kindOf(subject)) || readField(object, ['metadata', 'deletionTimestamp']) === undefined) return [];
  if (foreign.length === 0 || foreign.length < finalizers.length || foreign.some((name) => hasController({ reader, name }))) return [];
  return remedyOf(editsOf(editOf(reader, subject, ['metadata', 'finalizers'], [] as JsonValue)), {
    id: 'release-object',
    title: `Let ${kindOf(subject)} ${nameOf(subject)} go without ${foreign.join(', ')}`,
    why: 'It was deleted, and no controller that could do the last step runs here any more.',
    precondition: 'The controller does not come back. What it would clean up outside the cluster is cleaned up by hand.',
    risk: 'high',
    verify: 'The object is gone, and whatever waited for it.',
    rollback: 'None: the object is gone then.',
    assumption: 'nobody relies on what the controller would have done',
  });
}

function isOwnDomain(finalizer: string): boolean {
  return finalizer.includes('/') && !/^([^/]*\.)?(kubernetes|k8s)\.io\//.test(finalizer);
}

/** A workload whose name or image shares a word with the domain of the finalizer may be its controller; unread workloads may as well. */
function hasController({ reader, name }: { readonly reader: RemedyCase['reader']; readonly name: string }): boolean {
  if (!['Deployment', 'StatefulSet', 'DaemonSet'].every((kind) => isReadCompletely(reader, kind))) return true;
  const words = (name.split('/')[0] ?? '')
    .split(/[.-]/)
    .slice(0, -2)
    .filter((word) => word.length > 2);
  return workloadsOf(reader).some((item) => {
    const images = listAt(reader.object(item.id), 'spec', 'template', 'spec', 'containers').map(
      (body) => textAt(body, 'image')?.split('/').at(-1) ?? '',
    );
    const isUp =
      Number(
        readField(reader.object(item.id), ['status', 'readyReplicas']) ?? readField(reader.object(item.id), ['status', 'numberReady']) ?? 0,
      ) > 0;
    return isUp && [item.name, ...images].some((text) => words.some((word) => text.includes(word)));
  });
}
