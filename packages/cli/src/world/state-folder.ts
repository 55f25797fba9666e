import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileFailure, makeFolderOf, makeStateFolder, withFileLock } from '@tier0/core/files';

/** Where a run keeps what must outlive it. */
export interface StateFolder {
  /** What people look at. */
  readonly directory: string;
  readonly page: string;
  readonly audit: string;
  /** What the loop needs to go on after an interruption. */
  readonly state: string;
  readonly run: string;
  readonly incidents: string;
  readonly tickets: string;
  /** What the CMDB recorded, in SQLite. */
  readonly cmdb: string;
  readonly patterns: string;
  /** What other systems reported. */
  readonly alerts: string;
  /** What would have been approved automatically, and what people did: JSON lines. */
  readonly shadow: string;
  readonly mirror: string;
  readonly repository: string;
  /** The key that signs for the gate: `<gate>.key`, `<gate>.pub`. It outlives every run. */
  readonly gate: string;
  /** Held by the one process that works in the folder. */
  readonly lock: string;
}

/** The layout of an output folder. */
export function stateFolder(directory: string): StateFolder {
  const root = resolve(directory);
  const state = join(root, 'state');
  return {
    directory: root,
    page: join(root, 'incident.html'),
    audit: join(root, 'audit.jsonl'),
    state,
    run: join(state, 'run.json'),
    incidents: join(state, 'incidents'),
    tickets: join(state, 'tickets.jsonl'),
    cmdb: join(state, 'cmdb.db'),
    patterns: join(state, 'patterns.json'),
    alerts: join(state, 'alerts.json'),
    shadow: join(state, 'shadow.jsonl'),
    mirror: join(state, 'mirror.git'),
    repository: join(state, 'repository.git'),
    gate: join(root, 'gate'),
    lock: join(root, '.tier0.lock'),
  };
}

/** Takes away what an earlier run left, and nothing else that lies in the folder. */
export async function clearState(folder: StateFolder): Promise<void> {
  const beside = ['', '.head', '.checkpoints', '.key', '.pub'].map((end) => `${folder.audit}${end}`);
  for (const path of [folder.page, ...beside, folder.state]) {
    await rm(path, { recursive: true, force: true }).catch((error: unknown) => {
      throw fileFailure(`clear ${path}`, error);
    });
  }
  await makeStateFolder(folder.state);
}

/** Works in a state folder as its only process. Throws CONFLICT at once when another one works there, and says which. */
export async function withStateFolder<T>(
  folder: StateFolder,
  options: { readonly purpose: string; readonly signal: AbortSignal },
  task: () => Promise<T>,
): Promise<T> {
  await makeFolderOf(folder.state);
  await makeStateFolder(folder.state);
  return withFileLock(folder.lock, { ...options, patienceMs: 0 }, task);
}
