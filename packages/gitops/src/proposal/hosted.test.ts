import { type FileEdit, parseFieldPath } from '@tier0/core';
import { ALLOWED, describeProposalWriter, proposalFor, testContext } from '@tier0/core/testing';
import { afterEach, expect, test } from 'vitest';
import { openHosted, removeHosted } from '../forges/fixtures/hosted.ts';
import { createMirror } from '../git/mirror.ts';
import { runKilledWriter } from '../testing/run-killed-writer.ts';
import { createProposalWriter } from './writer.ts';

const context = testContext('2026-01-01T00:00:00.000Z');
const FILE = 'shop/payment.yaml';

afterEach(removeHosted);

async function setUp(dialect: 'github' | 'gitlab' | 'gitea', files: Record<string, string> = {}) {
  const hosted = await openHosted(dialect, {}, { [FILE]: 'spec:\n  limit: 512Mi\n', ...files });
  const { server, repository, forge } = hosted;
  const directory = `${repository.directory}/writer`;
  const mirror = createMirror({ url: server.gitUrl, directory, authorization: server.gitAuthorization('tier0') });
  const edit: FileEdit = {
    ...{ repository: server.gitUrl, file: FILE, document: 0, path: parseFieldPath('spec.limit') },
    ...{ expectOld: '512Mi', value: '1Gi' },
  };
  return { ...hosted, mirror, edit, writer: createProposalWriter({ mirror, forge }) };
}

for (const dialect of ['github', 'gitlab', 'gitea'] as const) {
  describeProposalWriter(`${dialect} over HTTP`, async () => {
    const { server, repository, writer, edit } = await setUp(dialect);
    let edits = 0;
    return {
      writer,
      edit,
      baseBranch: 'main',
      read: async () => (await repository.read('main', FILE)) ?? '',
      commitAsPerson: async (branch) =>
        void (await repository.commit(branch, { [FILE]: `${await repository.read(branch, FILE)}more: ${++edits}\n` })),
      closeAsPerson: (number) => server.closeAsPerson(number, 'ada'),
      async merge(number) {
        await server.review(number, { reviewer: 'ada', state: 'approved' });
        return server.merge(number, 'ada');
      },
    };
  });

  test(`${dialect}: the owners of the changed file are asked, and an unchanged pull request is written to no more`, async () => {
    const at = await setUp(dialect, {
      CODEOWNERS: dialect === 'gitea' ? '!shop/.* @grace\nshop/.* @ada @tier0\n' : '* @grace\n/shop/ @ada @tier0\n',
    });
    const proposal = proposalFor(at.edit, 'main');
    expect((await at.writer.propose({ proposal, gate: ALLOWED }, context)).status).toBe('created');
    expect((await at.server.pulls())[0]).toMatchObject({ reviewers: ['ada'], labels: ['tier0', 'tier0/risk:low'] });
    const before = at.server.requests.length;
    expect((await at.writer.propose({ proposal, gate: ALLOWED }, context)).status).toBe('adopted');
    expect(at.server.requests.slice(before).filter((request) => request.method !== 'GET' && !/git-upload-pack/.test(request.path))).toEqual(
      [],
    );
  });

  test(`${dialect}: what a person closed stays closed, also while lists still show it open`, async () => {
    const at = await setUp(dialect);
    const proposal = proposalFor(at.edit, 'main');
    await at.writer.propose({ proposal, gate: ALLOWED }, context);
    await at.server.closeAsPerson(1, 'ada');
    at.server.faults.add({ kind: 'stale', method: 'GET', path: /(?:pulls|merge_requests)\?/, times: 5 });
    expect((await at.writer.propose({ proposal, gate: ALLOWED }, context)).status).toBe('closed-by-human');
    expect(await at.server.pulls()).toHaveLength(1);
  });

  test.each(['push', 'create'])(`${dialect}: a run killed after %s is continued by the next one`, async (step) => {
    const at = await setUp(dialect);
    const proposal = proposalFor(at.edit, 'main');
    const place = { url: at.server.gitUrl, directory: `${at.repository.directory}/killed` };
    expect(await runKilledWriter({ ...place, server: { kind: dialect, apiUrl: at.server.apiUrl } }, proposal, step)).toBe('SIGKILL');
    expect((await at.writer.propose({ proposal, gate: ALLOWED }, context)).status).toBe('adopted');
    expect(await at.server.pulls()).toMatchObject([{ state: 'open', labels: ['tier0', 'tier0/risk:low'] }]);
  });

  test(`${dialect}: a run cut off before the owners were asked asks them the next time`, async () => {
    const at = await setUp(dialect, { CODEOWNERS: dialect === 'gitea' ? '.* @ada\n' : '* @ada\n' });
    const proposal = proposalFor(at.edit, 'main');
    // GitLab is asked who the owner is, and a question that is cut off is asked three times.
    at.server.faults.add({ kind: 'cut-before', path: /requested_reviewers|\/users\?/, times: dialect === 'gitlab' ? 3 : 1 });
    await expect(at.writer.propose({ proposal, gate: ALLOWED }, context)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect((await at.writer.propose({ proposal, gate: ALLOWED }, context)).status).toBe('adopted');
    expect(await at.server.pulls()).toMatchObject([{ reviewers: ['ada'], labels: ['tier0', 'tier0/risk:low'] }]);
  });
}
