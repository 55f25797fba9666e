import type { CheckResult } from '../doctor/check.ts';
import { examine } from '../doctor/examine.ts';
import { PROGRAM } from '../program-name.ts';
import { painted, type Style } from '../terminal/outlet.ts';
import { type Command, parseOptions, refuseArguments } from './command.ts';
import { chosen } from './did-you-mean.ts';

const STYLES: Readonly<Record<CheckResult['state'], Style>> = { ok: 'green', skipped: 'dim', warning: 'yellow', failed: 'red' };

/** `tier0 doctor`: what is missing on this machine, in the cluster and in the repository, and how it is mended. */
export const doctor: Command = {
  name: 'doctor',
  usage: `Usage: ${PROGRAM} doctor [options]

Checks Node, git, kubectl, the kubeconfig, the API server, what may be listed there, its clock, the repository, its branch, CODEOWNERS,
.tier0/policy.yaml, the forge token, Prometheus, tier0.yaml and the secrets it names. Each says how to mend it. It reads only.
What is not named is taken from the first cluster of tier0.yaml.

  --kubeconfig FILE   the cluster                          ($KUBECONFIG, else ~/.kube/config)
  --context NAME      context of the kubeconfig            (its current one)
  --repository URL    Git repository that declares it      (not looked at)
  --branch NAME       branch it is reconciled from         (main)
  --prometheus URL    where memory is read                 (not looked at)
  --config FILE       configuration of "tier0 serve"       (tier0.yaml)
  -o, --output FORM   text, json                           (text)

Exit code: 0 nothing failed, 1 something did.
Example: ${PROGRAM} doctor --repository ./fleet`,
  async run(args, environment) {
    const { values, positionals } = parseOptions('doctor', args, {
      kubeconfig: { type: 'string' },
      context: { type: 'string' },
      repository: { type: 'string' },
      branch: { type: 'string' },
      prometheus: { type: 'string' },
      config: { type: 'string', default: 'tier0.yaml' },
      output: { type: 'string', short: 'o', default: 'text' },
    });
    refuseArguments('doctor', positionals);
    const form = chosen({ name: '--output', given: values.output, known: ['text', 'json'] });
    const results = await examine(values, environment, { signal: environment.signal, now: Date.now });
    const { terminal } = environment;
    if (form === 'json') terminal.write(`${JSON.stringify(results, null, 2)}\n`);
    else for (const result of results) terminal.write(lineOf(result, terminal.colour));
    return results.some(({ state }) => state === 'failed') ? 1 : 0;
  },
};

function lineOf(result: CheckResult, colour: boolean): string {
  const state = result.state.padEnd(8);
  const head = `${colour ? painted(STYLES[result.state], state) : state} ${result.name.padEnd(15)} ${result.detail}\n`;
  return 'mend' in result ? `${head}${' '.repeat(25)}${result.mend}\n` : head;
}
