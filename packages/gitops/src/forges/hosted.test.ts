import { describeForge } from '@tier0/core/testing';
import { afterEach } from 'vitest';
import { openHosted, removeHosted } from './fixtures/hosted.ts';

afterEach(removeHosted);

for (const dialect of ['github', 'gitlab', 'gitea'] as const) {
  describeForge(`${dialect}, on a strict server`, async () => {
    const { forge, repository, server } = await openHosted(dialect);
    let pushes = 0;
    return {
      forge,
      baseBranch: 'main',
      push: (branch) => repository.commit(branch, { [`${branch}.txt`]: `${++pushes}\n` }, 'tier0'),
      async review(number, review) {
        await server.review(number, review);
        if (review.state === 'approved') await server.merge(number, review.reviewer).catch(() => undefined);
      },
      closeAsPerson: (number, by) => server.closeAsPerson(number, by),
    };
  });
}
