// What an outsider can do: hostile folders and repositories, hostile answers of an API, paths, secrets in every place, escapes, approvals.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { readOptions } from '../frame/options.ts';
import { toRecord } from '../frame/record.ts';
import { type AttackRow, type Outcome, toRows } from './attack.ts';
import { MEGABYTES, runAttacks, SECONDS_EACH } from './run-attacks.ts';

const options = readOptions(['only']);
const only = options.value('only');
const isWanted = (name: string) => only === undefined || name.includes(only);

const rows: AttackRow[] = [];
const broken: Outcome[] = [];
for (const name of ['hostile-folders', 'hostile-api', 'hostile-paths', 'escapes', 'secrets']) {
  if (!isWanted(name) || !existsSync(new URL(`./${name}.ts`, import.meta.url))) continue;
  const started = performance.now();
  const outcomes = await runAttacks(new URL(`./${name}.ts`, import.meta.url));
  rows.push(...toRows(outcomes));
  broken.push(...outcomes.filter(({ held }) => !held));
  process.stderr.write(`${name}: ${outcomes.length} attacks in ${((performance.now() - started) / 1000).toFixed(0)} s\n`);
}
const approvals = new URL('./approvals.ts', import.meta.url);
if (isWanted('approvals') && existsSync(approvals)) {
  const { approvalRows, codeOwnersRows } = (await import(approvals.href)) as Readonly<
    Record<'approvalRows' | 'codeOwnersRows', () => Promise<readonly AttackRow[]>>
  >;
  rows.push(...(await approvalRows()), ...(await codeOwnersRows()));
}

const record = { ...toRecord('attack', { rows: [] }), rows, bounds: { secondsEach: SECONDS_EACH, megabytes: MEGABYTES } };
const width = Math.max(...rows.map(({ kind }) => kind.length), 4);
process.stdout.write(`bench attack at ${record.commit}; each attack has ${SECONDS_EACH} s and ${MEGABYTES} MiB\n\n`);
process.stdout.write(`${'kind'.padEnd(width)}  tried   held\n`);
for (const { kind, tried, held } of rows)
  process.stdout.write(`${kind.padEnd(width)}  ${String(tried).padStart(5)}  ${String(held).padStart(5)}\n`);
for (const { kind, name, why } of broken.slice(0, 60)) process.stdout.write(`not held: ${kind}: ${name}: ${why}\n`);
if (options.json !== undefined) {
  mkdirSync(dirname(options.json), { recursive: true });
  writeFileSync(options.json, `${JSON.stringify(record, null, 2)}\n`);
}
/** Secrets are found by what they look like: one in a hundred may be missed, and two in a hundred harmless texts taken for one. */
const allowed = (kind: string) => (/^(?:blind )?secret:/.test(kind) ? 0.99 : /^(?:blind )?harmless/.test(kind) ? 0.98 : 1);
process.exitCode = rows.every(({ kind, tried, held }) => held / tried >= allowed(kind)) ? 0 : 1;
