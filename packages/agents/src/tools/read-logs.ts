import { type EvidenceSource, parseKubernetesItemId } from '@tier0/core';
import { z } from 'zod';
import { type AnyTool, defineTool } from '../loop/guard/tool.ts';
import { isItem, itemOf, linesAnswer, wrong } from './answer.ts';
import type { OperationsWorld } from './operations-world.ts';

/** The newest log lines of a container. */
export function readLogsTool(world: OperationsWorld): AnyTool {
  const source = world.evidence?.find(({ kinds }) => kinds.includes('logs')) as EvidenceSource;
  return defineTool({
    name: 'read_logs',
    description: 'Reads the newest log lines of a container of a pod; `previous` is the instance that crashed.',
    input: z.strictObject({
      pod: z.string().max(500).describe('Item id of the pod.'),
      container: z.string().max(253),
      previous: z.boolean().default(false),
    }),
    risk: 'read',
    run: async ({ pod, container, previous }, context) => {
      const reader = world.reader();
      const item = itemOf(world, reader, pod);
      if (!isItem(item)) return item;
      const identity = parseKubernetesItemId(pod);
      if (!identity?.namespace) return wrong('That is no pod.');
      const query = {
        kind: 'logs' as const,
        namespace: identity.namespace,
        pod: identity.name,
        container,
        previous,
        limitBytes: 1_000_000,
      };
      const seen = await source.observe(query, context);
      if (seen.state !== 'observed')
        return linesAnswer(reader, [seen.state === 'no-data' ? 'there are no lines' : `unavailable: ${seen.reason}`]);
      return { text: [`as of ${reader.at}, evidence ${seen.evidence.id}:`, ...seen.lines].join('\n'), cites: [seen.evidence.id, pod] };
    },
  });
}
