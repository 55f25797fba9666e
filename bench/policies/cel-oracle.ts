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
