import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuditEntry } from '@tier0/core';
import { testContext } from '@tier0/core/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFileAuditLog } from './file.ts';

const context = testContext();
const { privateKey, publicKey } = newKeys();
const signer = { name: 'auditor', privateKey };
const trustedKeys = [{ name: 'auditor', publicKey }];
const RECORDS = 15;
let folder: string;
let lines: readonly string[];

/** A fresh Ed25519 pair in PEM. */
function newKeys() {
  const pair = generateKeyPairSync('ed25519');
  return {
    privateKey: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicKey: pair.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}

function entry(number: number): AuditEntry {
  const detail = { pullRequest: number, files: [`apps/${number}.yaml`], note: 'ä "quoted" \\ text' };
  return {
    key: `inc-${number}:propose`,
    at: '2026-01-01T00:00:00.000Z',
    actor: 'tier0',
    action: 'proposed',
    subject: `inc-${number}`,
    detail,
  };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tier0-tamper-'));
  const log = createFileAuditLog({ file: join(folder, 'audit.jsonl'), signer, checkpointEvery: 5 });
  for (let number = 1; number <= RECORDS; number++) await log.append(entry(number), context);
  lines = (await readFile(join(folder, 'audit.jsonl'), 'utf8')).trimEnd().split('\n');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** xorshift32: the same tamperings in every run. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

type Tampering = (lines: string[], random: (below: number) => number) => string[];

const TAMPERINGS: Readonly<Record<string, Tampering>> = {
  'a byte changed': (all, random) => {
    const at = random(all.length);
    const line = all[at] as string;
    const position = random(line.length);
    const other = String.fromCharCode(32 + ((line.charCodeAt(position) - 32 + 1 + random(94)) % 95));
    all[at] = `${line.slice(0, position)}${other}${line.slice(position + 1)}`;
    return all;
  },
  'a byte added': (all, random) => {
    const at = random(all.length);
    const line = all[at] as string;
    const position = random(line.length + 1);
    all[at] = `${line.slice(0, position)}${' 1"x'[random(4)]}${line.slice(position)}`;
    return all;
  },
  'a byte taken out': (all, random) => {
    const at = random(all.length);
    const line = all[at] as string;
    const position = random(line.length);
    all[at] = line.slice(0, position) + line.slice(position + 1);
    return all;
  },
  'a record dropped': (all, random) => all.toSpliced(random(all.length), 1),
  'two records swapped': (all, random) => {
    const [a, b] = [random(all.length), random(all.length - 1)];
    const other = b >= a ? b + 1 : b;
    [all[a], all[other]] = [all[other] as string, all[a] as string];
    return all;
  },
  'a record doubled': (all, random) => {
    const at = random(all.length);
    return all.toSpliced(random(all.length + 1), 0, all[at] as string);
  },
  'the end cut off': (all, random) => all.slice(0, random(all.length)),
  'the fields of a record in another order': (all, random) => {
    const at = random(all.length);
    all[at] = JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(all[at] as string)).reverse()));
    return all;
  },
};

describe('10,000 tamperings', () => {
  test.each(Object.entries(TAMPERINGS).map(([name, tamper], index) => [name, tamper, index + 1] as const))(
    '%s: all found',
    async (_, tamper, seed) => {
      const file = join(folder, `tampered-${seed}.jsonl`);
      for (const part of ['head', 'checkpoints']) await writeFile(`${file}.${part}`, await readFile(join(folder, `audit.jsonl.${part}`)));
      const random = randomFrom(seed * 7919);
      const log = createFileAuditLog({ file, trustedKeys });
      const original = `${lines.join('\n')}\n`;
      let tried = 0;
      while (tried < 10_000 / Object.keys(TAMPERINGS).length) {
        const text = tamper([...lines], random)
          .map((line) => `${line}\n`)
          .join('');
        if (text === original) continue;
        tried += 1;
        await writeFile(file, text);
        const verdict = await log.verify(context);
        if (verdict.sound) expect.fail(`not found: ${text}`);
      }
    },
    // A thousand files written and verified one after the other: a busy disk takes its time.
    120_000,
  );
});

describe('checkpoints', () => {
  async function copy(name: string, change: (text: string, head: string) => { text: string; head: string }): Promise<string> {
    const file = join(folder, `${name}.jsonl`);
    const changed = change(`${lines.join('\n')}\n`, await readFile(join(folder, 'audit.jsonl.head'), 'utf8'));
    await writeFile(file, changed.text);
    await writeFile(`${file}.head`, changed.head);
    await writeFile(`${file}.checkpoints`, await readFile(join(folder, 'audit.jsonl.checkpoints')));
    return file;
  }

  test('an untouched log verifies with its checkpoints', async () => {
    const log = createFileAuditLog({ file: join(folder, 'audit.jsonl'), trustedKeys });
    expect(await log.verify(context)).toMatchObject({ sound: true, records: RECORDS });
  });

  test('an end cut off together with its head is found back to the last checkpoint', async () => {
    const file = await copy('cut', (text, head) => {
      const kept = text.trimEnd().split('\n').slice(0, 14);
      return { text: `${kept.join('\n')}\n`, head: head.replace(/"hash":"\w+"/, `"hash":"${JSON.parse(kept.at(-1) as string).hash}"`) };
    });
    expect(await createFileAuditLog({ file }).verify(context)).toMatchObject({ sound: true });
    expect(await createFileAuditLog({ file, trustedKeys }).verify(context)).toMatchObject({
      sound: false,
      sequence: 15,
      reason: expect.stringContaining('cut off'),
    });
  });

  test('a whole log written anew does not fit the signatures', async () => {
    const file = join(folder, 'rewritten.jsonl');
    const forged = createFileAuditLog({ file });
    for (let number = 1; number <= RECORDS; number++) await forged.append({ ...entry(number), actor: 'somebody' }, context);
    await writeFile(`${file}.checkpoints`, await readFile(join(folder, 'audit.jsonl.checkpoints')));
    expect(await createFileAuditLog({ file, trustedKeys }).verify(context)).toMatchObject({
      sound: false,
      sequence: 5,
      reason: expect.stringContaining('rewritten'),
    });
  });

  test('a checkpoint by somebody else, or with another text, is not believed', async () => {
    const log = createFileAuditLog({
      file: join(folder, 'audit.jsonl'),
      trustedKeys: [{ name: 'other', publicKey: newKeys().publicKey }],
    });
    expect(await log.verify(context)).toMatchObject({ sound: false, reason: expect.stringContaining('not trusted') });
    const file = await copy('renamed', (text, head) => ({ text, head }));
    await writeFile(`${file}.checkpoints`, (await readFile(`${file}.checkpoints`, 'utf8')).replace('"auditor"', '"somebody"'));
    expect(await createFileAuditLog({ file, trustedKeys }).verify(context)).toMatchObject({
      sound: false,
      reason: expect.stringContaining('signature'),
    });
  });
});
