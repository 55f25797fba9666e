import { describeCmdbStore, describeObjectStore } from '@tier0/core/testing';
import { createMemoryCmdbStore, createMemoryObjectStore } from './memory.ts';

describeCmdbStore('memory', createMemoryCmdbStore);
describeObjectStore('memory', createMemoryObjectStore);
