import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../testing/fact-maker.ts';
import { ByteWindow } from './byte-window.ts';
import { kindOfEntries } from './list-header.ts';
import { readList } from './read-list.ts';

const UNKEPT = new Set(['Pod', 'ReplicaSet']);

/** Entries of a List in these bytes, read in pieces of the given length; undefined where they have to be read as a whole. */
async function entriesIn(bytes: Buffer, chunkBytes?: number, mostAtOnce = Number.POSITIVE_INFINITY): Promise<unknown[] | undefined> {
  let at = 0;
  const read = async (into: Buffer, offset: number, length: number) => {
    const count = Math.min(length, mostAtOnce, bytes.length - at);
    bytes.copy(into, offset, at, at + count);
    at += count;
    return count;
  };
  const entries: unknown[] = [];
  const isRead = await readList(read, { withoutManagedFields: UNKEPT, chunkBytes, take: (entry) => entries.push(entry) });
  return isRead ? entries : undefined;
}

/** What is kept of entries that were parsed with everything else. */
function kept(entries: readonly unknown[], kindOfList: string): readonly unknown[] {
  return entries.map((entry) => {
    const { kind = kindOfList, metadata } = entry as { readonly kind?: unknown; readonly metadata?: unknown };
    const isUnkept = typeof kind === 'string' && UNKEPT.has(kind) && typeof metadata === 'object' && metadata !== null;
    return isUnkept && Object.hasOwn(metadata, 'managedFields')
      ? { ...(entry as object), metadata: { ...metadata, managedFields: 'unkept' } }
      : entry;
  });
}

/** The same by `JSON.parse`; undefined where that throws or gives no List of objects. */
function entriesOf(text: string): { readonly entries: readonly unknown[]; readonly kind: string } | undefined {
  try {
    const list = JSON.parse(text);
    const isPlain = typeof list.kind === 'string' && list.kind.endsWith('List') && Array.isArray(list.items);
    return isPlain ? { entries: list.items, kind: kindOfEntries(list) } : undefined;
  } catch {
    return undefined;
  }
}

/** Random JSON as people, API servers and printers write it. */
class Writer {
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  below(count: number): number {
    return Math.floor(this.#random() * count);
  }

  oneOf<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T;
  }

  space(): string {
    return this.below(4) === 0 ? this.oneOf([' ', '\n', '\r\n', '\t', '\n    ']) : '';
  }

  string(): string {
    const parts = [
      'a',
      'items',
      'kind',
      'metadata',
      'managedFields',
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      'é',
      '中',
      '😀',
      '\u2028',
      '"',
      '\\',
      '\n',
      '\u0001',
    ];
    const text = Array.from({ length: this.below(5) }, () => this.oneOf(parts)).join('');
    const json = JSON.stringify(text);
    return this.below(5) === 0 ? json.replace(/[a-z{}]/, (letter) => `\\u00${letter.charCodeAt(0).toString(16)}`) : json;
  }

  value(depth: number): string {
    if (depth > 0 && this.below(2) === 0) return this.below(2) === 0 ? this.object(depth) : this.array(depth, () => this.value(depth - 1));
    return this.oneOf([() => this.string(), () => this.oneOf(['0', '-0', '12.5e-3', 'true', 'false', 'null', '{}', '[]'])])();
  }

  array(depth: number, value: () => string, length = this.below(4)): string {
    const entries = Array.from({ length }, () => `${this.space()}${value()}${this.space()}`);
    return depth >= 0 ? `[${entries.join(',')}${this.space()}]` : '[]';
  }

  object(depth: number, members: readonly string[] = []): string {
    const more = Array.from({ length: this.below(3) }, () => this.member(this.string(), this.value(depth - 1)));
    return `{${this.shuffled([...members, ...more]).join(`${this.space()},`)}${this.space()}}`;
  }

  member(key: string, value: string): string {
    return `${this.space()}${key}${this.space()}:${this.space()}${value}`;
  }

  shuffled(values: readonly string[]): readonly string[] {
    if (this.below(2) === 0) return values;
    return [...values]
      .map((value) => ({ value, place: this.#random() }))
      .sort((a, b) => a.place - b.place)
      .map(({ value }) => value);
  }

  entry(): string {
    const kind = this.oneOf([[], ['Pod'], ['Pod'], ['Deployment'], ['ReplicaSet'], ['Pod', 'Deployment']]);
    const managed = this.oneOf([
      '[{"manager":"kubelet","fieldsV1":{"f:a":{"k:{\\"b\\":1}":{}}}}]',
      '[{"time":1}]',
      '{}',
      '[',
      '"\\u0041"',
      this.value(4),
    ]);
    const fields = this.below(3) > 0 ? [this.member('"managedFields"', managed === '[' ? '[]' : managed)] : [];
    const metadata = this.object(2, [this.member('"name"', this.string()), ...fields]);
    return this.object(4, [...kind.map((name) => this.member('"kind"', `"${name}"`)), this.member('"metadata"', metadata)]);
  }

  list(): string {
    const kind = this.oneOf(['List', 'PodList', 'DeploymentList', 'ReplicaSetList']);
    const members = [this.member('"kind"', `"${kind}"`), this.member('"apiVersion"', '"v1"')];
    const entries = this.member(
      '"items"',
      this.array(0, () => this.entry(), this.below(6)),
    );
    return `${this.space()}${this.object(1, [...members, entries])}${this.space()}`;
  }

  /** The text with a piece taken out, doubled, put elsewhere or exchanged. */
  spoilt(text: string): string {
    const [from, length] = [this.below(text.length), 1 + this.below(3)];
    const piece = this.oneOf([
      '',
      text.slice(from, from + length).repeat(2),
      '}',
      ']',
      ',',
      '"',
      '\\',
      '{',
      '[',
      ':',
      '0',
      '\u0000',
      '\ufeff',
      '---',
    ]);
    return this.below(6) === 0 ? text.slice(0, from) : `${text.slice(0, from)}${piece}${text.slice(from + length)}`;
  }
}

/** Nothing may be found but what `JSON.parse` finds. */
function expectSame(found: readonly unknown[], text: string): void {
  const wanted = entriesOf(text);
  expect(wanted, text).toBeDefined();
  if (wanted) expect(kept(found, wanted.kind), text).toEqual(kept(wanted.entries, wanted.kind));
}

describe('entries of a List are those of JSON.parse', () => {
  test('in whatever pieces random Lists are read, characters cut in two included', async () => {
    const writer = new Writer(seededRandom(1));
    let [read, shortened] = [0, 0];
    for (let round = 0; round < 1500; round++) {
      const text = writer.list();
      const found = await entriesIn(Buffer.from(text), 1 + writer.below(round % 3 === 0 ? 4000 : 40), 1 + writer.below(50));
      if (found === undefined) continue;
      expectSame(found, text);
      read++;
      if (JSON.stringify(found) !== JSON.stringify(entriesOf(text)?.entries)) shortened++;
    }
    // Where nothing is read, nothing is compared.
    expect(read).toBeGreaterThan(600);
    expect(shortened).toBeGreaterThan(200);
  });

  test('what was spoilt is never taken for a List that it is not', async () => {
    const writer = new Writer(seededRandom(2));
    let [read, refused] = [0, 0];
    for (let round = 0; round < 3000; round++) {
      // A cut between the halves of a character is written as a replacement for it.
      const text = Buffer.from(writer.spoilt(writer.list())).toString('utf8');
      const found = await entriesIn(Buffer.from(text), 1 + writer.below(200));
      if (found) expectSame(found, text);
      if (found) read++;
      else refused++;
    }
    expect(read).toBeGreaterThan(200);
    expect(refused).toBeGreaterThan(1500);
  });

  test('bytes that are no UTF-8 are read as they are in the whole text', async () => {
    const writer = new Writer(seededRandom(3));
    let read = 0;
    for (let round = 0; round < 1000; round++) {
      const bytes = Buffer.from(writer.list());
      for (let times = writer.below(3); times >= 0; times--) bytes[writer.below(bytes.length)] = 0x80 + writer.below(128);
      const found = await entriesIn(bytes, 1 + writer.below(100));
      if (found) expectSame(found, bytes.toString('utf8'));
      if (found) read++;
    }
    expect(read).toBeGreaterThan(50);
  });
});

const POD = '{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a","managedFields":[{"manager":"kubelet"}]}}';
const listOf = (items: string, kind = 'List') => `{"kind":"${kind}","apiVersion":"v1","metadata":{},"items":[${items}]}`;

test.each([
  ['as an API server answers', listOf('{"metadata":{"name":"a"}},{"metadata":{"name":"b"}}', 'PodList'), 2],
  [
    'as kubectl prints, its kind behind the entries',
    `{"apiVersion":"v1","items":[\n  ${POD}\n],"kind":"List","metadata":{"resourceVersion":""}}\n`,
    1,
  ],
  ['without entries', listOf(' \n '), 0],
])('a List %s is read entry by entry', async (_, text, count) => expect(await entriesIn(Buffer.from(text), 16)).toHaveLength(count));

test.each([
  ['nothing', ''],
  ['a byte order mark', `\ufeff${listOf(POD)}`],
  ['no List', POD],
  ['an array', `[${listOf(POD)}]`],
  ['two documents', `${listOf(POD)}\n${listOf(POD)}`],
  ['YAML documents', `${listOf(POD)}\n---\n${listOf(POD)}`],
  ['something behind it', `${listOf(POD)}x`],
  ['a cut end', listOf(POD).slice(0, -1)],
  ['a cut entry', listOf(POD).slice(0, -20)],
  ['no comma', listOf(`${POD} ${POD}`)],
  ['two commas', listOf(`${POD},,${POD}`)],
  ['a comma at the end', listOf(`${POD},`)],
  ['an entry that is no object', listOf(`${POD},null`)],
  ['entries named twice', listOf(POD).replace(/\}$/, `,"items":[${POD}]}`)],
  ['entries named again by an escape', listOf(POD).replace(/\}$/, `,"\\u0069tems":[${POD}]}`)],
  ['entries named first by an escape', listOf(POD).replace('{', `{"\\u0069tems":[${POD}],`)],
  ['no entries', '{"kind":"PodList","apiVersion":"v1","items":null}'],
  ['entries in an object', '{"kind":"PodList","apiVersion":"v1","items":{}}'],
  ['a kind behind entries that need one', '{"apiVersion":"v1","items":[{"metadata":{"name":"a"}}],"kind":"PodList"}'],
  ['managed fields that are no JSON', listOf(POD.replace('"kubelet"', "'kubelet'"))],
  ['managed fields with a control character', listOf(POD.replace('kubelet', 'kube\u0001let'))],
  ['managed fields with an escape that is none', listOf(POD.replace('kubelet', 'kube\\xlet'))],
  ['managed fields with brackets crossed', listOf(POD.replace('[{"manager":"kubelet"}]', '[{"manager":"kubelet"]}'))],
  ['a bomb of brackets', `{"kind":"PodList","items":[${'{"a":'.repeat(20_000)}`],
])('%s is left to who reads all of the text', async (_, text) => {
  expect(await entriesIn(Buffer.from(text))).toBeUndefined();
  expect(await entriesIn(Buffer.from(text), 7)).toBeUndefined();
});

test('managed fields are left out of the kinds that need none, by the last kind that an entry states', async () => {
  const managed = '"metadata":{"name":"a","managedFields":[{"manager":"kubelet"}]}';
  const fieldsOf = async (entry: string, kind?: string) => {
    const [found] = (await entriesIn(Buffer.from(listOf(entry, kind)))) ?? [];
    return (found as { readonly metadata?: { readonly managedFields?: unknown } } | undefined)?.metadata?.managedFields;
  };
  expect(await fieldsOf(`{"kind":"Pod",${managed}}`)).not.toEqual([{ manager: 'kubelet' }]);
  expect(await fieldsOf(`{${managed}}`, 'PodList')).not.toEqual([{ manager: 'kubelet' }]);
  expect(await fieldsOf(`{"kind":"Deployment",${managed}}`)).toEqual([{ manager: 'kubelet' }]);
  expect(await fieldsOf(`{${managed}}`, 'DeploymentList')).toEqual([{ manager: 'kubelet' }]);
  expect(await fieldsOf(`{"kind":"Deployment",${managed}}`, 'PodList')).toEqual([{ manager: 'kubelet' }]);
  expect(await entriesIn(Buffer.from(listOf(`{"kind":"Pod",${managed},"kind":"Deployment"}`)))).toBeUndefined();
  const elsewhere = `{"kind":"Pod","metadata":{"name":"a"},"spec":{"managedFields":[1]}}`;
  expect(await entriesIn(Buffer.from(listOf(elsewhere)))).toEqual([JSON.parse(elsewhere)]);
});

test('of a long List no more is held than a few entries', async () => {
  const entry = Buffer.from(`{"kind":"ConfigMap","metadata":{"name":"a"},"data":{"a":"${'é'.repeat(500)}"}}`);
  const [head, tail, count] = [Buffer.from('{"kind":"List","items":['), Buffer.from(']}'), 5_000];
  const bytes = Buffer.concat([
    head,
    ...Array.from({ length: count }, (_, at) => (at === 0 ? entry : Buffer.concat([Buffer.from(','), entry]))),
    tail,
  ]);
  let [at, taken, longest] = [0, 0, 0];
  const read = async (into: Buffer, offset: number, length: number) => {
    longest = Math.max(longest, into.length);
    const copied = bytes.copy(into, offset, at, at + length);
    at += copied;
    return copied;
  };
  expect(await readList(read, { withoutManagedFields: UNKEPT, chunkBytes: 4096, take: () => taken++ })).toEqual({
    kind: 'List',
    items: [],
  });
  expect(taken).toBe(count);
  expect(longest).toBe(4096);
});

test('a window keeps what is still needed and grows only for what is longer than itself', async () => {
  const letters = Buffer.from('abcdefghijklmnopqrstuvwxyz');
  let at = 0;
  const window = new ByteWindow(async (into, offset, length) => {
    const count = letters.copy(into, offset, at, at + Math.min(length, 3));
    at += count;
    return count;
  }, 4);
  while (await window.more()) if (window.start === 0 && window.bytes[0] === 0x61 && window.length > 5) window.start += 5;
  expect(window.bytes.toString('utf8', window.start, window.end)).toBe('fghijklmnopqrstuvwxyz');
});
