import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Sections of a made document. */
const SECTIONS = 8;
/** Words of the made language, some of them much more frequent than others, as in any language. */
const VOCABULARY = 20_000;

/** Writes documents with about `chunks` sections in all, in made words, and returns questions that ask for some of them. */
export function writeMadeDocuments(folder: string, chunks: number): readonly string[] {
  mkdirSync(folder, { recursive: true });
  let state = 1;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const word = (topic: number) => {
    const rank = Math.floor(VOCABULARY ** next());
    return next() < 0.3 ? `topic${topic}x${rank % 40}` : `word${rank}`;
  };
  const sentence = (topic: number, length: number) => Array.from({ length }, () => word(topic)).join(' ');
  const questions: string[] = [];
  for (let document = 0; document < chunks / SECTIONS; document++) {
    const topic = document % 100;
    const sections = Array.from({ length: SECTIONS }, (_, i) => `## Part ${i}\n\n${sentence(topic, 70)}.\n`);
    writeFileSync(join(folder, `d${document}.md`), `# Document ${document}\n\n${sections.join('\n')}`);
    if (document % 5 === 0) questions.push(sentence(topic, 12));
  }
  return questions;
}
