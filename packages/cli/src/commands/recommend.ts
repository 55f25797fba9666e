import { createMemoryPatternLibrary, createPrometheusEvidence, SEED_PATTERNS } from '@tier0/agents';
import { type ContainerSize, type Recommendation, readUsage, recommend as recommendFor, sizeContainer } from '@tier0/agents/assist';
import { type CallContext, Tier0Error } from '@tier0/core';
import type { Environment } from '../environment.ts';
import { PROGRAM } from '../program-name.ts';
import { judgeManifests } from '../world/judge-manifests.ts';
import { modelFromOptions } from '../world/model-from-options.ts';
import { readBlueprints } from '../world/read-blueprints.ts';
import { readYamlFolder } from '../world/read-yaml-folder.ts';
import { type Command, parseOptions } from './command.ts';
import { chosen } from './did-you-mean.ts';

/** `tier0 recommend WISH`. */
export const recommend: Command = {
  name: 'recommend',
  usage: `Usage: ${PROGRAM} recommend WISH [options]

Writes the manifests of what somebody wants to run, and shows them only when the schemas of their kinds and the organisation's policies hold
nothing against them. Nothing is applied. What was decided without being asked for is said on standard error. A wish says:
  what it is       web service | worker | job | database, and its name: "a web service called mailbox"
  what it runs     from image registry.example.com/mailbox:1.4.2
  and may say      in namespace shop, for team post, on port 8080, health check /ready, at shop.example.com, 3 replicas, 2 to 10 replicas,
                   every night at 2:30, every 15 minutes, with 10Gi of storage

  --policies DIR       admission policies: ValidatingAdmissionPolicies, Kyverno; what they refuse or cannot decide is not shown
  --blueprints DIR     how this organisation writes workloads: web.yaml, worker.yaml, job.yaml, schedule.yaml, store.yaml with $(name),
                       $(image), $(port) ... for what the wish says, and house.yaml: labels, annotations, defaults
  --prometheus URL     sizes by 14 days of what it used; needs --like
  --like NS/CONTAINER  whose use that is
  --model URL          OpenAI-compatible API that may help to read the wish; it writes nothing that is shown; key in TIER0_MODEL_API_KEY
  --model-name NAME    its model                                           (default)
  -o, --output json    one JSON object instead of YAML

Exit code: 0 written, 1 not: the wish is unclear or something refuses it, 2 could not look.

Example: ${PROGRAM} recommend "a web service called mailbox from image registry.example.com/mailbox:1.4.2 on port 8080 in namespace shop"`,
  async run(args, environment) {
    const text = { type: 'string' } as const;
    const { positionals, values } = parseOptions('recommend', args, {
      ...{ policies: text, blueprints: text, prometheus: text, like: text, model: text, 'model-name': text },
      output: { type: 'string', short: 'o', default: 'yaml' },
    });
    chosen({ name: '--output', given: values.output, known: ['yaml', 'json'] });
    if (positionals.length === 0) throw invalid('What is to run?', `Run "${PROGRAM} recommend --help" for what a wish says.`);
    const context: CallContext = { signal: environment.signal, now: Date.now };
    const policies = values.policies === undefined ? [] : (await readYamlFolder(values.policies)).flatMap(({ documents }) => documents);
    const style = values.blueprints === undefined ? undefined : await readBlueprints(values.blueprints);
    const found = await recommendFor(
      {
        text: positionals.join(' '),
        ...style,
        size: await sizeLike(values, context),
        validate: async (objects) => judgeManifests(objects, policies),
        patterns: createMemoryPatternLibrary({ patterns: SEED_PATTERNS }),
        model: modelFromOptions({ url: values.model, name: values['model-name'], apiKey: environment.variables.TIER0_MODEL_API_KEY }),
      },
      context,
    );
    if (values.output === 'json') environment.terminal.write(`${JSON.stringify(found)}\n`);
    else tell(found, environment);
    return found.state === 'recommended' ? 0 : 1;
  },
};

function tell(found: Recommendation, { terminal, stderr }: Environment): void {
  if (found.state === 'recommended') {
    terminal.write(found.yaml);
    for (const line of found.assumptions) stderr(`tier0: assumed: ${line}\n`);
    for (const line of found.known) stderr(`tier0: known: ${line}\n`);
    return;
  }
  const lines = found.state === 'unclear' ? found.problems : found.flaws;
  stderr(`tier0: ${found.state === 'unclear' ? 'not clear yet' : 'not shown, because it would be refused'}:\n`);
  for (const line of lines) stderr(`  ${line}\n`);
}

interface SizeOptions {
  readonly prometheus?: string | undefined;
  readonly like?: string | undefined;
}

/** The size by what something else used; undefined where none was named. Throws where one was and its use is not known. */
async function sizeLike({ prometheus, like }: SizeOptions, context: CallContext): Promise<ContainerSize | undefined> {
  if (prometheus === undefined && like === undefined) return undefined;
  const [namespace, container, ...more] = like?.split('/') ?? [];
  if (prometheus === undefined || !namespace || !container || more.length > 0) {
    throw invalid('Sizes need both --prometheus URL and --like NAMESPACE/CONTAINER.', 'For example --like shop/mailbox.');
  }
  const reading = await readUsage(createPrometheusEvidence({ url: prometheus }), { namespace, container, atMs: context.now() }, context);
  const verdict = reading.state === 'read' ? sizeContainer(reading.usage) : reading;
  if (verdict.state === 'sized') return verdict.size;
  throw new Tier0Error({
    code: 'NOT_FOUND',
    message: `What ${like} used is not known well enough: ${verdict.reason}.`,
    hint: 'Name another container, or leave --prometheus and --like out: then sizes are a guess, and are said to be.',
  });
}

function invalid(message: string, hint: string): Tier0Error {
  return new Tier0Error({ code: 'INVALID_INPUT', message, hint });
}
