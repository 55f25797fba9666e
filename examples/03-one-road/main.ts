// Diagnose, propose, verify: the whole road in one file. A cluster with a mistyped image, a repository and a colleague who approves run here.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { createTier0, startScenario } from 'tier0';

const world = await startScenario(join(import.meta.dirname, '../../scenarios/written/bad-image'));
const tier0 = createTier0({
  cluster: { kubeconfigText: world.kubeconfigText, cluster: 'production' },
  repository: { url: world.repository, path: world.path },
});
try {
  const { document, causes } = await tier0.diagnose();
  const [cause] = causes;
  assert(cause?.remedies[0]?.rehearsal, 'a remedy was rehearsed');
  console.log(`cause     ${document.rootCauses[0]?.message}`);
  console.log(`remedy    ${cause.remedies[0].title}: ${cause.remedies[0].rehearsal.reason}`);

  const proposed = await tier0.propose(cause);
  assert(proposed.status === 'proposed' && proposed.pullRequest, JSON.stringify(proposed));
  console.log(`proposed  pull request #${proposed.pullRequest.number}, the gate says ${proposed.gate.decision.effect}`);

  await world.approve(proposed.pullRequest);
  const verification = await tier0.verify(cause, { holdMs: 2_000, giveUpAfterMs: 60_000 });
  console.log(`verified  ${verification.resolved}: ${verification.reasons.join('; ')}`);
  assert.equal(verification.resolved, true);
} finally {
  await tier0.close();
  await world.close();
}
