import type { EvaluationOptions, TrialRecord } from '@tier0/eval';
import type { Environment } from '../environment.ts';
import { CLEAR_LINE } from '../terminal/outlet.ts';

const BAR = 24;

/** On a terminal a bar with the time left; elsewhere a line for every tenth of the run, and what is no trial. */
export function tellProgress(
  { stderr, terminal }: Pick<Environment, 'stderr' | 'terminal'>,
  now = Date.now,
): Required<Pick<EvaluationOptions, 'onProgress' | 'onTrial'>> {
  const startedAt = now();
  let first: number | undefined;
  return {
    onProgress: (line) => stderr(`${line}\n`),
    onTrial(trial, { done, planned }) {
      first ??= done;
      const left = timeLeft({ elapsedMs: now() - startedAt, finished: done - first + 1, open: planned - done });
      const text = `${String(done).padStart(String(planned).length)}/${planned} ${left} ${trial.tool} ${verdictOf(trial)}: ${trial.scenario}`;
      if (terminal.colour)
        stderr(`${CLEAR_LINE}${`${barOf(done / planned)} ${text}`.slice(0, terminal.width - 1)}${done === planned ? '\n' : ''}`);
      else if (done === planned || Math.floor((10 * done) / planned) > Math.floor((10 * (done - 1)) / planned)) stderr(`${text}\n`);
    },
  };
}

function barOf(share: number): string {
  const full = Math.round(BAR * share);
  return `[${'#'.repeat(full)}${'.'.repeat(BAR - full)}]`;
}

/** Time left, if the rest takes as long as what was done. */
export function timeLeft({
  elapsedMs,
  finished,
  open,
}: {
  readonly elapsedMs: number;
  readonly finished: number;
  readonly open: number;
}): string {
  const seconds = Math.round(((elapsedMs / Math.max(1, finished)) * open) / 1000);
  return seconds < 60 ? `${seconds} s left` : `${Math.floor(seconds / 60)} min ${seconds % 60} s left`;
}

function verdictOf({ error, score, rootCauses, evidence }: TrialRecord): string {
  if (error !== undefined) return `failed (${error})`;
  if (score.gates.length > 0) return `broke a gate (${score.gates.join(', ')})`;
  if (evidence !== undefined) return `reached ${evidence.places} of ${evidence.of}`;
  if (score.falseAlarm) return `raised a false alarm (${rootCauses.length})`;
  if (score.exact) return 'is right';
  return score.points > 0 ? `is right among ${rootCauses.length}` : 'is not right';
}
