import type { Matter } from '@tier0/agents';
import type { McpResource } from '@tier0/agents/mcp';
import type { CmdbReader } from '@tier0/core';
import { diagnoseWorld } from '../operations/diagnose.ts';

interface Reading {
  readonly matters: readonly Matter[];
  readonly signal: AbortSignal;
}

const mimeType = 'application/json';

/** What can be read of a cluster by its address: the diagnosis as a document, and every item. Made when it is read. */
export function clusterResources(reader: CmdbReader, { matters, signal }: Reading): readonly McpResource[] {
  return [
    {
      uri: 'tier0://diagnosis',
      name: 'diagnosis',
      description: `Root causes, findings and remedies, as of ${reader.at} (tier0.diagnosis/v1).`,
      mimeType,
      read: async () => {
        const { document } = await diagnoseWorld({ reader }, { matters }, { signal, now: Date.now });
        return JSON.stringify(document);
      },
    },
    {
      uri: 'tier0://items',
      name: 'items',
      description: `Ids of every item by kind, as of ${reader.at}.`,
      mimeType,
      read: async () =>
        JSON.stringify(
          Object.groupBy(
            reader.items({}).items.map(({ id, kind }) => ({ id, kind })),
            ({ kind }) => kind,
          ),
        ),
    },
  ];
}
