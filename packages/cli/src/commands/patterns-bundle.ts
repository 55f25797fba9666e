import { readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { exportBundle, importBundle, type SharedPattern } from '@tier0/agents/patterns';
import { type CallContext, isTier0Error, type PatternLibrary, Tier0Error } from '@tier0/core';
import { fileFailure, writeAtomically } from '@tier0/core/files';
import { signingKey } from '../world/signing-key.ts';

/** What is exported, and how. */
export interface ExportOptions {
  readonly file: string;
  /** Ed25519 key, PEM. Default: one of the folder, made when there is none. */
  readonly key?: string | undefined;
  /** File with the names that must not leave, one a line. */
  readonly names?: string | undefined;
  /** Folder of the run. */
  readonly folder: string;
}

/** Writes what was learned here for another organisation. Throws INVALID_INPUT without a list of names, or where a name would be left. */
export async function exportPatterns(
  library: PatternLibrary,
  { file, key, names, folder }: ExportOptions,
  context: CallContext,
): Promise<{ readonly patterns: number; readonly publicKey: string }> {
  if (names === undefined) {
    throw invalid('Which names must not leave?', 'Give --names FILE with one a line: workloads, namespaces, teams, hosts, people.');
  }
  const listed = (await readText(names))
    .split(/\r?\n/)
    .map((name) => name.trim())
    .filter(Boolean);
  if (listed.length === 0) throw invalid(`${names} lists no name.`, 'Write one a line; a bundle without names needs to know them.');
  const learned = ((await library.list?.(context)) ?? []).filter(({ occurrences }) => occurrences.length > 0);
  if (learned.length === 0) throw invalid('Nothing was learned here yet.', 'Patterns that were used at least once are exported.');
  const own = join(folder, 'bundle');
  const signed = key === undefined ? await signingKey(own, 'Move it away: another one is made.') : undefined;
  const privateKey = signed?.privateKey ?? (await readText(key as string));
  await writeAtomically(resolve(file), exportBundle(learned, { privateKey, names: listed }), 0o644);
  return { patterns: learned.length, publicKey: signed ? `${own}.pub` : `that of ${basename(key as string)}` };
}

/** Takes in a bundle that one of the trusted keys has signed; what is known already stays as it is. */
export async function importPatterns(
  library: PatternLibrary,
  { file, trust }: { readonly file: string; readonly trust: readonly string[] },
  context: CallContext,
): Promise<readonly (SharedPattern & { readonly isNew: boolean })[]> {
  if (trust.length === 0) throw invalid('Whose signature is trusted?', 'Give --trust FILE with the public key of the sender (PEM).');
  const keys = await Promise.all(trust.map(readText));
  const shared = importBundle(await readText(file), keys);
  const taken: (SharedPattern & { readonly isNew: boolean })[] = [];
  for (const one of shared) taken.push({ ...one, isNew: await add(library, one, context) });
  return taken;
}

async function add(library: PatternLibrary, { pattern }: SharedPattern, context: CallContext): Promise<boolean> {
  try {
    await library.add?.(pattern, context);
    return true;
  } catch (error) {
    if (isTier0Error(error) && error.code === 'CONFLICT') return false;
    throw error;
  }
}

async function readText(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error) => Promise.reject(fileFailure(`read ${file}`, error)));
}

function invalid(message: string, hint: string): Tier0Error {
  return new Tier0Error({ code: 'INVALID_INPUT', message, hint });
}
