// The shop of scenarios/written/bad-image with two more mistyped images: three faults at once, none of which is the cause of another.
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const SHOP = 'repo/clusters/production/shop';
/** What somebody committed, by workload: the tag that stands in the repository, and the one that was meant. */
const TYPOS: Readonly<Record<string, readonly [meant: RegExp, typed: string]>> = {
  recommendations: [/(shop\/recommendations:)[\w.]+/, '$10.8.O'],
  'orders-worker': [/(shop\/orders-worker:)[\w.]+/, '$11.9.O'],
};

/** Writes the scenario into a folder. */
export async function writeThreeFaults(original: string, folder: string): Promise<void> {
  await cp(original, folder, { recursive: true });
  const missing: string[] = [];
  for (const [workload, [meant, typed]] of Object.entries(TYPOS)) {
    const file = join(folder, SHOP, `${workload}.yaml`);
    const text = (await readFile(file, 'utf8')).replace(meant, typed);
    await writeFile(file, text);
    missing.push(...(text.match(/registry\.example\/shop\/[\w-]+:[\w.]+O\b/g) ?? []));
  }
  const meta = JSON.parse(await readFile(join(folder, 'meta.json'), 'utf8')) as { missingImages: string[] };
  await writeFile(join(folder, 'meta.json'), JSON.stringify({ ...meta, missingImages: [...meta.missingImages, ...missing] }));
}
