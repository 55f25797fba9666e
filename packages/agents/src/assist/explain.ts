import type { CallContext, Diagnosis, LanguageModel } from '@tier0/core';
import { parseKubernetesItemId } from '@tier0/core';
import { createPseudonyms, withPseudonyms } from '../loop/guard/pseudonyms.ts';
import { markUntrusted, UNTRUSTED_RULE } from '../loop/guard/untrusted.ts';
import { collectTurn, textOf } from '../models/collect-turn.ts';
import { EXPLAIN } from './prompts/explain.ts';

/** An explanation, or why there is none. Sentences that cite evidence that does not exist are left out and counted. */
export type Explanation =
  | { readonly state: 'explained'; readonly text: string; readonly cites: readonly string[]; readonly dropped: number }
  | { readonly state: 'failed'; readonly why: string };

/** Explains a diagnosis in plain words. Names and addresses do not leave: the model sees pseudonyms, the reader the names. */
export async function explain(diagnosis: Diagnosis, model: LanguageModel, context: CallContext): Promise<Explanation> {
  const masked = withPseudonyms(model, createPseudonyms({ names: namesIn(diagnosis) }));
  const messages = [
    { role: 'system' as const, content: `${EXPLAIN.text}\n${UNTRUSTED_RULE}` },
    { role: 'user' as const, content: markUntrusted(tellDiagnosis(diagnosis), 'diagnosis') },
  ];
  const turn = await collectTurn(masked.generate({ messages, maxOutputTokens: 800 }, context));
  if (turn.state === 'failed') return { state: 'failed', why: turn.failure.message };
  if (turn.reason === 'refusal') return { state: 'failed', why: 'the model refused' };
  return judge(textOf(turn.message), new Set(diagnosis.evidence.map(({ id }) => id)));
}

function namesIn(diagnosis: Diagnosis): readonly string[] {
  const ids = [
    ...diagnosis.findings.flatMap(({ subject, suspects = [], seenOn = [] }) => [subject, ...suspects, ...seenOn]),
    ...diagnosis.rootCauses.flatMap(({ subject, path }) => [subject, ...path]),
  ];
  return [...new Set(ids.flatMap((id) => Object.values(parseKubernetesItemId(id) ?? { id }).filter((part) => part !== undefined)))];
}

function tellDiagnosis({ rootCauses, evidence, unknowns }: Diagnosis): string {
  return [
    ...rootCauses
      .slice(0, 5)
      .map(
        (root) =>
          `${root.cause} at ${root.subject} (${root.confidence.toFixed(2)}, ${root.basis}): ${root.message}; evidence ${root.evidenceFor.join(', ')}`,
      ),
    ...evidence.slice(0, 20).map(({ id, source, excerpt }) => `[${id}] ${source}: ${excerpt.slice(0, 800)}`),
    ...unknowns.slice(0, 10).map(({ message }) => `not known: ${message}`),
  ].join('\n');
}

function judge(text: string, known: ReadonlySet<string>): Explanation {
  const sentences = text.split(/(?<=[.!?])\s+(?=\S)/);
  const sound = sentences.filter((sentence) => citesIn(sentence).every((id) => known.has(id)));
  const cites = [...new Set(sound.flatMap(citesIn))];
  if (cites.length === 0) return { state: 'failed', why: 'the explanation cites no evidence that exists' };
  return { state: 'explained', text: sound.join(' '), cites, dropped: sentences.length - sound.length };
}

function citesIn(sentence: string): readonly string[] {
  return [...sentence.matchAll(/\[([\w:.-]{1,200})\]/g)].map((match) => match[1] as string);
}
