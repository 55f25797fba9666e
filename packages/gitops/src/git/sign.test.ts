import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isTier0Error } from '@tier0/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anyContext, createTestRepository, type TestRepository } from '../testing/repository.ts';
import { runGit } from './git.ts';
import { createSshSigner } from './sign.ts';

const context = anyContext();
/** Git leaves the checking of SSH signatures to ssh-keygen. */
const canVerify = spawnSync('ssh-keygen', ['-?']).error === undefined;
const { privateKey } = generateKeyPairSync('ed25519');
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
let repository: TestRepository;

beforeAll(async () => {
  repository = await createTestRepository({ 'a.txt': 'one\n' });
});
afterAll(() => repository.remove());

async function signedCommit(signer = createSshSigner({ privateKey: pem })) {
  const { mirror } = repository;
  const main = (await mirror.resolve('main', context)) as string;
  const author = { name: 'tier0', email: 'tier0@example.com' };
  const files = new Map([['a.txt', 'two\n']]);
  return mirror.commitFiles(
    { parents: [main], files, message: 'Change\n\nWhy.\n', author, date: '2026-11-22T10:00:00.000Z', signer },
    context,
  );
}

async function verify(commit: string, publicKey: string) {
  const allowed = join(repository.directory, 'allowed');
  await writeFile(allowed, `tier0@example.com ${publicKey}\n`);
  const config = ['-c', 'gpg.format=ssh', '-c', `gpg.ssh.allowedSignersFile=${allowed}`];
  await repository.mirror.push(
    [{ ref: 'refs/tier0/signed', commit, expected: await repository.mirror.resolve('refs/tier0/signed', context) }],
    context,
  );
  return runGit({ args: [...config, 'verify-commit', commit], directory: repository.url, answers: [0, 1, 128, 255] });
}

describe('a signed commit', () => {
  test.skipIf(!canVerify)('is one that git verify-commit accepts, for this key and no other', async () => {
    const signer = createSshSigner({ privateKey: pem });
    const commit = await signedCommit(signer);
    const good = await verify(commit, signer.publicKey);
    expect(`${good.exitCode} ${good.stderr}`).toMatch(/^0 Good "git" signature for tier0@example\.com with ED25519 key/);
    const stranger = createSshSigner({ privateKey: generateKeyPairSync('ed25519').privateKey });
    expect((await verify(commit, stranger.publicKey)).exitCode).not.toBe(0);
  });

  test('has the same id every time, and says the same as an unsigned one', async () => {
    const commit = await signedCommit();
    expect(await signedCommit()).toBe(commit);
    expect(await signedCommit(createSshSigner({ privateKey }))).toBe(commit);
    expect(await repository.mirror.readCommit(commit, context)).toMatchObject({ message: 'Change\n\nWhy.', authorName: 'tier0' });
  });

  test.skipIf(!canVerify)('that was changed afterwards is not accepted', async () => {
    const signer = createSshSigner({ privateKey: pem });
    const commit = await signedCommit(signer);
    await verify(commit, signer.publicKey);
    const bytes = (await runGit({ args: ['cat-file', 'commit', commit], directory: repository.url })).stdout.toString('utf8');
    const args = ['hash-object', '-t', 'commit', '-w', '--stdin'];
    const forged = (await runGit({ args, directory: repository.url, input: bytes.replace('Why.', 'No.') })).stdout.toString('utf8').trim();
    const config = ['-c', 'gpg.format=ssh', '-c', `gpg.ssh.allowedSignersFile=${join(repository.directory, 'allowed')}`];
    const answer = await runGit({ args: [...config, 'verify-commit', forged], directory: repository.url, answers: [0, 1, 128, 255] });
    expect(answer.exitCode).not.toBe(0);
  });
});

test.each([
  ['an RSA key', generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey],
  ['a public key', generateKeyPairSync('ed25519').publicKey],
  ['something else', 'hunter2-is-not-a-key'],
])('%s signs nothing, and is not repeated in the error', (_name, key) => {
  try {
    createSshSigner({ privateKey: key });
    expect.unreachable();
  } catch (error) {
    expect(isTier0Error(error) && error.code).toBe('INVALID_INPUT');
    expect(String(error)).not.toContain('hunter2');
  }
});
