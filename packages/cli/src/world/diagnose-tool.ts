import { type ClusterDiagnosis, diagnoseCluster, type Matter, toDiagnosisDocument, toDiagnosisText } from '@tier0/agents';
import { type AnyTool, defineTool } from '@tier0/agents/loop';
import type { OperationsWorld } from '@tier0/agents/tools';
import { z } from 'zod';

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
      const at = reader();
      const told = (line: string, count?: { readonly done: number; readonly all: number }) => {
        report?.(count ? `${line}, ${count.done} of ${count.all}` : line);
      };
      const found = await diagnoseCluster(at, { matters, onProgress: told }, { signal, now });
      const document = toDiagnosisDocument(mayRead ? narrowed(found, mayRead) : found, at, { namespace });
      const cites = found.causes.flatMap(({ rootCause }) => [rootCause.subject, ...rootCause.evidenceFor]);
      return { text: toDiagnosisText(document, { style: PLAIN, width: 120, verbose: false }), cites: [...new Set(cites)] };
    },
  });
}

function narrowed(found: ClusterDiagnosis, mayRead: (item: string) => boolean): ClusterDiagnosis {
  const seen = (ids: readonly string[]) => ids.every(mayRead);
  return {
    ...found,
    findings: found.findings.filter(({ subject, suspects = [], seenOn = [] }) => seen([subject, ...suspects, ...seenOn])),
    causes: found.causes.filter(({ rootCause }) => seen([rootCause.subject, ...rootCause.path])),
    unknowns: [],
  };
}

function same(text: string): string {
  return text;
}
