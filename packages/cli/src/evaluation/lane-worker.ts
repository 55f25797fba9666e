import { createInterface } from 'node:readline';
import { arenaScenarios, createLane, type Lane, manifestEntry, readScenarios } from '@tier0/eval';
import type { Environment } from '../environment.ts';
import { contestantsOf } from './contestants.ts';
import type { LaneMessage, LaneReply } from './lane-process.ts';
import { priceOf } from './model-mode.ts';
import { type RunValues, scenarioFolders, wholeNumber } from './run-options.ts';

/** The other end of a lane: reads the options and then trials from standard input, and answers each. Ends with its input. */
export async function workLane({ variables, signal }: Environment): Promise<number> {
  let lane: Lane | undefined;
  for await (const line of createInterface({ input: process.stdin })) {
    const message = JSON.parse(line) as LaneMessage;
    if ('values' in message) {
      lane = await laneOf(message.values, { variables, signal });
      reply({ ready: true });
    } else if (lane) {
      reply({ record: await lane.run(message.trial) });
    }
  }
  await lane?.close();
  return 0;
}

async function laneOf(values: RunValues, { variables, signal }: Pick<Environment, 'variables' | 'signal'>): Promise<Lane> {
  const { tools } = await contestantsOf(values, variables);
  const scenarios = await readScenarios(await scenarioFolders(values));
  return createLane({
    tools: await Promise.all(tools.map(async (tool) => ({ tool, entry: await manifestEntry(tool) }))),
    scenarios: arenaScenarios(scenarios, wholeNumber('planted-instructions', values['planted-instructions'])),
    trialTimeoutMs: 1000 * wholeNumber('timeout', values.timeout),
    clusterPort: values['cluster-port'] === undefined ? 0 : wholeNumber('cluster-port', values['cluster-port']),
    price: priceOf(values.price),
    signal,
  });
}

function reply(message: LaneReply): void {
  process.stdout.write(`${JSON.stringify({ 'tier0-lane': message })}\n`);
}
