// node --conditions=tier0-source scenarios/author/write-index.ts [--check]: writes scenarios/INDEX.md, or says that it is not what the folders say.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { scenarioIndex } from './scenario-index.ts';

const home = dirname(import.meta.dirname);
const target = join(home, 'INDEX.md');
const text = await scenarioIndex(home);
if (!process.argv.includes('--check')) writeFileSync(target, text);
else if (readFileSync(target, 'utf8') !== text) {
  process.stderr.write('scenarios/INDEX.md is not what the folders say: run scenarios/author/write-index.ts.\n');
  process.exitCode = 1;
}
