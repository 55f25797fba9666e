import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { compareSignatures, type IncidentSignature, RECOGNISED_FROM, recognise, signatureOf } from '@tier0/agents/patterns';
import type { Pattern } from '@tier0/core';
import { listScenarios } from '@tier0/eval';
import { diagnoseFolder } from '../diagnose/diagnose-folder.ts';
import { readOptions } from '../frame/options.ts';
import { namesIn, renameScenario } from './rename-scenario.ts';

// Every recorded incident is diagnosed twice: as it is, and with other names everywhere. It must be recognised among all others, and a recording
// with another cause must not be, also when it is given the very names of the first.
const options = readOptions(['limit']);
const scenarios = join(dirname(dirname(import.meta.dirname)), 'scenarios');
const root = mkdtempSync(join(tmpdir(), 'tier0-recognition-'));
process.on('exit', () => rmSync(root, { recursive: true, force: true }));
const folders = listScenarios(scenarios).slice(0, options.count('limit', 1000));

interface Incident {
  readonly scenario: string;
  readonly directory: string;
  readonly names: readonly string[];
  readonly signature: IncidentSignature;
}

const incidents: Incident[] = [];
for (const folder of folders) {
  const scenario = basename(folder);
  const directory = join(folder, 'cluster');
  const signature = await signatureIn(directory, nowOf(scenario));
  if (signature) incidents.push({ scenario, directory, names: namesIn(directory), signature });
}
const patterns = incidents.map(toPattern);
const wrong: string[] = [];
let same = 0;
let sameRight = 0;
let different = 0;
let differentRight = 0;
let blindRight = 0;
let blindDifferentRight = 0;
for (const [index, incident] of incidents.entries()) {
  await judgeRenamed(incident, index);
  await judgeImpostor(incident, incidents[(index + 1) % incidents.length] as Incident);
}
const percent = (right: number, of: number) => `${right} of ${of} (${((100 * right) / of).toFixed(1)} %)`;
process.stdout.write(
  [
    `recorded incidents with a diagnosis: ${incidents.length} of ${folders.length}`,
    `same incident, other names: recognised as itself among all: ${percent(sameRight, same)}`,
    `other cause, same names: not taken for it: ${percent(differentRight, different)}`,
    `both: ${percent(sameRight + differentRight, same + different)}`,
    `the same two without the cause and the codes, by path and words alone: ${percent(blindRight, same)}, ${percent(blindDifferentRight, different)}`,
    ...wrong.map((line) => `  wrong: ${line}`),
    '',
  ].join('\n'),
);
if (options.json !== undefined) {
  const result = {
    pairs: same + different,
    right: sameRight + differentRight,
    same,
    sameRight,
    different,
    differentRight,
    blindRight,
    blindDifferentRight,
    wrong,
  };
  mkdirSync(dirname(options.json), { recursive: true });
  writeFileSync(options.json, `${JSON.stringify(result, null, 2)}\n`);
}

async function judgeRenamed(incident: Incident, index: number): Promise<void> {
  const copy = join(root, `renamed-${index}`);
  renameScenario(incident.directory, copy, new Map(incident.names.map((name, i) => [name, `zeta${index}x${i}`])));
  const signature = await signatureIn(copy, nowOf(incident.scenario));
  rmSync(copy, { recursive: true, force: true });
  same++;
  const found = signature && recognise(signature, patterns);
  // Several recordings may be of one incident; what counts is that it is one of them.
  const right = found !== undefined && found.pattern.signature.cause === incident.signature.cause && isAlike(found.pattern.id, incident);
  if (right) sameRight++;
  else wrong.push(`${incident.scenario} renamed was ${found ? `taken for ${found.pattern.id}` : 'not recognised'}`);
  if (signature && compareSignatures(blind(signature), blind(incident.signature)).similarity >= RECOGNISED_FROM) blindRight++;
}

/** `other` gets the names of `incident`, and has another cause. */
async function judgeImpostor(incident: Incident, next: Incident): Promise<void> {
  const start = incidents.indexOf(next);
  const other = incidents
    .map((_, i) => incidents[(start + i) % incidents.length] as Incident)
    .find((one) => one.signature.cause !== incident.signature.cause);
  if (!other) return;
  const copy = join(root, 'impostor');
  const free = incident.names.filter((name) => !other.names.includes(name));
  renameScenario(other.directory, copy, new Map(other.names.slice(0, free.length).map((name, i) => [name, free[i] as string])));
  const signature = await signatureIn(copy, nowOf(other.scenario));
  rmSync(copy, { recursive: true, force: true });
  different++;
  const pattern = toPattern(incident);
  if (!signature || !recognise(signature, [pattern])) differentRight++;
  else wrong.push(`${other.scenario} with the names of ${incident.scenario} was taken for it`);
  if (!signature || compareSignatures(blind(signature), blind(incident.signature)).similarity < RECOGNISED_FROM) blindDifferentRight++;
}

function isAlike(id: string, incident: Incident): boolean {
  const found = incidents.find(({ scenario }) => scenario === id);
  return (
    found === incident || (found !== undefined && compareSignatures(found.signature, incident.signature).similarity >= RECOGNISED_FROM)
  );
}

/** What is left when nobody found a cause. */
function blind({ shape }: IncidentSignature): IncidentSignature {
  return { cause: undefined, shape: { ...shape, codes: [] } };
}

function toPattern({ scenario, signature }: Incident): Pattern {
  const { cause, shape } = signature;
  return {
    id: scenario,
    title: scenario,
    signature: { cause: cause as never, keywords: [], shape },
    remedy: 'none',
    parameters: {},
    fix: '',
    occurrences: [],
  };
}

async function signatureIn(directory: string, now: number): Promise<IncidentSignature | undefined> {
  const context = { signal: new AbortController().signal, now: () => now };
  const { diagnosis } = await diagnoseFolder(directory, context, { remedies: false });
  const [first] = diagnosis.causes;
  return first && signatureOf({ rootCause: first.rootCause, findings: diagnosis.findings });
}

function nowOf(scenario: string): number {
  const meta = JSON.parse(readFileSync(join(scenarios, scenario, 'meta.json'), 'utf8')) as {
    readonly now?: string;
    readonly at?: string;
    readonly takenAt?: string;
  };
  return Date.parse(meta.now ?? meta.at ?? meta.takenAt ?? '2026-11-22T12:00:00Z');
}
