import type { SearchableSection, SearchableText } from './hybrid.ts';

/** A passage that was cut out of a text. */
export interface Passage {
  readonly text: number;
  readonly section: number;
  readonly passage: string;
}

/** Rankers are weighed by this many passages at most; more only take time. */
const MOST_PASSAGES = 400;
/** A shorter passage says too little to lead anywhere. */
const SHORTEST_PASSAGE = 40;

/** The first prose of every text becomes a question and is cut out where it stood. In a large corpus every n-th text is asked for. */
export function takePassagesOut(texts: readonly SearchableText[]): {
  readonly held: readonly SearchableText[];
  readonly passages: readonly Passage[];
} {
  const step = Math.ceil(texts.length / MOST_PASSAGES);
  const passages = texts.flatMap((one, text) => (text % step === 0 ? (passageOf(one, text) ?? []) : []));
  const held = [...texts];
  for (const { text, section, passage } of passages) {
    const { title, sections } = texts[text] as SearchableText;
    held[text] = {
      title,
      sections: sections.with(section, without(sections[section] as SearchableSection, passage)),
    };
  }
  return { held, passages };
}

function without({ headings, text }: SearchableSection, passage: string): SearchableSection {
  return { headings, text: text.replace(passage, () => '') };
}

function passageOf({ sections }: SearchableText, text: number): Passage | undefined {
  for (const [section, { text: body }] of sections.entries()) {
    const passage = firstProse(body);
    if (passage) return { text, section, passage };
  }
  return undefined;
}

/** No heading, table, quotation, list or code. */
function firstProse(body: string): string | undefined {
  const paragraphs = body.replace(/```[\s\S]*?(?:```|$)/g, '').split(/\n\s*\n/);
  return paragraphs
    .map((paragraph) => paragraph.trim())
    .find((paragraph) => paragraph.length >= SHORTEST_PASSAGE && /^[^#|`>*+-]/.test(paragraph));
}
