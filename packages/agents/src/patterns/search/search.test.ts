import { expect, test } from 'vitest';
import { calibrate } from './calibrate.ts';
import { extendHybrid, fitHybrid, openHybrid, type SearchableText } from './hybrid.ts';
import { fitLatentSpace, placeWords } from './latent.ts';
import { pairsOf } from './lexical.ts';
import type { Ranker } from './ranker.ts';
import { stem, tokenize } from './tokenizer.ts';

test.each([
  ['KubePodCrashLooping', ['kubepodcrashlooping', 'kube', 'pod', 'crash', 'loop']],
  ['node_cpu_seconds_total', ['node_cpu_seconds_total', 'node', 'cpu', 'second', 'total']],
  ['registry.example/app:v1.2', ['registry.example/app:v1.2', 'registry', 'exampl', 'app', 'v', '1', '2']],
  ['exit code 137.', ['exit', 'code', '137']],
  ['OOMKilled', ['oomkilled', 'oom', 'kill']],
  ['0x80070005', ['0x80070005', '0', 'x', '80070005']],
  ['the pods are restarting', ['pod', 'restart']],
  ['Überlast im Knoten', ['überlast', 'im', 'knoten']],
])('%s is found whole and in its parts', (text, words) => {
  expect(tokenize(text)).toEqual(words);
});

test('inflections of a word meet in one stem', () => {
  for (const family of [
    'restart restarts restarted restarting',
    'replica replicas',
    'policy policies',
    'restore restored restores restoring',
  ]) {
    expect(new Set(family.split(' ').map(stem)).size, family).toBe(1);
  }
  for (const pair of ['process progress', 'node nodes.js', 'status state']) {
    const [a = '', b = ''] = pair.split(' ').map(stem);
    expect(a).not.toBe(b);
  }
});

const TOPICS = [
  ['disk', 'The volume is full and the filesystem has no space left for writes.', 'Delete old snapshots or grow the volume claim.'],
  ['certificate', 'The TLS certificate has expired and clients refuse the handshake.', 'Renew the certificate and restart the ingress.'],
  ['memory', 'The container was killed because it used more memory than its limit.', 'Raise the memory limit or find the leak.'],
  ['image', 'The image cannot be pulled because the tag was never pushed to the registry.', 'Correct the tag or push the image.'],
] as const;

/** Texts of four topics, in words that repeat, with a name of their own each. */
function corpus(count: number): readonly SearchableText[] {
  return Array.from({ length: count }, (_, index) => {
    const [name, meaning, remedy] = TOPICS[index % TOPICS.length] as (typeof TOPICS)[number];
    return {
      title: `${name} runbook ${index}`,
      sections: [
        { headings: [], text: `# ${name} of service-${index}\n\n${meaning} It is about service-${index}.` },
        { headings: ['Mitigation'], text: `${remedy} Ask the owner of service-${index}. Code E${1000 + index}.` },
      ],
    };
  });
}

test('an error code leads to its text and to the section that names it', async () => {
  const index = openHybrid(await fitHybrid(corpus(40)));
  const [hit] = index.search('what does E1017 mean?');
  expect(hit).toMatchObject({ text: 17, section: 1 });
  expect(hit?.score).toBeLessThanOrEqual(1);
});

test('texts that may not be found are not, and the limit holds', async () => {
  const index = openHybrid(await fitHybrid(corpus(40)));
  const found = index.search('certificate expired', { limit: 3, accepts: (text) => text >= 20 });
  expect(found.map(({ text }) => text % 4)).toEqual([1, 1, 1]);
  expect(found.every(({ text }) => text >= 20)).toBe(true);
});

test('a text that comes after the fit is found, also by words that were not known before', async () => {
  const state = await fitHybrid(corpus(40));
  const index = openHybrid(
    extendHybrid(state, [{ title: 'zookeeper quorum', sections: [{ headings: [], text: 'The ensemble lost its quorum.' }] }]),
  );
  expect(index.search('zookeeper quorum lost')[0]).toMatchObject({ text: 40, section: 0 });
});

test('a query of nothing but unknown words finds nothing, and an empty corpus answers nothing', async () => {
  expect(openHybrid(await fitHybrid(corpus(8))).search('qwertz asdfgh')).toEqual([]);
  expect(openHybrid(await fitHybrid([])).search('disk')).toEqual([]);
});

test('the same corpus gives the same space, and words that stand together come near each other', () => {
  const texts = corpus(40).flatMap(({ sections }) => sections.map(({ text }) => tokenize(text)));
  const space = fitLatentSpace(texts, { rank: 8 });
  expect(fitLatentSpace(texts, { rank: 8 }).axes).toEqual(space.axes);
  const cosine = (a: string, b: string) =>
    placeWords(space, tokenize(a)).reduce((sum, x, i) => sum + x * (placeWords(space, tokenize(b))[i] ?? 0), 0);
  expect(cosine('filesystem', 'space')).toBeGreaterThan(0.9);
  expect(cosine('filesystem', 'handshake')).toBeLessThan(0.3);
  expect(Math.hypot(...placeWords(space, ['filesystem']))).toBeCloseTo(1, 5);
});

test('a ranker that leads astray is left out, and one that leads back keeps its weight', () => {
  const ranker = (name: string, right: (text: number) => number): Ranker => ({
    name,
    rank: ({ words }) => ({ texts: Float64Array.from({ length: 50 }, (_, text) => (text === right(Number(words[0])) ? 1 : 0.1)) }),
  });
  const queries = Array.from({ length: 50 }, (_, text) => ({ text, words: [String(text)] }));
  const weights = calibrate([ranker('good', (text) => text), ranker('astray', (text) => (text + 1) % 50)], queries);
  expect(weights.map(({ name, weight }) => [name, weight])).toEqual([
    ['good', 1],
    ['astray', 0],
  ]);
  expect(weights[1]?.quality).toBeLessThan(0.7);
  expect(calibrate([ranker('good', (text) => text)], queries.slice(0, 5))[0]?.quality).toBeUndefined();
});

test('two words side by side count for more than both apart, and a heading for what stands under it', async () => {
  const filler = corpus(40);
  const section = (text: string, headings: readonly string[] = []) => ({ headings, text });
  const texts: readonly SearchableText[] = [
    { title: 'one', sections: [section('The write path is slow and the ahead lights are red while a log is kept of it.')] },
    { title: 'two', sections: [section('The write ahead log is slow and the path of red lights is kept for all of it.')] },
    { title: 'three', sections: [section('Add another one and wait until it has joined.', ['Runbook', 'Quorum is lost'])] },
    ...filler,
  ];
  const index = openHybrid(await fitHybrid(texts));
  expect(index.search('write ahead log', { limit: 2 }).map(({ text }) => text)).toEqual([1, 0]);
  expect(index.search('quorum lost')[0]).toMatchObject({ text: 2 });
  expect(pairsOf(['a', 'b'])).not.toEqual(pairsOf(['b', 'a']));
  expect(pairsOf(['ab', 'c'])).not.toEqual(pairsOf(['a', 'bc']));
  expect(pairsOf(['a'])).toEqual([]);
});

test('the axes of a space are orthonormal, also where the corpus has fewer directions than were asked for', () => {
  const texts = Array.from({ length: 30 }, (_, i) => tokenize(`alpha beta gamma ${i % 3 === 0 ? 'delta epsilon' : 'zeta eta'} only`));
  const { axes, rank } = fitLatentSpace(texts, { rank: 6, maxShare: 0.9 });
  const column = (k: number) => Float64Array.from({ length: axes.length / rank }, (_, i) => axes[i * rank + k] as number);
  const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, x, i) => sum + x * (b[i] as number), 0);
  const lengths = Array.from({ length: rank }, (_, k) => dot(column(k), column(k)));
  expect(lengths.filter((length) => Math.abs(length - 1) < 1e-5).length).toBeGreaterThan(0);
  for (const length of lengths) expect(Math.min(Math.abs(length - 1), length)).toBeLessThan(1e-5);
  for (let a = 0; a < rank; a++) for (let b = 0; b < a; b++) expect(Math.abs(dot(column(a), column(b)))).toBeLessThan(1e-5);
});

test('embeddings of chance do not spoil what words find', async () => {
  const texts = corpus(60);
  let state = 7;
  const next = () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
  const chance = () => Array.from({ length: 120 }, (_, section) => ({ section, score: next() / 4 }));
  const fitted = await fitHybrid(texts, { name: 'chance', nearest: async (asked) => asked.map(chance) });
  expect(fitted.weights.find(({ name }) => name === 'chance')?.weight).toBeLessThan(0.2);
  expect(openHybrid(fitted).search('E1017', { near: chance() })[0]?.text).toBe(17);
});
