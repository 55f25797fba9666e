import type { ExpectedAnswer } from '../scenario/scenario.ts';
import { causeOfText } from '../tools/cause-of-text.ts';
import { causeByThumb } from '../tools/rule-of-thumb.ts';
import type { EvidenceReached } from './trial.ts';

/**
 * How much of the truth stood in what a tool returned. A place is reached when its name stands there; words are reached when a line maps to the true
 * cause by the wordings that every tool's text is read with, or holds a telling word of the truth. That a person or a model would conclude the cause from
 * it is not said.
 */
export function evidenceReached(text: string, { rootCauses }: Pick<ExpectedAnswer, 'rootCauses'>): EvidenceReached {
  const causes = new Set(text.split('\n').flatMap((line) => [causeOfText(line) ?? causeByThumb(line) ?? '']));
  const places = rootCauses.filter(({ subject, alsoAccept = [] }) => [subject, ...alsoAccept].some(({ name }) => holdsName(text, name)));
  const words = rootCauses.filter(({ cause, alsoAcceptCauses = [], telling }) =>
    telling === undefined
      ? [cause, ...alsoAcceptCauses].some((one) => causes.has(one))
      : telling.some((word) => new RegExp(word, 'i').test(text)),
  );
  return { places: places.length, words: words.length, of: rootCauses.length, characters: text.length };
}

/** The name as a word, or followed by a hyphen: a pod bears the name of its workload, and whoever sees the pod can find it. */
function holdsName(text: string, name: string): boolean {
  const escaped = name.replace(/\*$/, '').replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const end = name.endsWith('*') ? '' : '(?![a-z0-9.])';
  return new RegExp(`(?<![a-z0-9.-])${escaped}${end}`).test(text);
}
