import type { CommitFacts, TreeFile } from './mirror.ts';
import { refuseHostileTree } from './names.ts';

/** Mode of a folder in a tree. */
export const FOLDER = '040000';

/** Six fields of each commit, each ended by a NUL, which no field can contain. */
export const COMMIT_FORMAT = ['-z', '--no-show-signature', '--format=%P%x00%T%x00%an%x00%ae%x00%cI%x00%B'];

export function parseCommits(log: string): readonly CommitFacts[] {
  const fields = log.split('\0').slice(0, -1);
  return Array.from({ length: fields.length / 6 }, (_, index) => {
    const [parents = '', tree = '', authorName = '', authorEmail = '', date = '', message = ''] = fields.slice(index * 6, index * 6 + 6);
    return { parents: parents.split(' ').filter(Boolean), tree, authorName, authorEmail, date, message: message.trimEnd() };
  });
}

export function parseTree(listing: string): readonly TreeFile[] {
  return listing
    .split('\0')
    .filter(Boolean)
    .map((line) => {
      const tab = line.indexOf('\t');
      const [facts, path] = [line.slice(0, tab), line.slice(tab + 1)];
      refuseHostileTree(path);
      const [mode = '', , blob = ''] = facts.split(' ');
      return { path, mode, blob };
    });
}

export function parseBatch(output: Buffer): ReadonlyMap<string, Uint8Array> {
  const blobs = new Map<string, Uint8Array>();
  let offset = 0;
  while (offset < output.length) {
    const end = output.indexOf(10, offset);
    const [id = '', type = '', size = '0'] = output.subarray(offset, end).toString('latin1').split(' ');
    if (type === 'missing') {
      offset = end + 1;
      continue;
    }
    blobs.set(id, output.subarray(end + 1, end + 1 + Number(size)));
    offset = end + 1 + Number(size) + 1;
  }
  return blobs;
}
