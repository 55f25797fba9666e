import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { QueryError, UndecidableQuery } from '../../packages/gitops/src/gate/kyverno/jmespath/query-value.ts';
import { searchData } from '../../packages/gitops/src/gate/kyverno/jmespath/search.ts';
import { conditionHolds } from '../../packages/gitops/src/gate/kyverno/operators.ts';
import { KYVERNO_DATA, KYVERNO_PATHS, type KyvernoQuestion, kyvernoQuestions, OPERANDS, OPERATORS } from './kyverno-questions.ts';

/** What Kyverno says: a value, whether a condition holds, or an error (it breaks on some). */
export interface KyvernoAnswer {
  readonly value?: unknown;
  readonly holds?: boolean;
  readonly error?: string;
  readonly panic?: string;
}

/** How tier0 and Kyverno's own code agree. */
export interface KyvernoAgreement {
  readonly asked: number;
  readonly undecided: number;
  readonly different: readonly string[];
}

/**
 * Asks Kyverno's own code, as `TIER0_KYVERNO_ORACLE` names it: `kyverno-oracle/main.go`, built inside a checkout of Kyverno. Undefined where there
 * is none. `out` is a file for the record that the tests of `@tier0/gitops` read.
 */
export function askKyverno(out: string | undefined): KyvernoAgreement | undefined {
  const program = process.env.TIER0_KYVERNO_ORACLE;
  if (program === undefined) return undefined;
  const questions = kyvernoQuestions();
  const input = questions.map((question) => `${JSON.stringify(question)}\n`).join('');
  const { stdout, stderr, status } = spawnSync(program, { input, maxBuffer: 1 << 30, encoding: 'utf8' });
  if (status !== 0) throw new Error(`the oracle failed: ${stderr.slice(0, 500)}`);
  const answers = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as KyvernoAnswer);
  if (out) writeFileSync(out, `${JSON.stringify(recordOf(questions, answers))}\n`);
  return compare(questions, answers);
}

function compare(questions: readonly KyvernoQuestion[], answers: readonly KyvernoAnswer[]): KyvernoAgreement {
  const different: string[] = [];
  let undecided = 0;
  for (const [index, question] of questions.entries()) {
    const [answer, ours] = [answers[index] ?? {}, oursOf(question)];
    if (ours === undefined) undecided++;
    else if (!agrees(answer, ours)) different.push(`${nameOf(question)}: Kyverno ${JSON.stringify(answer)}, tier0 ${JSON.stringify(ours)}`);
  }
  return { asked: questions.length, undecided, different };
}

function nameOf(question: KyvernoQuestion): string {
  return 'query' in question ? question.query : JSON.stringify(question);
}

function oursOf(question: KyvernoQuestion): KyvernoAnswer | undefined {
  try {
    if ('operator' in question) return { holds: conditionHolds(question.operator, question.key, question.value) };
    return { value: searchData(question.query, question.data) };
  } catch (error) {
    if (error instanceof QueryError) return { error: error.message };
    if (error instanceof UndecidableQuery) return undefined;
    throw error;
  }
}

function agrees(answer: KyvernoAnswer, ours: KyvernoAnswer): boolean {
  const failed = answer.error !== undefined || answer.panic !== undefined;
  return failed ? ours.error !== undefined : ours.error === undefined && isDeepStrictEqual({ ...answer }, { ...ours });
}

/** All operators as rows of letters (holds, does not, breaks), and a choice of the queries. */
function recordOf(questions: readonly KyvernoQuestion[], answers: readonly KyvernoAnswer[]) {
  const operators = Object.fromEntries(OPERATORS.map((name): [string, string] => [name, '']));
  const queries: [string, unknown][] = [];
  for (const [index, question] of questions.entries()) {
    const answer = answers[index] ?? {};
    if ('operator' in question) operators[question.operator] += answer.holds === undefined ? 'e' : answer.holds ? 'y' : 'n';
    else if (index < KYVERNO_PATHS.length || index % 97 === 0)
      queries.push([question.query, 'value' in answer ? { value: answer.value } : {}]);
  }
  return { data: KYVERNO_DATA, operands: OPERANDS, operators, queries };
}
