#!/usr/bin/env node
// Makes docs/rules.md from the tables of rule codes and conditions. Usage: node --conditions=tier0-source scripts/rule-docs.mjs
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rulesDocument } from '../packages/agents/src/conditions/rules-document.ts';

const target = join(dirname(dirname(fileURLToPath(import.meta.url))), 'docs/rules.md');
const text = rulesDocument();
writeFileSync(target, text);
process.stdout.write(`docs/rules.md: ${text.split('\n').length} lines\n`);
