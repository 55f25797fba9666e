import type { CmdbFact } from '@tier0/core';
import { idsOf, makeCommits, seededRandom } from './fact-maker.ts';

/** The facts that a crash writer appends for a seed: anybody can make them again. */
export function crashFacts(seed: number): readonly CmdbFact[] {
  const [commit] = makeCommits({ random: seededRandom(seed), ids: idsOf(40), commits: 1, factsPerCommit: 20 });
  return commit?.facts ?? [];
}
