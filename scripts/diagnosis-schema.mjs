#!/usr/bin/env node
// Makes docs/schemas/tier0.diagnosis.v1.json from the schema in code. Usage: node --conditions=tier0-source scripts/diagnosis-schema.mjs
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { diagnosisJsonSchema } from '../packages/agents/src/report/diagnosis-document.ts';

const target = join(dirname(dirname(fileURLToPath(import.meta.url))), 'docs/schemas/tier0.diagnosis.v1.json');
mkdirSync(dirname(target), { recursive: true });
writeFileSync(target, `${JSON.stringify(diagnosisJsonSchema(), null, 2)}\n`);
