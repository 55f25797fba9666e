import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { admissionRequests } from '../../packages/gitops/src/gate/admission/admission-request.ts';
import { judgeAdmission } from '../../packages/gitops/src/gate/admission/judge-admission.ts';
import { readAdmissionPolicies } from '../../packages/gitops/src/gate/admission/read-policies.ts';
import { createOpaEngine } from '../../packages/gitops/src/gate/gatekeeper/opa.ts';
import { type Expectations, newExpectations, skip, tally } from './data-part.ts';

type Fields = Readonly<Record<string, unknown>>;

interface Case {
  readonly name: string;
  readonly object: string;
  readonly assertions?: readonly { readonly violations?: unknown }[];
}

interface SuiteTest {
  readonly name: string;
  readonly template: string;
  readonly constraint: string;
  readonly cases?: readonly Case[];
}

/** Whether a folder is a checkout of open-policy-agent/gatekeeper-library. */
export function isConstraintLibrary(root: string): boolean {
  return existsSync(join(root, 'library')) && existsSync(join(root, 'src', 'general'));
}

/** Judges the samples of Gatekeeper's own library: each suite says of each object whether its constraint is violated. */
export function onConstraints(root: string): Expectations {
  const found = newExpectations();
  const library = join(root, 'library');
  const suites = readdirSync(library, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('suite.yaml'));
  for (const suite of suites.map((file) => join(library, file)))
    for (const { tests } of objectsIn(suite) as readonly { readonly tests?: readonly SuiteTest[] }[])
      for (const test of tests ?? []) for (const one of test.cases ?? []) judgeCase(found, { folder: dirname(suite), test, one });
  return found;
}

interface Sample {
  readonly folder: string;
  readonly test: SuiteTest;
  readonly one: Case;
}

function judgeCase(found: Expectations, { folder, test, one }: Sample): void {
  const objects = [test.template, test.constraint].flatMap((file) => objectsIn(join(folder, file)));
  const { policies, notEvaluated } = readAdmissionPolicies(objects, { complete: true, rego: createOpaEngine });
  if (policies.length === 0) {
    skip(found, (notEvaluated[0] ?? 'nothing is judged').replace(/^[^:]*: /, ''));
    return;
  }
  const [sample] = objectsIn(join(folder, one.object));
  const review = (sample?.kind === 'AdmissionReview' ? sample.request : { object: sample }) as Fields;
  if (review.operation === 'DELETE') {
    skip(found, 'deletions are no changes that are proposed');
    return;
  }
  const options = { defaults: false, userInfo: review.userInfo as Fields, operation: review.operation as 'CREATE' | 'UPDATE' | undefined };
  const [request] = admissionRequests(review.object as Fields, review.oldObject as Fields | undefined, options);
  const expected = one.assertions?.[0]?.violations;
  const mustRefuse = expected !== 'no' && expected !== 0;
  const isRefused = request !== undefined && judgeAdmission(policies, request).some(({ outcome }) => outcome !== 'passed');
  const text = `${test.name}/${one.name}: ${isRefused ? 'refused, and it is allowed' : 'let in, and it must be refused'}`;
  tally(found, mustRefuse, isRefused === mustRefuse, text);
}

function objectsIn(file: string): readonly Fields[] {
  const documents = parseAllDocuments(readFileSync(file, 'utf8'));
  return (Array.isArray(documents) ? documents : []).map((document) => document.toJS() as Fields | null).filter((one) => one !== null);
}
