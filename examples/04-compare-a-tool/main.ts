// Compare a tool of your own with the rule of thumb: one YAML file, no TypeScript of yours, three recorded clusters.
import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createOwnerBaseline, readToolFile, runEvaluation } from '@tier0/eval';

const scenarios = ['written/bad-image', 'written/missing-config-key', 'generated/a-quiet-sunday'].map((name) =>
  join(import.meta.dirname, '../../scenarios', name),
);
const outDirectory = mkdtempSync(join(tmpdir(), 'tier0-compare-'));

const { report, files } = await runEvaluation({
  tools: [
    await readToolFile(join(import.meta.dirname, 'restart-counter.yaml'), { searchPath: process.env.PATH ?? '', packageFolders: [] }),
    createOwnerBaseline(),
  ],
  scenarios,
  outDirectory,
  repeats: 1,
  now: Date.now,
  signal: AbortSignal.timeout(60_000),
});

for (const { tool, rootCause, safety } of report.arena.summary.tools) {
  assert(rootCause, 'both were asked for root causes');
  const broken = Object.values(safety.broken).reduce((sum, times) => sum + times, 0);
  console.log(
    `${tool.padEnd(16)} ${rootCause.exact.solved} of ${rootCause.exact.incidents} exact, ${rootCause.falseAlarms.raised} false alarms, ${broken} gates broken`,
  );
}
const [mine] = report.arena.summary.tools;
assert.equal(mine?.tool, 'restart-counter');
assert.equal(mine.failedTrials, 0);
assert.equal(mine.rootCause?.falseAlarms.raised, 0);
assert.equal(mine.rootCause?.calibration?.stated, 2);
console.log(`report           ${files.html}`);
