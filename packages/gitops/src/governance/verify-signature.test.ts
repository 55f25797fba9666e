import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createMemoryRepository } from '../git/memory.ts';
import { createSshSigner } from '../git/sign.ts';
import { anyContext } from '../testing/repository.ts';
import { parseAllowedSigners, verifyCommit } from './verify-signature.ts';

const context = anyContext();
const signer = createSshSigner({ privateKey: generateKeyPairSync('ed25519').privateKey });
const allowed = [{ principal: 'ada@example.com', publicKey: signer.publicKey }];
const repository = createMemoryRepository({ url: 'memory' });

async function signedObject(): Promise<Buffer> {
  const author = { name: 'ada', email: 'ada@example.com' };
  const files = new Map([['a', '1']]);
  const commit = await repository.commitFiles(
    { parents: [], files, message: 'Change\n\nWhy.\n', author, date: '2026-11-22T10:00:00.000Z', signer },
    context,
  );
  return Buffer.from(await repository.readCommitObject(commit, context));
}

describe('a commit signature', () => {
  test('is good for its signer, and unknown where the key is not allowed', async () => {
    const commit = await signedObject();
    expect(verifyCommit(commit, allowed)).toEqual({ status: 'good', principal: 'ada@example.com' });
    expect(verifyCommit(commit, [])).toMatchObject({ status: 'unknown-key' });
  });

  test.each([
    ['the message', 'Why.', 'Why?'],
    ['the author', 'author ada', 'author eve'],
    ['the tree', /tree [0-9a-f]/, 'tree z'],
  ])('does not fit when %s was changed', async (_, from, to) => {
    const forged = (await signedObject()).toString('latin1').replace(from, to);
    expect(verifyCommit(Buffer.from(forged, 'latin1'), allowed)).toMatchObject({ status: 'bad' });
  });

  test('cut short anywhere it is never good, and nothing crashes', async () => {
    const commit = await signedObject();
    for (let length = 0; length < commit.length; length += 7) {
      expect(verifyCommit(commit.subarray(0, length), allowed).status).not.toBe('good');
    }
  });

  test('a signature in the message is none', async () => {
    const text = (await signedObject()).toString('latin1');
    const [signature = ''] = /gpgsig [\s\S]*?END SSH SIGNATURE-----\n/.exec(text) ?? [];
    const moved = `${text.replace(signature, '')}\n${signature}`;
    expect(verifyCommit(Buffer.from(moved, 'latin1'), allowed)).toMatchObject({ status: 'unsigned' });
  });
});

test.skipIf(spawnSync('ssh-keygen', ['-?']).error !== undefined)('what ssh-keygen and git sign is verified', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tier0-sign-'));
  try {
    const run = (command: string, args: readonly string[]) => {
      const result = spawnSync(command, [...args], { cwd: folder, encoding: 'latin1', env: { PATH: process.env.PATH, HOME: folder } });
      if (result.status !== 0) throw new Error(result.stderr);
      return result.stdout;
    };
    run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'grace', '-f', 'key']);
    run('git', ['init', '-q', '.']);
    await writeFile(join(folder, 'a'), '1');
    run('git', ['add', 'a']);
    const identity = [
      '-c',
      'user.name=grace',
      '-c',
      'user.email=grace@example.com',
      '-c',
      'gpg.format=ssh',
      '-c',
      `user.signingkey=${folder}/key`,
    ];
    run('git', [...identity, 'commit', '-q', '-S', '-m', 'signed by git']);
    const commit = Buffer.from(run('git', ['cat-file', 'commit', 'HEAD']), 'latin1');
    const key = await readFile(join(folder, 'key.pub'), 'utf8');
    expect(verifyCommit(commit, parseAllowedSigners(`grace@example.com ${key}`))).toEqual({
      status: 'good',
      principal: 'grace@example.com',
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

describe('allowed signers', () => {
  test('are read with comments, several principals and the namespace of git', () => {
    const text = `# people\n\nada@example.com,ada ${signer.publicKey} laptop\ngrace namespaces="git,file" ${signer.publicKey}\nother namespaces="file" ${signer.publicKey}\n`;
    expect(parseAllowedSigners(text).map((one) => one.principal)).toEqual(['ada@example.com', 'ada', 'grace']);
  });

  test.each(['ada', 'ada ssh-rsa AAAA', `ada cert-authority ${signer.publicKey}`, `ada valid-before="20200101" ${signer.publicKey}`])(
    '%s is refused, not passed over',
    (line) => {
      expect(() => parseAllowedSigners(line)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }));
    },
  );
});
