import type { Advice, AdviceCase } from '../../findings/advice.ts';
import { restoreImage } from './restore-image.ts';

/** Puts back the last image that ran, from the revision history. */
export function restoreLastImage({ reader, rootCause }: AdviceCase): readonly Advice[] {
  const remedy = restoreImage({ reader, rootCause });
  if (remedy === undefined) return [];
  return [
    {
      id: remedy.id,
      kind: 'edit',
      title: remedy.title,
      why: remedy.why,
      edits: remedy.edits,
      precondition: 'What the newer image brought is not needed at once.',
      risk: 'low',
      verify: 'The image is pulled and the pods become ready.',
      rollback: remedy.rollback,
    },
  ];
}
