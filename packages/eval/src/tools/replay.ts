import { readFile } from 'node:fs/promises';
import { Tier0Error } from '@tier0/core';
import { type Recording, RecordingSchema } from './recording.ts';
import type { DiagnosisAnswer, ToolUnderTest } from './tool-under-test.ts';

/** Answers that were given before, on the same recordings. A trial without a recorded answer fails; nothing is guessed. */
export function createReplayTool(recording: Recording): ToolUnderTest {
  const answers = new Map(recording.entries.flatMap((entry) => (entry.digest === undefined ? [] : [[entry.digest, entry] as const])));
  const { date, machine, command, tool } = recording;
  return {
    describe: () => ({ ...tool, kind: 'peer', repeats: 1, recorded: { date, machine, command } }),
    availability: async () =>
      answers.size > 0
        ? { status: 'available' }
        : {
            status: 'not-run',
            reason: 'Its recording is about other clusters than this run.',
            howToAdd: 'Record it on these scenarios with "tier0 eval record".',
          },
    async diagnose({ digest }): Promise<DiagnosisAnswer> {
      const entry = answers.get(digest);
      if (entry === undefined) throw notRecorded(tool.name);
      if (entry.error !== undefined)
        throw new Tier0Error({ code: 'UNAVAILABLE', message: entry.error, hint: 'It failed when it was recorded.' });
      return {
        rootCauses: entry.rootCauses,
        findings: entry.findings ?? entry.rootCauses.length,
        unknowns: entry.unknowns,
        raw: entry.raw ?? '',
      };
    },
  };
}

function notRecorded(name: string): Tier0Error {
  return new Tier0Error({
    code: 'NOT_FOUND',
    message: `There is no recorded answer of ${name} for this cluster.`,
    hint: 'The recording was made on another version of the scenario; record it again.',
  });
}

/** Reads a recording. Throws NOT_FOUND and INVALID_INPUT. */
export async function readRecording(file: string): Promise<Recording> {
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw new Tier0Error({
      code: 'NOT_FOUND',
      message: `There is no recording ${file}.`,
      hint: 'Make one with "tier0 eval record".',
      cause,
    });
  });
  const parsed = RecordingSchema.safeParse(safeJson(text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Tier0Error({
    code: 'INVALID_INPUT',
    message: `${file} is no recording: ${issue?.path.join('.') || 'the document'}: ${issue?.message}.`,
    hint: 'A recording has the schema tier0.recording/v1; "tier0 eval record" writes it.',
  });
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
