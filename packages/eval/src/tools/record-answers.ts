import { toTier0Error } from '@tier0/core';
import { recordingDigest } from '../arena/recording-digest.ts';
import { serveScenario } from '../arena/serve-scenario.ts';
import { whatHappened } from '../arena/what-happened.ts';
import { readScenario } from '../scenario/read-scenario.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { RecordedAnswer, Recording } from './recording.ts';
import type { DiagnosisAnswer, ToolUnderTest } from './tool-under-test.ts';

/** Which tool is asked about what, and what is written about where that happened. */
export interface RecordAnswersOptions {
  readonly tool: ToolUnderTest;
  /** Scenario folders. */
  readonly scenarios: readonly string[];
  readonly machine: string;
  readonly date: string;
  readonly command: string;
  readonly signal: AbortSignal;
}

const RAW_KEPT = 4_000;

/** Asks a tool once about each scenario and keeps what it said, to be replayed where the tool is not. A failure is kept as one. */
export async function recordAnswers({ tool, scenarios, machine, date, command, signal }: RecordAnswersOptions): Promise<Recording> {
  const { id, name, version } = await tool.describe();
  const entries: RecordedAnswer[] = [];
  for (const folder of scenarios) entries.push(await recordOne(tool, await readScenario(folder), signal));
  await tool.close?.();
  return {
    schema: 'tier0.recording/v1',
    tool: { id, name, version },
    date,
    machine,
    command,
    worlds: 'the scenarios of this repository',
    entries,
  };
}

async function recordOne(tool: ToolUnderTest, scenario: Scenario, signal: AbortSignal): Promise<RecordedAnswer> {
  const served = await serveScenario(scenario);
  const head = { title: whatHappened(scenario, scenario.expected.healthy ? 'control' : 'incident'), digest: recordingDigest(scenario) };
  const at = Date.parse(scenario.meta.now);
  try {
    return { ...head, ...kept(await tool.diagnose(served.access, { signal, now: () => at })) };
  } catch (error) {
    signal.throwIfAborted();
    return { ...head, error: toTier0Error(error).message, rootCauses: [] };
  } finally {
    await served.close();
  }
}

function kept({
  rootCauses,
  findings,
  unknowns,
  raw,
}: DiagnosisAnswer): Pick<RecordedAnswer, 'rootCauses' | 'findings' | 'unknowns' | 'raw'> {
  const plain = rootCauses.map((cause) => JSON.parse(JSON.stringify(cause)) as (typeof rootCauses)[number]);
  return { rootCauses: plain, findings, ...(unknowns === undefined ? {} : { unknowns }), raw: raw.slice(0, RAW_KEPT) };
}
