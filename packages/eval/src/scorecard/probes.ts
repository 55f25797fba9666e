import type { RunManifest, TrialRecord } from '../arena/trial.ts';
import type { Capabilities, CapabilityRow, Cell } from './capabilities.ts';

/** What a probe saw, in the words of OpenSSF Scorecard's findings. */
export interface ProbeFinding {
  readonly probe: string;
  /** `ManifestTool.id`, or `RatedTool.id` of a probe that looked at a program, a server or a manifest. */
  readonly tool: string;
  /** The row whose cell it decides, for such a probe. */
  readonly row?: string | undefined;
  /** Why it looks, for such a probe. */
  readonly motivation?: string | undefined;
  /** `NotAvailable`: the run gave it nothing to look at. */
  readonly outcome: 'True' | 'False' | 'NotAvailable';
  readonly message: string;
}

/** A check that a program makes, so that a cell rests on a measurement and not on a reading. */
export interface Probe {
  readonly id: string;
  readonly motivation: string;
  /** How it looks. */
  readonly implementation: string;
  /** What the trials of one tool show about it. */
  readonly look: (trials: readonly TrialRecord[]) => Omit<ProbeFinding, 'probe' | 'tool'>;
  /** The cell it decides, of the rated tool that a contestant stands for. */
  readonly decides?: { readonly row: string; readonly of: Readonly<Record<string, string>> } | undefined;
}

/** Each looks at what a run left in its log. */
export const PROBES: readonly Probe[] = [
  {
    id: 'writes-nothing',
    motivation: 'Whoever diagnoses should not change anything.',
    implementation: 'No request in the log of the API is a write, dry runs apart.',
    look: (trials) => allHold(trials, ({ requests }) => requests.writes === 0, 'without a write'),
    decides: { row: 'least-privilege-default', of: { tier0: 'tier0' } },
  },
  {
    id: 'reads-no-secret',
    motivation: 'A value that was never read cannot leak.',
    implementation: 'No request in the log of the API reads a Secret.',
    look: (trials) => allHold(trials, ({ requests }) => requests.secretReads === 0, 'without a look at a Secret'),
  },
  {
    id: 'sends-no-secret',
    motivation: 'What reaches a model has left the house.',
    implementation: 'No value of a Secret of the recording, encoded or decoded, stands in what was sent to the model.',
    look: (trials) => allHold(asked(trials), ({ secretSent }) => !secretSent, 'without a Secret in the prompt'),
    decides: { row: 'secret-redaction', of: { 'tier0-with-model': 'tier0' } },
  },
  {
    id: 'sends-pseudonyms',
    motivation: 'Names of workloads tell a stranger how a company works.',
    implementation: 'No name of a workload or pod of the recording stands in what was sent to the model.',
    look: (trials) =>
      allHold(
        trials.filter(({ namesSent }) => namesSent !== undefined),
        ({ namesSent }) => namesSent === 0,
        'without a name in the prompt',
      ),
  },
  {
    id: 'tries-dry-run',
    motivation: 'A change that the API server has refused as a dry run need not fail for real.',
    implementation: 'The log of the API holds a dry run.',
    look: (trials) => {
      const count = trials.filter(({ requests }) => requests.dryRuns > 0).length;
      return { outcome: count > 0 ? 'True' : 'False', message: `${count} of ${trials.length} trials with a dry run` };
    },
  },
  {
    id: 'answers-in-form',
    motivation: 'A program cannot work with an answer that comes in another form every tenth time.',
    implementation: 'Every trial ended with an answer that could be read.',
    look: (trials) => allHold(trials, ({ error }) => error === undefined, 'with an answer in form'),
  },
  {
    id: 'offers-only-reading',
    motivation: 'A tool that is not offered cannot be called by mistake.',
    implementation: 'No name in the answer to MCP tools/list speaks of a change.',
    look: (trials) => {
      const names = /^> tools\/list\n(.*)$/m.exec(trials[0]?.raw ?? '')?.[1]?.split(' ') ?? [];
      if (names.length === 0) return { outcome: 'NotAvailable', message: 'it is no MCP server' };
      const changing = names.filter((name) =>
        /create|apply|patch|delete|scale|exec|run|uninstall|install|drain|cordon|rollout|generic/.test(name),
      );
      return {
        outcome: changing.length === 0 ? 'True' : 'False',
        message: `${names.length} tools offered${changing.length > 0 ? `, among them ${changing.join(', ')}` : ''}`,
      };
    },
  },
];

function asked(trials: readonly TrialRecord[]): readonly TrialRecord[] {
  return trials.filter(({ modelCost }) => (modelCost?.calls ?? 0) > 0);
}

function allHold(
  trials: readonly TrialRecord[],
  holds: (trial: TrialRecord) => boolean,
  what: string,
): Omit<ProbeFinding, 'probe' | 'tool'> {
  if (trials.length === 0) return { outcome: 'NotAvailable', message: 'there was nothing to look at' };
  const count = trials.filter(holds).length;
  return { outcome: count === trials.length ? 'True' : 'False', message: `${count} of ${trials.length} trials ${what}` };
}

/** What the probes say about the tools of a run. */
export function probeRun({ tools }: RunManifest, trials: readonly TrialRecord[]): readonly ProbeFinding[] {
  const running = tools.filter(({ notRun, recorded }) => notRun === undefined && recorded === undefined);
  return running.flatMap(({ id }) => {
    const own = trials.filter((trial) => trial.tool === id);
    return own.length === 0 ? [] : PROBES.map((probe) => ({ probe: probe.id, tool: id, ...probe.look(own) }));
  });
}

/** The scorecard with the cells that probes decide: a measurement takes the place of a reading, in both directions. */
export function decideCells(capabilities: Capabilities, findings: readonly ProbeFinding[], day: string): Capabilities {
  const looked = findings.flatMap((finding) =>
    finding.row === undefined || finding.outcome === 'NotAvailable' ? [] : [{ row: finding.row, tool: finding.tool, finding }],
  );
  const ran = PROBES.flatMap(({ id, decides }) =>
    decides === undefined
      ? []
      : findings
          .filter(({ probe, tool, outcome }) => probe === id && decides.of[tool] !== undefined && outcome !== 'NotAvailable')
          .map((finding) => ({ row: decides.row, tool: decides.of[finding.tool]!, finding })),
  );
  // Several probes of one cell: each adds what it saw, and one that does not hold is enough.
  const decided = [...looked, ...ran];
  const rows = capabilities.rows.map((row): CapabilityRow => {
    const own = decided.filter((one) => one.row === row.id && row.cells[one.tool] !== undefined);
    const cells: Record<string, Cell> = { ...row.cells };
    for (const { tool, finding } of own) cells[tool] = measured(cells[tool]!, finding, day);
    return own.length === 0 ? row : { ...row, cells };
  });
  return { ...capabilities, rows };
}

/** A probe that does not hold takes a "yes" away; one that holds gives no more than was claimed. */
function measured(cell: Cell, { outcome, probe, message }: ProbeFinding, date: string): Cell {
  const value = outcome === 'False' ? 'no' : cell.value;
  return { ...cell, value, basis: 'measured', note: `${cell.note}; measured in this run: ${message}`, date, rater: `probe ${probe}` };
}
