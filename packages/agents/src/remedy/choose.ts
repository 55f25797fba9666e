import { parseKubernetesItemId } from '@tier0/core';
import type { Advice, AdviceCase } from '../findings/advice.ts';
import { advisersOf, codesOf, type Matter } from '../findings/matter.ts';
import { handOver } from './hand-over.ts';
import { restoreDeclared } from './restore-declared.ts';
import { revertChange } from './revert-change.ts';

/** Ways to take a root cause away, best first; the last resort is people. Never empty. */
export function advise(adviceCase: AdviceCase, matters: readonly Matter[]): readonly Advice[] {
  const [best = [], ...others] = advisersOf(matters, adviceCase.rootCause.cause)
    .map((adviser) => adviser(adviceCase))
    .filter((found) => found.length > 0);
  const byEdits = new Map<string, Advice>();
  for (const one of [
    ...best.slice(0, 1),
    ...revertChange(adviceCase),
    ...restoreDeclared(adviceCase),
    ...best.slice(1),
    ...others.flat(),
  ]) {
    const key = JSON.stringify(one.edits);
    if (!byEdits.has(key)) byEdits.set(key, withCare(one));
  }
  const advice = [...byEdits.values()];
  return advice.length > 0 ? advice : [handOver(adviceCase, codesOf(matters))];
}

/** What the whole cluster stands on is never touched lightly. */
function withCare(advice: Advice): Advice {
  const isSystem = advice.edits.some(({ item }) => /^kube-(system|public|node-lease)$/.test(parseKubernetesItemId(item)?.namespace ?? ''));
  return isSystem ? { ...advice, risk: 'high' } : advice;
}
