/** First line of each file that a unified diff changes, as the file is numbered afterwards, from 1. */
export function changedLines(diff: string): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  let file = '';
  let at = 0;
  for (const line of diff.split('\n')) {
    const [, name] = /^\+\+\+ (?:b\/)?(.+?)\t?$/.exec(line) ?? [];
    const [, start] = /^@@ -\S+ \+(\d+)/.exec(line) ?? [];
    if (name !== undefined && at === 0) file = name;
    else if (start !== undefined) at = Number(start);
    else if (/^diff --git /.test(line)) at = 0;
    else if (at > 0) {
      if (/^[+-]/.test(line) && !found.has(file)) found.set(file, at);
      if (!line.startsWith('-') && !line.startsWith('\\')) at += 1;
    }
  }
  return found;
}
