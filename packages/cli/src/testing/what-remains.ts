import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { createFileTracker } from '@tier0/agents';
import {
  type AuditRecord,
  type AuditVerdict,
  createFileIncidentRecord,
  foldIncident,
  type IncidentEntry,
  type IncidentState,
  type Pattern,
  type Ticket,
} from '@tier0/core';
import { createFileAuditLog } from '@tier0/gitops';
import { stateFolder } from '../world/state-folder.ts';

/** What a run left on disk, read the way another program would. */
export interface Remains {
  readonly incident: string;
  readonly entries: readonly IncidentEntry[];
  readonly state: IncidentState;
  readonly audit: { readonly records: readonly AuditRecord[]; readonly verdict: AuditVerdict };
  readonly followUps: readonly Ticket[];
  readonly handOvers: readonly Ticket[];
  /** Outcomes this incident added to any pattern. */
  readonly occurrences: number;
  /** Pull requests the forge keeps. */
  readonly pullRequests: number;
  /** Branches besides main. */
  readonly branches: readonly string[];
  /** Commits on main, the first one included; and those of them that merge. */
  readonly commits: number;
  readonly merges: number;
}

const context = { signal: new AbortController().signal, now: () => 0 };

/** Reads the output folder of a run. Throws when any of its files does not parse. */
export async function whatRemains(out: string): Promise<Remains> {
  const folder = stateFolder(out);
  const record = createFileIncidentRecord({ directory: folder.incidents });
  const [incident = ''] = await record.list(context);
  const entries = incident ? await record.read(incident, context) : [];
  const tracker = createFileTracker({ file: folder.tickets });
  const ticket = async (kind: string) => [await tracker.find(`${incident}:${kind}`, context)].flatMap((found) => found ?? []);
  const refs = (await git(folder.repository, ['for-each-ref', '--format=%(refname)'])).split('\n').filter(Boolean);
  return {
    incident,
    entries,
    state: foldIncident(incident, entries),
    audit: await readAudit(folder.audit),
    followUps: await ticketsOf(folder.tickets, ticket, 'follow-up'),
    handOvers: await ticketsOf(folder.tickets, ticket, 'hand-over'),
    occurrences: await occurrencesOf(folder.patterns, incident),
    pullRequests: refs.filter((ref) => ref.startsWith('refs/tier0/prs/')).length,
    branches: refs.filter((ref) => ref.startsWith('refs/heads/') && ref !== 'refs/heads/main'),
    commits: Number(await git(folder.repository, ['rev-list', '--count', '--first-parent', 'main'])),
    merges: Number(await git(folder.repository, ['rev-list', '--count', '--merges', 'main'])),
  };
}

/** Counts lines, not keys: a ticket that was opened twice would be two of them. */
async function ticketsOf(file: string, find: (kind: string) => Promise<readonly Ticket[]>, kind: string): Promise<readonly Ticket[]> {
  if (!existsSync(file)) return [];
  const tickets = (await readFile(file, 'utf8')).trimEnd().split('\n');
  const parsed = tickets.map((line) => (JSON.parse(line) as { ticket: Ticket }).ticket);
  const distinct = new Map(parsed.map((ticket) => [ticket.id, ticket]));
  const [known] = await find(kind);
  return [...distinct.values()].filter((ticket) => ticket.key === known?.key);
}

async function readAudit(file: string): Promise<Remains['audit']> {
  const log = createFileAuditLog({ file });
  const verdict = await log.verify(context);
  const records: AuditRecord[] = [];
  if (verdict.sound) for await (const record of log.read(context)) records.push(record);
  return { records, verdict };
}

async function occurrencesOf(file: string, incident: string): Promise<number> {
  if (!existsSync(file)) return 0;
  const { patterns } = JSON.parse(await readFile(file, 'utf8')) as { patterns: readonly Pattern[] };
  return patterns.flatMap((pattern) => pattern.occurrences).filter((occurrence) => occurrence.incident === incident).length;
}

async function git(repository: string, args: readonly string[]): Promise<string> {
  return (await promisify(execFile)('git', ['-C', repository, ...args])).stdout.trim();
}
