import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createSnapshotLogReader, openSnapshot, readSnapshot } from '@tier0/cmdb';
import { type Finding, formatItemId } from '@tier0/core';
import { expect, test } from 'vitest';
import { isBrokenRule } from '../findings/run-rules.ts';
import { codeEntry } from '../kubernetes/matters.ts';
import { examineCluster } from './examine.ts';

/** Recordings of real clusters, cut down to what matters; each says what is wrong in it. */
const home = join(dirname(import.meta.dirname), 'fixtures/recordings');

interface Expected {
  readonly cause: string;
  /** `Kind namespace/name`. */
  readonly subject: string;
  /** What its sentence must tell, as a regular expression. */
  readonly says: string;
}

async function causesIn(name: string): Promise<readonly { readonly cause: string; readonly subject: string; readonly message: string }[]> {
  const context = { signal: AbortSignal.timeout(60_000), now: Date.now };
  const snapshot = await readSnapshot(join(home, name), context.signal);
  const { reader } = await openSnapshot(snapshot, {}, context);
  const { causes, findings, unknowns } = await examineCluster(reader, { readLog: createSnapshotLogReader(snapshot) }, context);
  expect(unknowns.filter(isBrokenRule)).toEqual([]);
  expect(findings.flatMap(flawOfFacts)).toEqual([]);
  return causes.map(({ rootCause }) => ({
    cause: rootCause.cause,
    subject: formatItemId(rootCause.subject),
    message: rootCause.message,
  }));
}

/** Where the facts of a finding are not what its code says of them. */
function flawOfFacts({ code, facts }: Finding): readonly string[] {
  const schema = codeEntry(code)?.telling?.schema;
  const parsed = schema?.safeParse(facts);
  return parsed === undefined || parsed.success ? [] : [`${code} ${JSON.stringify(facts)}: ${parsed.error.issues[0]?.message}`];
}

test.each(readdirSync(home).sort())('%s', async (name) => {
  const expected = JSON.parse(readFileSync(join(home, name, 'expected.json'), 'utf8')) as readonly Expected[];
  const causes = await causesIn(name);
  expect(causes.map(({ cause, subject }) => `${cause} ${subject}`).sort()).toEqual(
    expected.map(({ cause, subject }) => `${cause} ${subject}`).sort(),
  );
  for (const { cause, subject, says } of expected)
    expect(causes.find((found) => found.cause === cause && found.subject === subject)?.message).toMatch(new RegExp(says));
});
