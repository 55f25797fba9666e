import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { playInTest } from '../testing/play-in-test.ts';
import { fastBadImage } from '../testing/scenario-copy.ts';
import { removeFolders, temporaryFolder } from '../testing/temporary-folder.ts';
import { createTestEnvironment } from '../testing/test-environment.ts';
import { whatRemains } from '../testing/what-remains.ts';

const PATIENCE_MS = 60_000;
afterAll(removeFolders);

test(
  'a person at the terminal reads the pull request, says y, and the incident is resolved',
  async () => {
    const out = join(await temporaryFolder(), 'out');
    const shown: string[] = [];
    const questions: string[] = [];
    const environment = {
      ...createTestEnvironment(),
      stderr: (text: string) => void shown.push(text),
      ask: async (question: string) => {
        questions.push(question);
        return 'y';
      },
    };
    const ending = await playInTest({ scenario: await fastBadImage(), out, interactive: true }, {}, environment);
    expect(ending.status).toBe('resolved');
    expect(questions).toEqual([expect.stringContaining('Approve pull request #1 as lea?')]);
    expect(shown.join('')).toContain('registry.example/shop/checkout:3.9.1');
    const remains = await whatRemains(out);
    expect(remains).toMatchObject({ pullRequests: 1, merges: 1, branches: [] });
    expect(remains.state.results.decide).toMatchObject({ status: 'merged', approvals: [{ approver: 'lea' }] });
  },
  PATIENCE_MS,
);

test.each([
  ['no, not tonight', 'lea rejected the pull request: no, not tonight'],
  ['', 'lea rejected the pull request: Not approved at the terminal.'],
  ['n', 'lea rejected the pull request: Not approved at the terminal.'],
])(
  'a person who answers "%s" closes the pull request, and people get the incident with that reason',
  async (answer, reason) => {
    const out = join(await temporaryFolder(), 'out');
    const ending = await playInTest({ scenario: await fastBadImage(), out, interactive: true }, {}, createTestEnvironment(answer));
    expect(ending).toMatchObject({ status: 'handed-over', reason });
    const remains = await whatRemains(out);
    expect(remains).toMatchObject({ pullRequests: 1, merges: 0, commits: 1 });
    expect(remains.handOvers).toMatchObject([{ body: expect.stringContaining(reason) }]);
    expect(remains.audit.records.find((record) => record.action === 'rejected')).toMatchObject({ actor: 'lea' });
  },
  PATIENCE_MS,
);
