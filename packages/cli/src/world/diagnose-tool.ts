import { type Matter, toDiagnosisText } from '@tier0/agents';
import { type AnyTool, defineTool } from '@tier0/agents/loop';
import type { OperationsWorld } from '@tier0/agents/tools';
import { z } from 'zod';
import { diagnoseWorld } from '../operations/diagnose.ts';

const PLAIN = { strong: same, dim: same, bad: same, good: same };

/**
 * The whole diagnosis as a tool: root causes with rehearsed remedies. It takes seconds to minutes, so a client that can come back gets a task.
 * A caller who is bounded hears of causes that stand at what it may read; logs are not read for it.
 */
export function diagnoseTool({ reader, mayRead }: OperationsWorld, matters: readonly Matter[]): AnyTool {
  return defineTool({
    name: 'diagnose_cluster',
    description: 'Names the root causes of what is broken, with evidence and rehearsed remedies. Takes a while.',
    input: z.strictObject({ namespace: z.string().max(63).optional() }),
    risk: 'read',
    task: 'optional',
    run: async ({ namespace }, { report, signal, now }) => {
      const told = (line: string, count?: { readonly done: number; readonly all: number }) => {
        report?.(count ? `${line}, ${count.done} of ${count.all}` : line);
      };
      const options = { matters, mayRead, namespace, onProgress: told };
      const { document, diagnosis } = await diagnoseWorld({ reader: reader() }, options, { signal, now });
      const cites = diagnosis.causes.flatMap(({ rootCause }) => [rootCause.subject, ...rootCause.evidenceFor]);
      return { text: toDiagnosisText(document, { style: PLAIN, width: 120, verbose: false }), cites: [...new Set(cites)] };
    },
  });
}

function same(text: string): string {
  return text;
}
