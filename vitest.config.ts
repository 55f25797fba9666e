import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { conditions: ['tier0-source'] },
  ssr: { resolve: { conditions: ['tier0-source'], externalConditions: ['tier0-source'] } },
  test: {
    include: [
      'packages/*/src/**/*.test.ts',
      'arch/**/*.test.ts',
      'scripts/**/*.test.ts',
      'bench/**/*.test.ts',
      'scenarios/author/**/*.test.ts',
    ],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    maxWorkers: 2,
  },
});
