import type { RemedyCase, RemedyDraft } from '../../findings/remedy-draft.ts';
import { restoreImage } from './restore-image.ts';

/** Puts back the last image that ran, from the revision history. */
export function restoreLastImage({ reader, rootCause }: RemedyCase): readonly RemedyDraft[] {
  const remedy = restoreImage({ reader, rootCause });
  return remedy === undefined ? [] : [remedy];
}
