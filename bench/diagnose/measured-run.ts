import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { toDiagnosisDocument } from '@tier0/agents';
import { diagnoseFolder } from './diagnose-folder.ts';

/** Runs in a process of its own: one subject, one recording, and says on stdout what it took. */
const [subject = '', directory = ''] = process.argv.slice(2);
const cpu = process.cpuUsage();
const startedAt = performance.now();
const found = subject === 'tier0' ? await withTier0() : onlyParsed();
const { user, system } = process.cpuUsage(cpu);
const report = {
  found,
  cpuMs: (user + system) / 1000,
  wallMs: performance.now() - startedAt,
  rssMb: process.resourceUsage().maxRSS / 1024,
};
process.stdout.write(`${JSON.stringify(report)}\n`);

async function withTier0(): Promise<number> {
  const context = { signal: new AbortController().signal, now: () => Date.now() };
  const { reader, diagnosis } = await diagnoseFolder(directory, context, { remedies: false });
  return toDiagnosisDocument(diagnosis, reader).rootCauses.length;
}

/** The floor: reading the same bytes into objects, and nothing else. */
function onlyParsed(): number {
  const files = readdirSync(join(directory, 'cluster'));
  return files.reduce((sum, file) => sum + JSON.parse(readFileSync(join(directory, 'cluster', file), 'utf8')).items.length, 0);
}
