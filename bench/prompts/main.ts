// What each prompt costs and whether it does its work, without a network: a scripted model does what the prompt asks for over recorded
// incidents. Bytes are those of the request as the loop makes it, tools included. --limit N incidents (20).
// A scripted model says nothing about how well a real one follows the words; that is for the live suite.
import { join } from 'node:path';
import { createDiagnostician, createFindingsDetector, MATTERS, runRules } from '@tier0/agents';
import { ASK, ask, EXPLAIN, explain, INVESTIGATE, investigate, type Prompt, RECOMMEND, recommend } from '@tier0/agents/assist';
import { createMemoryArtifactStore, createMemoryRunLog } from '@tier0/agents/loop';
import { createScriptedModel, type ScriptedAnswer } from '@tier0/agents/models';
import { createOperationsTools } from '@tier0/agents/tools';
import { createCmdb, createManifestsSource } from '@tier0/cmdb';
import { type CmdbReader, type Diagnosis, type ModelRequest, parseKubernetesItemId } from '@tier0/core';
import { listScenarios } from '@tier0/eval';
import { spreadOf } from '../frame/measure.ts';
import { readOptions } from '../frame/options.ts';
import { publish, type Row, toRecord } from '../frame/record.ts';

const options = readOptions(['limit']);
const scenarios = join(import.meta.dirname, '../../scenarios');
const context = { signal: new AbortController().signal, now: Date.now };
const rows: Row[] = [];
const first = new Map<string, number[]>();
const done = new Map<string, number[]>();
let namesSent = 0;
for (const scenario of listScenarios(scenarios).slice(0, options.count('limit', 20))) {
  const incident = await read(join(scenario, 'cluster'));
  if (incident) await tryAll(incident);
}
for (const { id, version, text } of [INVESTIGATE, EXPLAIN, ASK, RECOMMEND]) {
  const subject = `${id}@${version}`;
  rows.push({ measure: 'prompt', subject, unit: 'bytes', ...spreadOf([Buffer.byteLength(text)]) });
  rows.push({ measure: 'first-request', subject, unit: 'bytes', ...spreadOf(first.get(id) ?? []) });
  rows.push({ measure: 'did-its-work', subject, unit: '%', ...spreadOf([share(done.get(id) ?? [])]) });
}
rows.push({ measure: 'real-names-sent', subject: `${EXPLAIN.id}@${EXPLAIN.version}`, unit: 'names', ...spreadOf([namesSent]) });
publish(
  toRecord('prompts', { rows, notes: ['The first request of an investigation may have 10,000 bytes with every tool.'] }),
  options.json,
);

interface Incident {
  readonly reader: CmdbReader;
  readonly diagnosis: Diagnosis;
}

async function read(directory: string): Promise<Incident | undefined> {
  const cmdb = createCmdb({ sources: [createManifestsSource({ directory, cluster: 'production' })] });
  await cmdb.refresh(context);
  const reader = cmdb.reader();
  const { alerts } = await createFindingsDetector({ matters: MATTERS }).detect(reader, context);
  const diagnosis = await createDiagnostician().diagnose({ alerts, reader }, context);
  return diagnosis.rootCauses.length > 0 ? { reader, diagnosis } : undefined;
}

async function tryAll({ reader, diagnosis }: Incident): Promise<void> {
  const findings = runRules(MATTERS, reader).findings;
  const tools = createOperationsTools({ reader: () => reader, findings: async () => findings, propose: async () => 'no' });
  const evidence = diagnosis.evidence[0]?.id ?? '';
  const [root] = diagnosis.rootCauses;
  const answer = JSON.stringify({
    summary: 'seen',
    cites: [evidence],
    hypotheses: [{ cause: root?.cause, subject: root?.subject, why: 'as found', cites: [evidence] }],
  });
  const looks = { calls: [{ id: 'a', name: 'show_diagnosis', arguments: {} }] };
  const looked = heard(INVESTIGATE, (request) => (request.messages.length > 2 ? answer : looks));
  const found = await investigate(
    { run: 'r', diagnosis, alerts: [], tools, models: [looked], log: createMemoryRunLog(), artifacts: createMemoryArtifactStore() },
    context,
  );
  note(INVESTIGATE, found.state === 'done' && found.hypotheses.length === 1);

  const explained = heard(EXPLAIN, (request) => {
    const bytes = JSON.stringify(request);
    namesSent += namesOf(diagnosis).filter((name) => speaksOf(bytes, name)).length;
    return `It is broken [${evidence}].`;
  });
  note(EXPLAIN, (await explain(diagnosis, explained, context)).state === 'explained');

  const query = JSON.stringify({ ask: 'count', items: { kind: 'Pod' } });
  const asked = await ask({ text: 'pods, their number?', reader, model: heard(ASK, () => query) }, context);
  note(ASK, asked.readBy === 'model' && asked.answer.state === 'answered');

  const intent = JSON.stringify({ workload: 'worker', name: 'mailer', image: 'r.io/mailer:3' });
  const wish = { text: 'host r.io/mailer:3, the mailer thing', validate: async () => [], model: heard(RECOMMEND, () => intent) };
  note(RECOMMEND, (await recommend(wish, context)).state === 'recommended');
}

/** A scripted model that tells how long the first request for a prompt is, and checks that it carries the prompt. */
function heard({ id, text }: Prompt, reply: (request: ModelRequest) => ScriptedAnswer) {
  let isFirst = true;
  return createScriptedModel({
    replies: (request: ModelRequest) => {
      const bytes = JSON.stringify(request);
      if (!bytes.includes(JSON.stringify(text).slice(1, 60))) throw new Error(`the request does not carry the prompt "${id}"`);
      if (isFirst) first.set(id, [...(first.get(id) ?? []), Buffer.byteLength(bytes)]);
      isFirst = false;
      return reply(request);
    },
  });
}

function note({ id }: Prompt, right: boolean): void {
  done.set(id, [...(done.get(id) ?? []), right ? 1 : 0]);
}

/** Names of things, as they must not leave: not kinds, and not words of a few letters that stand in every sentence. */
function namesOf({ rootCauses, findings }: Diagnosis): readonly string[] {
  const ids = [...rootCauses.flatMap(({ subject, path }) => [subject, ...path]), ...findings.map(({ subject }) => subject)];
  const parts = ids.flatMap((id) => {
    const identity = parseKubernetesItemId(id);
    return identity ? [identity.name, identity.namespace ?? ''] : [];
  });
  return [...new Set(parts)].filter((name) => name.length > 3);
}

/** Whether a text holds the name, and not only as a part of a longer word. */
function speaksOf(text: string, name: string): boolean {
  for (let at = text.indexOf(name); at !== -1; at = text.indexOf(name, at + 1)) {
    if (!/[\w-]/.test(text[at - 1] ?? '') && !/[\w-]/.test(text[at + name.length] ?? '')) return true;
  }
  return false;
}

function share(all: readonly number[]): number {
  return (100 * all.reduce((sum, one) => sum + one, 0)) / Math.max(1, all.length);
}
