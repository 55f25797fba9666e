/** A file before and after; undefined where it is not there. */
export interface DiffedFile {
  readonly path: string;
  readonly before: Uint8Array | undefined;
  readonly after: Uint8Array | undefined;
}

const CONTEXT_LINES = 3;

/**
 * Unified diff of one file. All changes are shown as one hunk from the first changed line to the last: right, if longer than git's where
 * two changes are far apart.
 */
export function unifiedDiff({ path, before, after }: DiffedFile): string {
  const head = [
    `diff --git a/${path} b/${path}`,
    ...(before ? [] : ['new file mode 100644']),
    ...(after ? [] : ['deleted file mode 100644']),
  ];
  if (before?.includes(0) || after?.includes(0)) return `${head.join('\n')}\nBinary files a/${path} and b/${path} differ\n`;
  const [old, now] = [linesOf(before), linesOf(after)];
  let start = 0;
  while (start < old.length && start < now.length && old[start] === now[start]) start++;
  let end = 0;
  while (end < old.length - start && end < now.length - start && old[old.length - 1 - end] === now[now.length - 1 - end]) end++;
  const from = Math.max(start - CONTEXT_LINES, 0);
  const tail = Math.min(end, CONTEXT_LINES);
  const spanOf = (lines: readonly string[]) => {
    const length = lines.length - end + tail - from;
    return length === 0 ? '0,0' : length === 1 ? `${from + 1}` : `${from + 1},${length}`;
  };
  const hunk = [
    ...old.slice(from, start).map((line) => ` ${line}`),
    ...old.slice(start, old.length - end).map((line) => `-${line}`),
    ...now.slice(start, now.length - end).map((line) => `+${line}`),
    ...old.slice(old.length - end, old.length - end + tail).map((line) => ` ${line}`),
  ];
  const names = [`--- ${before ? `a/${path}` : '/dev/null'}`, `+++ ${after ? `b/${path}` : '/dev/null'}`];
  return `${[...head, ...names, `@@ -${spanOf(old)} +${spanOf(now)} @@`].join('\n')}\n${hunk.join('')}`;
}

/** Lines with their ends; the last one says so when it has none, as git does. */
function linesOf(bytes: Uint8Array | undefined): readonly string[] {
  const lines =
    Buffer.from(bytes ?? [])
      .toString('utf8')
      .match(/[^\n]*\n|[^\n]+$/g) ?? [];
  return lines.map((line) => (line.endsWith('\n') ? line : `${line}\n\\ No newline at end of file\n`));
}
