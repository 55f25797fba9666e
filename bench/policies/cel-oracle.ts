import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What the API server's own CEL says of an expression. */
export interface OracleAnswer {
  readonly value?: unknown;
  readonly error?: string;
  /** It does not compile: no cluster has a policy with it. */
  readonly refused?: string;
  readonly cost?: number;
}

/** Asks k8s.io/apiserver's CEL environment; undefined where Go cannot build it. `TIER0_CEL_ORACLE` names a program that is built already. */
export function askOracle(expressions: readonly string[], object: unknown): readonly OracleAnswer[] | undefined {
  const program = process.env.TIER0_CEL_ORACLE ?? build();
  if (program === undefined) return undefined;
  const input = expressions.map((expression) => `${JSON.stringify({ expression, object })}\n`).join('');
  const { stdout, stderr, status } = spawnSync(program, { input, maxBuffer: 1 << 30, encoding: 'utf8' });
  if (status !== 0) throw new Error(`the oracle failed: ${stderr.slice(0, 500)}`);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as OracleAnswer);
}

function build(): string | undefined {
  const program = join(mkdtempSync(join(tmpdir(), 'tier0-cel-oracle-')), 'cel-oracle');
  try {
    execFileSync('go', ['build', '-o', program, '.'], { cwd: join(import.meta.dirname, 'cel-oracle'), stdio: 'pipe' });
    return program;
  } catch {
    return undefined;
  }
}

/** Whether an answer of the oracle says what a value of ours does; undefined stands for an error. */
export function sameAnswer(answer: OracleAnswer, ours: unknown): boolean {
  if (answer.error !== undefined || ours === undefined) return answer.error !== undefined && ours === undefined;
  return JSON.stringify(plain(answer.value)) === JSON.stringify(plain(ours));
}

/** Both sides write doubles and moments in their own way. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).map(([key, entry]): [string, unknown] => {
    if (key === 'double') return [key, String(Number(String(entry).replace(/^\+?(-?)Inf$/, '$1Infinity')))];
    if (key === 'timestamp') return [key, String(entry).slice(0, 10)];
    return [key, key === 'opaque' && !String(entry).includes('.') ? 'type' : plain(entry)];
  });
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
