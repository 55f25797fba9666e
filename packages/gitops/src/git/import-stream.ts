import { randomUUID } from 'node:crypto';
import type { CommitRequest } from './mirror.ts';
import { plainName } from './names.ts';

/** The commit as `git fast-import` reads it: one process instead of five. Its id is asked for, and no ref is left behind. */
export function importStream(request: CommitRequest, modes: ReadonlyMap<string, string>): Buffer {
  const scratch = `refs/tier0-scratch/${randomUUID()}`;
  const date = Math.floor(Date.parse(request.date) / 1000);
  const identity = `${plainName(request.author.name)} <${plainName(request.author.email)}> ${date} +0000`;
  const [parent, ...merged] = request.parents;
  const head = [`commit ${scratch}`, 'mark :1', `author ${identity}`, `committer ${identity}`].join('\n');
  const parents = [...(parent ? [`from ${parent}\n`] : []), ...merged.map((commit) => `merge ${commit}\n`)].join('');
  const parts: (string | Uint8Array)[] = [`${head}\n`, ...dataOf(request.message), parents];
  for (const [path, content] of request.files) {
    if (content === undefined) parts.push(`D ${quotePath(path)}\n`);
    else parts.push(`M ${modes.get(path) ?? '100644'} inline ${quotePath(path)}\n`, ...dataOf(content));
  }
  parts.push(`\nget-mark :1\nreset ${scratch}\nfrom ${'0'.repeat(40)}\n\ndone\n`);
  return Buffer.concat(parts.map((part) => Buffer.from(part as string)));
}

function dataOf(content: string | Uint8Array): readonly (string | Uint8Array)[] {
  const bytes = Buffer.from(content as string);
  return [`data ${bytes.length}\n`, bytes, '\n'];
}

function quotePath(path: string): string {
  return `"${path.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')}"`;
}
