// The second time is cheaper: an incident is diagnosed with the help of a model, solved and remembered. When it happens again to somebody else,
// under other names, it is recognised: no model is asked, and the answer is there sooner. No cluster and no API key.
import assert from 'node:assert/strict';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createDiagnostician, createFilePatternLibrary, createRemediator, createScriptedModel } from '@tier0/agents';
import { learnFromOutcome } from '@tier0/agents/patterns';
import { createCmdb, createManifestsSource } from '@tier0/cmdb';
import type { LanguageModel } from '@tier0/core';

const folder = await mkdtemp(join(tmpdir(), 'tier0-second-time-'));
const context = { signal: AbortSignal.timeout(120_000), now: () => Date.parse('2026-03-17T08:40:00Z') };
const patterns = createFilePatternLibrary({ file: join(folder, 'patterns.json'), seed: [] });

/** A model that takes as long to answer as models do, and counts how often it is asked. */
let calls = 0;
const scripted = createScriptedModel({ replies: () => '{"narrative":"", "cites":[], "hypotheses":[]}' });
const model: LanguageModel = {
  ...scripted,
  async *generate(request, call) {
    calls++;
    await delay(4_000, undefined, { signal: call.signal });
    yield* scripted.generate(request, call);
  },
};

/** Diagnoses a recorded cluster; says what it took. */
async function look(directory: string) {
  const cmdb = createCmdb({ sources: [createManifestsSource({ directory, cluster: 'production' })] });
  await cmdb.refresh(context);
  const before = calls;
  const startedAt = performance.now();
  const diagnosis = await createDiagnostician({ patterns, model }).diagnose({ alerts: [], reader: cmdb.reader() }, context);
  const seconds = (performance.now() - startedAt) / 1000;
  const [rootCause] = diagnosis.rootCauses;
  assert(rootCause, 'a cause was found');
  const [remedy] = await createRemediator({ patterns }).remedies({ diagnosis, reader: cmdb.reader() }, context);
  assert(remedy, 'a remedy is known');
  console.log(`${rootCause.message}\n  basis       ${rootCause.basis}\n  model calls ${calls - before}, ${seconds.toFixed(1)} s`);
  return { rootCause, findings: diagnosis.findings, remedy, calls: calls - before, seconds };
}

/** The same fault somewhere else: every name of the first is another one. */
async function elsewhere(from: string, to: string): Promise<string> {
  await cp(from, to, { recursive: true });
  for (const path of await readdir(to, { recursive: true })) {
    if (!/\.ya?ml$/.test(path)) continue;
    const text = await readFile(join(to, path), 'utf8');
    await writeFile(join(to, path), text.replaceAll('payment', 'ledger').replaceAll('checkout', 'basket').replaceAll('shop', 'bank'));
  }
  return to;
}

try {
  const recorded = join(import.meta.dirname, '../../scenarios/written/bad-image/cluster');
  const first = await look(recorded);
  const occurrence = { incident: 'INC-1', at: '2026-03-17T09:00:00.000Z', succeeded: true };
  const lesson = await learnFromOutcome(patterns, { ...first, occurrence }, context);
  console.log(`remembered  ${lesson.pattern.id}\n`);

  const second = await look(await elsewhere(recorded, join(folder, 'bank')));
  assert.notEqual(second.rootCause.subject, first.rootCause.subject, 'it happened to something else');
  assert.equal(second.rootCause.cause, first.rootCause.cause);
  assert.deepEqual([first.calls, second.calls], [1, 0], 'the second time no model is asked');
  assert(second.seconds < first.seconds, 'the second time is quicker');

  await patterns.record(lesson.pattern.id, { ...occurrence, incident: 'INC-2', succeeded: false }, context);
  const third = await look(recorded);
  assert.equal(third.calls, 1, 'once the remedy has failed, a second opinion is worth its price again');
} finally {
  await rm(folder, { recursive: true, force: true });
}
