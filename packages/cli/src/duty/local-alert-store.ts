import { readFile } from 'node:fs/promises';
import { type Alert, type AlertStore, FORGET_ALERT_MS, isNews, type KnownAlert, MAX_KNOWN_ALERTS } from '@tier0/core';
import { fileFailure, writeAtomically } from '@tier0/core/files';

/**
 * What other systems reported, for one process: in a file of the state folder, so that what it knew when it was stopped is known again;
 * without a file in memory only.
 */
export function createLocalAlertStore(file?: string): AlertStore {
  let known: Map<string, KnownAlert> | undefined;
  let writing: Promise<unknown> = Promise.resolve();

  const keyOf = (cluster: string, fingerprint: string) => JSON.stringify([cluster, fingerprint]);
  const load = async () => {
    known ??= new Map(file === undefined ? [] : await readEntries(file));
    return known;
  };
  /** Kept first, known then: what could not be written was not taken. */
  const takeNow = async (cluster: string, alerts: readonly Alert[], nowMs: number) => {
    const before = await load();
    const next = new Map([...before].filter(([, { seenMs }]) => nowMs - seenMs <= FORGET_ALERT_MS));
    for (const alert of alerts) {
      const key = keyOf(cluster, alert.fingerprint);
      if (isNews(alert, next.get(key)) && (next.has(key) || next.size < MAX_KNOWN_ALERTS)) next.set(key, { alert, seenMs: nowMs });
    }
    if (file !== undefined)
      await writeAtomically(file, `${JSON.stringify([...next])}\n`).catch((error: unknown) => {
        throw fileFailure(`keep the alerts in ${file}`, error);
      });
    known = next;
  };

  return {
    name: 'local',
    take(cluster, alerts, { now }) {
      const next = writing.catch(() => undefined).then(() => (alerts.length === 0 ? undefined : takeNow(cluster, alerts, now())));
      writing = next;
      return next;
    },
    async read(cluster, { now }) {
      const prefix = keyOf(cluster, '').slice(0, -2);
      const own = [...(await load())].filter(([key, { seenMs }]) => key.startsWith(prefix) && now() - seenMs <= FORGET_ALERT_MS);
      return own.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
    },
  };
}

/** A file that is not there, or that is damaged, holds none: alerts that fire are told again. One that may not be read is an error. */
async function readEntries(file: string): Promise<readonly (readonly [string, KnownAlert])[]> {
  try {
    const entries: unknown = JSON.parse(await readFile(file, 'utf8'));
    return Array.isArray(entries) ? (entries as readonly (readonly [string, KnownAlert])[]) : [];
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw fileFailure(`read the alerts in ${file}`, error);
  }
}
