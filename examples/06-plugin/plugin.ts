// One source, one rule and one tool of our own: who is on call.
import type { CodeEntry } from '@tier0/agents';
import { defineTool } from '@tier0/agents/loop';
import { type ConfigurationItem, digestOf, type InventorySource, makeEvidence } from '@tier0/core';
import { definePlugin } from 'tier0';
import { z } from 'zod';

const rota: InventorySource = {
  name: 'rota',
  async discover({ now }) {
    const observedAt = new Date(now()).toISOString();
    const sources = [{ name: 'rota', observedAt }];
    const items = Object.entries({ shop: 'ada', billing: 'linus' }).map(([team, onCall]) => {
      const facts = { kind: 'Rota', name: team, scope: 'rota', columns: { onCall } };
      return { id: `rota:${team}`, ...facts, digest: digestOf(facts), identifiers: [], sources, observedAt };
    });
    const coverage = [{ kind: 'Rota', state: 'complete' as const }];
    return { scope: 'rota', contract: 'snapshot', items, relations: [], objects: new Map(), coverage, changes: [], observedAt };
  },
};

const told = { title: 'A Deployment says no team', meaning: 'Our rota finds who is on call by the label "team".', fix: 'Add the label.' };
const unlabelled: CodeEntry = { ...told, severity: 'hygiene', cause: 'needs-investigation', depth: 0 };

function judge({ id, columns }: ConfigurationItem, atMs: number) {
  if (columns['label:team'] !== undefined) return [];
  const evidence = makeEvidence({ source: 'acme', query: 'labels', fromMs: atMs, toMs: atMs, text: 'no label "team"' });
  return [{ code: 'T0-ACME-001', subject: id, message: 'It says no team.', evidence: [evidence] }];
}

export default definePlugin({
  api: 1,
  name: 'acme',
  sources: [rota],
  matters: [
    {
      name: 'acme',
      codes: { 'T0-ACME-001': unlabelled },
      rules: [{ name: 'team', check: ({ at, items }) => items({ kind: 'Deployment' }).items.flatMap((one) => judge(one, Date.parse(at))) }],
      levers: {},
      remedies: {},
    },
  ],
  tools: ({ reader, mayRead = () => true }) => [
    defineTool({
      name: 'show_rota',
      description: 'Says who is on call for a team.',
      input: z.strictObject({ team: z.string() }),
      risk: 'read',
      run: async ({ team }) => {
        const found = mayRead(`rota:${team}`) ? reader().get(`rota:${team}`) : undefined;
        return { text: found?.state === 'found' ? `${found.item.columns.onCall} is on call for ${team}` : 'nobody is known' };
      },
    }),
  ],
});
