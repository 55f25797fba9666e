import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What kubectl and Helm read in each text (sigs.k8s.io/yaml), document by document; undefined where Go cannot build the reader. */
export function readWithGo(texts: readonly string[]): readonly (readonly unknown[] | null)[] | undefined {
  const program = join(mkdtempSync(join(tmpdir(), 'tier0-go-reader-')), 'go-reader');
  try {
    execFileSync('go', ['build', '-o', program, '.'], { cwd: join(import.meta.dirname, 'go-reader'), stdio: 'pipe' });
  } catch {
    return undefined;
  }
  const input = texts.map((text) => `${JSON.stringify(text)}\n`).join('');
  const { stdout, stderr, status } = spawnSync(program, { input, maxBuffer: 1 << 30, encoding: 'utf8' });
  if (status !== 0) throw new Error(`go-reader failed: ${stderr.slice(0, 500)}`);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as readonly unknown[] | null);
}
