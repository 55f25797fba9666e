import { relative } from 'node:path';
import { type IncidentEntry, type IncidentState, toTimestamp, type WatchRound } from '@tier0/core';
import type { Environment } from '../environment.ts';
import { describeStep } from '../terminal/describe-step.ts';
import { stepSeconds } from '../terminal/step-seconds.ts';
import { createTimeline } from '../terminal/timeline.ts';
import type { Clock } from '../world/clock.ts';

/** Tells what happens, to a person or to a program. */
export interface Narrator {
  begin(title: string, lines: readonly string[]): void;
  watching(round: WatchRound): void;
  detected(seconds: number): void;
  entry(entry: IncidentEntry): void;
  progress(message: string): void;
  /** A line outside the loop, e.g. what a reviewer did. */
  aside(label: string, text: string): void;
  done(ending: Ending): void;
}

/** How a run ended. */
export interface Ending {
  readonly status: string;
  readonly reason: string;
  readonly state?: IncidentState | undefined;
  readonly entries: readonly IncidentEntry[];
  readonly detectSeconds?: number | undefined;
  readonly files: readonly string[];
}

/** Narrates as JSON lines: one object a step, the last `{"step":"done", ...}`. */
export function createJsonNarrator(environment: Environment, clock: Clock): Narrator {
  const write = (value: object) => environment.terminal.write(`${JSON.stringify(value)}\n`);
  return {
    begin: () => undefined,
    watching: () => undefined,
    detected: () => undefined,
    progress: () => undefined,
    aside: () => undefined,
    entry(entry) {
      if (entry.phase === 'done') {
        const { label, headline, details } = describeStep(entry);
        write({ step: label.replace(' ', '-'), at: entry.at, incident: entry.incident, headline, details, result: entry.result });
      }
      if (entry.phase === 'failed') write({ step: entry.step, at: entry.at, incident: entry.incident, error: entry.error });
    },
    done(ending) {
      const seconds = {
        ...(ending.detectSeconds === undefined ? {} : { detect: ending.detectSeconds }),
        ...stepSeconds(ending.entries, clock.speed),
      };
      const evidence = ending.state?.results.diagnose?.diagnosis.evidence.map((piece) => piece.id) ?? [];
      write({
        step: 'done',
        status: ending.status,
        reason: ending.reason,
        incident: ending.state?.incident ?? null,
        seconds,
        evidence,
        files: ending.files,
      });
    },
  };
}

/** By this look everything that can be measured has been; what is still unknown stays so. */
const BLIND_SPOTS_ROUND = 15;

/** Narrates as a timeline for people. */
export function createTimelineNarrator(environment: Environment, clock: Clock): Narrator {
  const timeline = createTimeline(environment.terminal);
  const now = () => toTimestamp(clock.now());
  const said = new Set<string>();
  return {
    begin(title, lines) {
      environment.terminal.write(`${title}\n${lines.map((line) => `${line}\n`).join('')}\n`);
    },
    watching(round) {
      if (round.round === BLIND_SPOTS_ROUND && round.unknowns.length > 0) {
        const more = round.unknowns.length > 1 ? ` and ${round.unknowns.length - 1} more of the kind` : '';
        timeline.line(now(), 'not known', `${round.unknowns[0]?.message}${more}`, 'warn');
      }
      if (round.round === 1) timeline.line(now(), 'watch', 'looking at every workload: memory against its limit, rules over the graph');
    },
    detected: () => undefined,
    entry: (entry) => entry.step !== 'close' && timeline.entry(entry),
    progress(message) {
      if (said.has(message)) return;
      said.add(message);
      timeline.detail(message);
    },
    aside: (label, text) => timeline.line(now(), label, text),
    done(ending) {
      timeline.blank();
      for (const line of summary(ending, clock)) environment.terminal.write(`${line}\n`);
    },
  };
}

const SUMMARY_STEPS = [
  ['diagnose', 'diagnose'],
  ['propose', 'propose'],
  ['decide', 'approve'],
  ['reconcile', 'reconcile'],
  ['verify', 'verify'],
] as const;

function summary(ending: Ending, clock: Clock): readonly string[] {
  const seconds = stepSeconds(ending.entries, clock.speed);
  const parts = SUMMARY_STEPS.flatMap(([step, label]) => (seconds[step] === undefined ? [] : [`${label} ${seconds[step].toFixed(1)}`]));
  const detect = ending.detectSeconds === undefined ? [] : [`detect ${ending.detectSeconds.toFixed(1)}`];
  const diagnosis = ending.state?.results.diagnose?.diagnosis;
  const cited = diagnosis?.rootCauses[0]?.evidenceFor ?? [];
  const lines = [`  ${ending.status.replace('-', ' ')}: ${ending.reason}`];
  if (detect.length + parts.length > 0) lines.push(`  seconds   ${[...detect, ...parts].join('   ')}`);
  if (diagnosis) lines.push(`  evidence  ${diagnosis.evidence.length} pieces; the diagnosis cites ${cited.join(', ')}`);
  if (ending.files.length > 0) lines.push(`  files     ${ending.files.map((file) => nearName(file)).join('  ')}`);
  return lines;
}

/** A path as people type it here: relative when it lies below the working directory. */
function nearName(file: string): string {
  const near = relative(process.cwd(), file);
  return near.startsWith('..') ? file : near;
}
