import { testContext } from '@tier0/core/testing';
import { describe, expect, test } from 'vitest';
import { type MadeEstate, makeEstate } from '../../fixtures/made-estate.ts';
import { createScriptedModel } from '../../models/scripted.ts';
import { ask } from './ask.ts';

interface Case {
  readonly text: string;
  /** Values of the right answer, sorted. */
  readonly truth: readonly string[];
  /** Ids that must be among the citations. */
  readonly cites: readonly string[];
}

const id = (namespace: string, kind: string, name: string) => `kubernetes:made/${namespace}/${kind}/${name}`;

/** Questions about an estate, with what was true when it was made. */
function questions({ workloads }: MadeEstate): readonly Case[] {
  const namespaces = [...new Set(workloads.map(({ namespace }) => namespace))];
  const inNamespaces = namespaces.flatMap((namespace): Case[] => {
    const there = workloads.filter((one) => one.namespace === namespace);
    const pods = there.flatMap((one) => one.pods.map((pod) => id(namespace, 'Pod', pod)));
    const deployments = there.map(({ name }) => id(namespace, 'Deployment', name));
    const front = there.filter(({ tier }) => tier === 'front').map(({ name }) => id(namespace, 'Deployment', name));
    return [
      { text: `How many pods are there in namespace ${namespace}?`, truth: [String(pods.length)], cites: pods },
      { text: `Which pods are there in ${namespace}?`, truth: pods, cites: pods },
      { text: `List all Deployments in namespace ${namespace}`, truth: deployments, cites: deployments },
      { text: `list deployments with label tier=front in ${namespace}`, truth: front, cites: front },
      { text: `How many Deployments with label tier=front in the ${namespace} namespace?`, truth: [String(front.length)], cites: front },
    ];
  });
  const aboutWorkloads = workloads.flatMap((one): Case[] => {
    const { namespace, name, configMap, image } = one;
    const self = id(namespace, 'Deployment', name);
    const users = workloads.filter((other) => other.namespace === namespace && other.configMap === configMap);
    const hit = users.flatMap((user) => user.pods.map((pod) => id(namespace, 'Pod', pod)));
    return [
      { text: `What image does Deployment ${name} use?`, truth: [image], cites: [self] },
      {
        text: `Which Deployments depend on ConfigMap ${namespace}/${configMap}?`,
        truth: users.map((user) => id(namespace, 'Deployment', user.name)),
        cites: [id(namespace, 'ConfigMap', configMap)],
      },
      { text: `Which pods would be hit by a failure of ConfigMap ${configMap} in namespace ${namespace}?`, truth: hit, cites: hit },
      {
        text: `What ConfigMaps does Deployment ${namespace}/${name} depend on?`,
        truth: [id(namespace, 'ConfigMap', configMap)],
        cites: [self],
      },
      { text: `Who owns Deployment ${name}?`, truth: [], cites: [self] },
    ];
  });
  return [...inNamespaces, ...aboutWorkloads];
}

describe('questions about generated estates', async () => {
  const estates = await Promise.all([1, 2, 3].map((seed) => makeEstate(seed, 8)));
  const cases = estates.flatMap((estate) => questions(estate).map((one) => ({ ...one, reader: estate.reader })));

  test('there are more than a hundred', () => expect(cases.length).toBeGreaterThan(100));

  test.each(cases)('$text', async ({ text, truth, cites, reader }) => {
    const { answer, readBy } = await ask({ text, reader }, testContext());
    if (answer.state !== 'answered') throw new Error(JSON.stringify(answer));
    expect([...answer.values].sort()).toEqual([...truth].sort());
    for (const cited of cites) expect(answer.cites).toContain(cited);
    expect(readBy).toBe('forms');
  });
});

test('two people with different namespaces never see a name of the other', async () => {
  const { reader, workloads } = await makeEstate(4, 14);
  const [red, blue] = ['team-red', 'team-blue'].map((namespace) => (item: string) => item.includes(`/${namespace}/`));
  const names = (namespace: string) => workloads.filter((one) => one.namespace === namespace).map(({ name }) => name);
  for (const [mayRead, others] of [
    [red, names('team-blue')],
    [blue, names('team-red')],
  ] as const) {
    for (const { text } of questions({ reader, workloads })) {
      const { answer } = await ask({ text, reader, mayRead }, testContext());
      for (const name of others) expect(JSON.stringify(answer)).not.toContain(`/${name}"`);
    }
  }
});

test('a question in free words is read by a model, and answered by the graph', async () => {
  const { reader, workloads } = await makeEstate(5, 6);
  const [one] = workloads;
  const model = createScriptedModel({ replies: [`{"ask":"column","items":{"kind":"Deployment","name":"${one?.name}"},"column":"image"}`] });
  const answer = await ask({ text: `tell me about the container thing of ${one?.name}, please`, reader, model }, testContext());
  expect(answer).toMatchObject({ readBy: 'model', answer: { state: 'answered', values: [one?.image] } });
});

test('what was not read completely is unknown, and a question nobody understands is unclear', async () => {
  const { reader } = await makeEstate(6, 3);
  const partial = {
    ...reader,
    items: (filter: Parameters<typeof reader.items>[0]) => ({
      ...reader.items(filter),
      coverage: [{ kind: 'Pod', state: 'forbidden' as const, reason: 'no rights' }],
    }),
  };
  expect((await ask({ text: 'How many pods in team-red?', reader: partial }, testContext())).answer).toMatchObject({
    state: 'unknown',
    why: expect.stringContaining('no rights'),
  });
  expect((await ask({ text: 'Sing a song', reader }, testContext())).answer.state).toBe('unclear');
});
