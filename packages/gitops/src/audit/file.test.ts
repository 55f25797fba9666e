import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AuditEntry } from '@tier0/core';
import { describeAuditLog, testContext } from '@tier0/core/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { createFileAuditLog } from './file.ts';

const context = testContext();
const folders: string[] = [];

afterEach(async () => {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })));
});

async function newFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tier0-audit-'));
  folders.push(folder);
  return join(folder, 'audit.jsonl');
}

function entry(key: string): AuditEntry {
  return { key, at: '2026-01-01T00:00:00.000Z', actor: 'tier0', action: 'proposed', subject: 'inc-a', detail: {} };
}

async function logOf(file: string, count: number) {
  const log = createFileAuditLog({ file });
  for (let index = 1; index <= count; index++) await log.append(entry(`k${index}`), context);
  return log;
}

describeAuditLog('file', async () => {
  const file = await newFile();
  return { log: createFileAuditLog({ file }), reopen: () => createFileAuditLog({ file }) };
});

describe('a chain that was changed', () => {
  const changes: [string, (lines: string[]) => string[], number][] = [
    ['edited', ([a = '', b = '', c = '']) => [a, b.replace('proposed', 'approved'), c], 2],
    ['dropped in the middle', ([a = '', , c = '']) => [a, c], 3],
    ['reordered', ([a = '', b = '', c = '']) => [a, c, b], 3],
    ['doubled', ([a = '', b = '', c = '']) => [a, a, b, c], 1],
    ['cut at the end', ([a = '', b = '']) => [a, b], 3],
    ['not JSON', ([a = '', , c = '']) => [a, '{', c], 2],
  ];
  test.each(changes)('%s: found, and nothing is appended', async (_, change, sequence) => {
    const file = await newFile();
    const log = await logOf(file, 3);
    const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
    const changed = `${change(lines).join('\n')}\n`;
    await writeFile(file, changed);
    expect(await log.verify(context)).toMatchObject({ sound: false, sequence });
    await expect(log.append(entry('k4'), context)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining(`sequence ${sequence}`),
    });
    expect(await readFile(file, 'utf8')).toBe(changed);
  });
});

test('half a line left by a crash is kept aside, and the chain goes on', async () => {
  const file = await newFile();
  await logOf(file, 2);
  await appendFile(file, '{"key":"k3","at":"20');
  const log = createFileAuditLog({ file });
  expect(await log.verify(context)).toMatchObject({ sound: true, records: 2 });
  expect((await log.append(entry('k3'), context)).sequence).toBe(3);
  expect(await readFile(`${file}.torn-1`, 'utf8')).toBe('{"key":"k3","at":"20');
  expect(await log.verify(context)).toMatchObject({ sound: true, records: 3 });
});

test('a line that is half gone although it was acknowledged is no crash but a loss', async () => {
  const file = await newFile();
  const log = await logOf(file, 3);
  await writeFile(file, (await readFile(file, 'utf8')).slice(0, -20));
  await expect(log.append(entry('k4'), context)).rejects.toMatchObject({ code: 'CONFLICT' });
});

test('a crash between record and checkpoint loses neither', async () => {
  const file = await newFile();
  await logOf(file, 2);
  const head = await readFile(`${file}.head`, 'utf8');
  const log = await logOf(file, 3);
  await writeFile(`${file}.head`, head);
  expect(await log.verify(context)).toMatchObject({ sound: true, records: 3 });
  expect((await log.append(entry('k4'), context)).sequence).toBe(4);
});

test('the lock of a process that died is taken over', async () => {
  const file = await newFile();
  const dead = spawn(process.execPath, ['-e', '']);
  await new Promise((resolve) => dead.on('exit', resolve));
  await writeFile(`${file}.lock`, `${dead.pid}\n`);
  const log = await logOf(file, 1);
  expect(await log.verify(context)).toMatchObject({ sound: true, records: 1 });
  expect((await readdir(join(file, '..'))).sort()).toEqual(['audit.jsonl', 'audit.jsonl.head']);
});

test.skipIf(process.platform === 'win32')('a disk that is full in the middle of a write is said, and the log stays sound', async () => {
  const file = await newFile();
  // The kernel's limit on file size stands in for a full disk: the write is cut in the middle, then fails.
  const script = fileURLToPath(new URL('../testing/append-until-full.ts', import.meta.url));
  const command = `trap '' XFSZ; ulimit -f 4; exec "$0" --conditions=tier0-source "$1" "$2"`;
  const child = spawn('sh', ['-c', command, process.execPath, script, file]);
  let said = '';
  child.stdout.on('data', (chunk) => {
    said += chunk;
  });
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  await new Promise((resolve) => child.on('exit', resolve));
  const failure = JSON.parse(said);
  expect(failure).toMatchObject({ code: 'UNAVAILABLE', hint: expect.stringContaining('Free space'), appended: expect.any(Number) });
  const log = createFileAuditLog({ file });
  expect(await log.verify(context)).toMatchObject({ sound: true, records: failure.appended });
  expect((await readFile(file, 'utf8')).split('\n')).toHaveLength(failure.appended + 1);
  expect((await readFile(file, 'utf8')).endsWith('\n')).toBe(true);
  expect((await log.append(entry('after'), context)).sequence).toBe(failure.appended + 1);
});

describe('a log that somebody signs', () => {
  const keys = generateKeyPairSync('ed25519');
  const signer = { name: 'gate', privateKey: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
  const trustedKeys = [{ name: 'gate', publicKey: keys.publicKey.export({ type: 'spki', format: 'pem' }).toString() }];

  test('is sound as far as it is signed', async () => {
    const file = await newFile();
    const log = createFileAuditLog({ file, signer, checkpointEvery: 2, trustedKeys });
    for (const key of ['a', 'b', 'c']) await log.append(entry(key), context);
    expect(await log.verify(context)).toMatchObject({ sound: true, records: 3, signedTo: 2 });
  });

  test.each([
    [
      'written anew by somebody without the key',
      async (file: string) => {
        await rm(`${file}.checkpoints`);
        await rm(`${file}.head`);
        await rm(file);
        await logOf(file, 2);
      },
    ],
    [
      'emptied',
      async (file: string) => {
        for (const end of ['', '.head', '.checkpoints']) await writeFile(file + end, '');
      },
    ],
    ['without its checkpoints', async (file: string) => rm(`${file}.checkpoints`)],
    [
      'cut at its end',
      async (file: string) => {
        const [first] = (await readFile(file, 'utf8')).split('\n');
        await writeFile(file, `${first}\n`);
        await rm(`${file}.head`);
      },
    ],
  ] as const)('%s is not sound for whoever demands a checkpoint', async (_, attack) => {
    const file = await newFile();
    const log = createFileAuditLog({ file, signer, checkpointEvery: 1 });
    for (const key of ['a', 'b']) await log.append(entry(key), context);
    await attack(file);
    expect(await createFileAuditLog({ file, trustedKeys }).verify(context)).toMatchObject({ sound: false });
  });
});
