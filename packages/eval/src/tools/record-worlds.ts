import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Tier0Error } from '@tier0/core';
import { z } from 'zod';
import type { RecordedAnswer, Recording, WorldTruth } from './recording.ts';
import type { AnsweredRootCause } from './tool-under-test.ts';

/** Answers of k8sgpt that were written down beside recorded worlds: one folder a world, with `expected.json` and the answer in a file. */
export interface RecordWorldsOptions {
  readonly directory: string;
  /** Name of the answer's file in each folder, e.g. `k8sgpt.json`. Folders without it are left out. */
  readonly answerFile: string;
  readonly recording: Omit<Recording, 'schema' | 'entries'>;
}

const SubjectSchema = z.object({ kind: z.string(), namespace: z.string().nullish(), name: z.string() });
const ExpectedSchema = z.object({
  rootCauses: z.array(SubjectSchema.extend({ accept: z.array(SubjectSchema).default([]), keywords: z.array(z.string()).default([]) })),
});
const AnswerSchema = z.object({
  errors: z.array(z.string()).nullish(),
  results: z
    .array(
      z.object({
        kind: z.string(),
        name: z.string(),
        error: z.array(z.object({ Text: z.string().nullish() })).nullish(),
        parentObject: z.string().nullish(),
      }),
    )
    .nullish(),
});

/** Makes a recording of them, small enough to be committed. Throws NOT_FOUND and INVALID_INPUT with the file. */
export async function recordWorlds({ directory, answerFile, recording }: RecordWorldsOptions): Promise<Recording> {
  const names = await readdir(directory, { withFileTypes: true }).catch((cause) => {
    throw new Tier0Error({
      code: 'NOT_FOUND',
      message: `There is no folder ${directory}.`,
      hint: 'Name the folder that holds one folder a world.',
      cause,
    });
  });
  const folders = names.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const entries = await Promise.all(folders.sort().map((name) => readWorld(name, join(directory, name), answerFile)));
  return { schema: 'tier0.recording/v1', ...recording, entries: entries.flat() };
}

async function readWorld(name: string, folder: string, answerFile: string): Promise<readonly RecordedAnswer[]> {
  const text = await readFile(join(folder, answerFile), 'utf8').catch(() => undefined);
  if (text === undefined) return [];
  const answer = checked(AnswerSchema, text, join(folder, answerFile));
  const expected = checked(ExpectedSchema, await readFile(join(folder, 'expected.json'), 'utf8'), join(folder, 'expected.json'));
  const results = answer.results ?? [];
  const accusations = results.filter(({ kind }) => !isRemark(kind));
  const rootCauses = accusations.map(toCause).sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const unknowns = [...(answer.errors ?? [])].sort();
  return [
    {
      title: name.replaceAll('-', ' '),
      truth: truthOf(expected),
      rootCauses,
      ...(results.length > accusations.length ? { remarks: results.length - accusations.length } : {}),
      ...(unknowns.length > 0 ? { unknowns } : {}),
    },
  ];
}

/** Remarks about how well a cluster is secured say nothing about an incident. */
function isRemark(kind: string): boolean {
  return kind.startsWith('Security/');
}

const MAX_TEXT = 300;

/** What it says of a pod it says of the workload that it names as the parent. */
function toCause({ kind, name, error, parentObject }: NonNullable<z.infer<typeof AnswerSchema>['results']>[number]): AnsweredRootCause {
  const text = (error ?? [])
    .map(({ Text }) => Text ?? '')
    .sort()
    .join('\n')
    .slice(0, MAX_TEXT);
  const [first = '', second] = name.split('/');
  const namespace = second === undefined || first === '' ? undefined : first;
  const [parentKind, parentName] = (parentObject ?? '').split('/');
  const own = { kind: kind.replace(/^Storage\//, ''), name: second ?? first };
  const named = parentKind && parentName ? { kind: parentKind, name: parentName } : own;
  return { subject: { ...named, ...(namespace === undefined ? {} : { namespace }) }, text };
}

function keyOf({ subject, text }: AnsweredRootCause): string {
  return `${subject.kind} ${subject.name} ${text}`;
}

function truthOf({ rootCauses }: z.infer<typeof ExpectedSchema>): WorldTruth {
  const subjectOf = ({ kind, namespace, name }: z.infer<typeof SubjectSchema>) => ({ kind, ...(namespace ? { namespace } : {}), name });
  return {
    faults: rootCauses.map(({ accept, keywords, ...subject }) => ({ subjects: [subject, ...accept].map(subjectOf), telling: keywords })),
  };
}

function checked<T>(schema: z.ZodType<T>, text: string, file: string): T {
  const parsed = schema.safeParse(safeJson(text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Tier0Error({
    code: 'INVALID_INPUT',
    message: `${file}: ${issue?.path.join('.') || 'the document'}: ${issue?.message}.`,
    hint: 'Take the file away or correct it.',
  });
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
