import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeCmdbStore, describeObjectStore } from '@tier0/core/testing';
import { afterAll, onTestFinished } from 'vitest';
import { createMemoryCmdbStore, createMemoryObjectStore } from './memory.ts';
import { createSqliteCmdbStore, createSqliteObjectStore } from './sqlite.ts';

const folder = mkdtempSync(join(tmpdir(), 'tier0-stores-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;

/** A store on a file of its own, closed after the test. */
function opened<T extends { close?(): Promise<void> }>(make: (file: string) => T): T {
  const store = make(join(folder, `${++files}.db`));
  onTestFinished(() => store.close?.());
  return store;
}

describeCmdbStore('memory', createMemoryCmdbStore);
describeObjectStore('memory', createMemoryObjectStore);
describeCmdbStore('sqlite', () => opened((file) => createSqliteCmdbStore({ file })));
describeObjectStore('sqlite', () => opened((file) => createSqliteObjectStore({ file })));
