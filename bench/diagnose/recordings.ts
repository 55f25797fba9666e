import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { CODES, type DiagnosisDocument, diagnoseCluster, type RootCauseEntry, toDiagnosisDocument } from '@tier0/agents';
import { openSnapshot, readSnapshot, readSnapshotLogs, type Snapshot } from '@tier0/cmdb';
import type { CallContext } from '@tier0/core';
import { listScenarios, readScenario } from '@tier0/eval';
import { z } from 'zod';
import { proofOf } from '../../packages/agents/src/diagnosis/confidence.ts';

const subject = z.object({ kind: z.string(), namespace: z.string().nullish(), name: z.string() });

/** The truth of a recording of a real cluster, written before any tool looked: objects that may be named, and words that tell the mechanism. */
const truthSchema = z.object({
  rootCauses: z.array(subject.extend({ accept: z.array(subject).default([]), keywords: z.array(z.string()).default([]) })),
});
export type RecordingTruth = z.infer<typeof truthSchema>;

/** A recording with what is true of it. */
export interface Recording {
  readonly name: string;
  /** Who made it: the folder that it stands in. */
  readonly maker: string;
  readonly snapshot: Snapshot;
  /** Text by `<namespace>/<pod>/<container>`, `.previous` appended for the instance before. */
  readonly logs: ReadonlyMap<string, string>;
  readonly truth: RecordingTruth;
}

/** How tier0 did on one recording. */
export interface RecordingResult {
  readonly name: string;
  readonly maker: string;
  readonly isCalm: boolean;
  /** Each true cause is named, and nothing else. */
  readonly isExact: boolean;
  /** True causes that were named. */
  readonly right: number;
  readonly wanted: number;
  /** What was named and is not true. */
  readonly accused: readonly RootCauseEntry[];
  readonly judged: readonly { readonly confidence: number; readonly basis: string; readonly proof: string; readonly isTrue: boolean }[];
  readonly document: DiagnosisDocument;
}

/** Folders below `root`, on whatever shelf, that hold a truth (`expected.json`, or `expected.yaml` of a scenario) and objects. */
export function recordingFolders(root: string): readonly string[] {
  return listScenarios(root);
}

/** Reads a recording and its truth. */
export async function readRecording(directory: string, { signal }: CallContext): Promise<Recording> {
  const told = join(directory, 'expected.json');
  const truth = existsSync(told) ? truthSchema.parse(JSON.parse(await readFile(told, 'utf8'))) : await truthOfScenario(directory);
  const snapshot = await readSnapshot(directory, signal);
  return { name: basename(directory), maker: dirname(directory), snapshot, logs: await readSnapshotLogs(snapshot), truth };
}

/** Diagnoses a recording and compares with its truth: an object that may be named, with a word that tells the mechanism. */
export async function judgeRecording({ name, maker, snapshot, logs, truth }: Recording, context: CallContext): Promise<RecordingResult> {
  const { reader } = await openSnapshot(snapshot, {}, context);
  const diagnosis = await diagnoseCluster(reader, { readLog: readerOf(logs), remedies: false }, context);
  const document = toDiagnosisDocument(diagnosis, reader);
  const open = [...document.rootCauses];
  const right: RootCauseEntry[] = [];
  for (const wanted of truth.rootCauses) {
    const at = open.findIndex((cause) => tells(cause, wanted));
    if (at >= 0) right.push(...open.splice(at, 1));
  }
  return {
    name,
    maker,
    isCalm: truth.rootCauses.length === 0,
    isExact: right.length === truth.rootCauses.length && open.length === 0,
    right: right.length,
    wanted: truth.rootCauses.length,
    accused: open,
    judged: document.rootCauses.map((cause) => ({
      confidence: cause.confidence,
      basis: cause.code,
      proof: proofIn(document, cause),
      isTrue: right.includes(cause),
    })),
    document,
  };
}

function proofIn({ findings }: DiagnosisDocument, { cause, code, finding }: RootCauseEntry): string {
  const evidence = findings.find(({ fingerprint }) => fingerprint === finding)?.evidence ?? [];
  return proofOf({ cause, depth: CODES[code as keyof typeof CODES]?.depth ?? 0, evidence });
}

/** The words of the vocabulary take the place of telling words. */
async function truthOfScenario(directory: string): Promise<RecordingTruth> {
  const { expected } = await readScenario(directory);
  return {
    rootCauses: expected.rootCauses.map(({ cause, alsoAcceptCauses = [], subject, alsoAccept = [] }) => ({
      ...subject,
      accept: [...alsoAccept],
      keywords: [cause, ...alsoAcceptCauses],
    })),
  };
}

function readerOf(logs: ReadonlyMap<string, string>): NonNullable<Parameters<typeof diagnoseCluster>[1]['readLog']> {
  return async ({ namespace, pod, container, previous, limitBytes }) => {
    const text = logs.get(`${namespace}/${pod}/${container}${previous ? '.previous' : ''}`);
    if (text === undefined || text.length <= limitBytes) return text;
    const cut = text.slice(-limitBytes);
    return cut.slice(cut.indexOf('\n') + 1);
  };
}

function tells({ subject: named, message, cause, code }: RootCauseEntry, wanted: RecordingTruth['rootCauses'][number]): boolean {
  const isMeant = [wanted, ...wanted.accept].some(
    ({ kind, namespace, name }) =>
      kind === named.kind && isNamed(name, named.name) && (namespace ?? undefined) === (named.namespace ?? undefined),
  );
  return (
    isMeant && (wanted.keywords.length === 0 || wanted.keywords.some((word) => new RegExp(word, 'i').test(`${message} ${cause} ${code}`)))
  );
}

/** `worker-*` stands for any of them. */
function isNamed(wanted: string, name: string): boolean {
  const [head = '', ...rest] = wanted.split('*');
  return rest.length === 0 ? wanted === name : name.startsWith(head) && name.endsWith(rest.at(-1) ?? '');
}
