import { resolve } from 'node:path';
import { Tier0Error } from '@tier0/core';
import { allMet, type PolicyTestReport, type PolicyTestResult, runPolicyTests } from '@tier0/gitops';
import { PROGRAM } from '../program-name.ts';
import { gateKeysYaml, gateSigner } from '../world/gate-key.ts';
import { stateFolder } from '../world/state-folder.ts';
import { type Command, parseOptions } from './command.ts';
import { chosen } from './did-you-mean.ts';

/** `tier0 policy test DIR`, `tier0 policy key`. */
export const policy: Command = {
  name: 'policy',
  usage: `Usage: ${PROGRAM} policy test DIR [--output text|json]
       ${PROGRAM} policy key [--out DIR]

Judges objects by ValidatingAdmissionPolicies, Kyverno's ValidatingPolicies and the validate.cel and validate.pattern rules of Kyverno's
policies, in this process, as the gate does before a pull request. DIR holds, at any depth, either
  allow/*.yaml and deny/*.yaml beside the policies: every policy must let the first in, at least one must refuse the second; or
  kyverno-test.yaml in the format of the Kyverno CLI.
A policy about pods also judges the pods that a workload will make. Rules in other languages are named as not evaluated.

"key" prints the public part of the key that signs tier0's checks on the local forge, as .tier0/policy.yaml takes it (made when there is none;
the private part stays in DIR, out by default). Once the policy names it, no check counts that another hand has set.

Exit code 0 when every expectation is met, 1 when one is not, 2 when the tests cannot be read.

Example: ${PROGRAM} policy test .tier0/policies`,
  async run(args, environment) {
    const { positionals, values } = parseOptions('policy', args, {
      output: { type: 'string', short: 'o', default: 'text' },
      out: { type: 'string', default: 'out' },
    });
    const [verb, directory] = positionals;
    chosen({ name: 'What follows "policy"', given: verb, known: ['test', 'key'] });
    if (verb === 'key' && positionals.length === 1) {
      environment.terminal.write(gateKeysYaml(await gateSigner(stateFolder(values.out))));
      return 0;
    }
    if (verb !== 'test' || !directory || positionals.length > 2) {
      throw new Tier0Error({
        code: 'INVALID_INPUT',
        message: 'Which policies are to be tested?',
        hint: `Run "${PROGRAM} policy test DIR".`,
      });
    }
    chosen({ name: '--output', given: values.output, known: ['text', 'json'] });
    const report = await runPolicyTests(resolve(directory));
    environment.terminal.write(values.output === 'json' ? `${JSON.stringify(report, null, 2)}\n` : toText(report));
    return allMet(report) ? 0 : 1;
  },
};

function toText(report: PolicyTestReport): string {
  const failed = report.results.filter((result) => result.expected !== result.found);
  return [
    ...report.results.map(toLine),
    ...(report.notEvaluated.length > 0 ? ['', 'not evaluated:', ...report.notEvaluated.map((line) => `  ${line}`)] : []),
    '',
    `${report.results.length - failed.length} as expected, ${failed.length} not`,
    '',
  ].join('\n');
}

function toLine(result: PolicyTestResult): string {
  const met = result.expected === result.found;
  const said = met ? result.found : `${result.found}, expected ${result.expected}`;
  const why = result.message === '' || (met && result.found !== 'fail') ? '' : `\n        ${result.message}`;
  return `${met ? 'ok   ' : 'WRONG'}  ${result.file}  ${result.resource}  ${result.policy}: ${said}${why}`;
}
