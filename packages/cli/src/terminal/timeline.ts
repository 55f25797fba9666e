import type { IncidentEntry } from '@tier0/core';
import { describeStep, type StepDescription } from './describe-step.ts';
import { timeOfDay } from './format.ts';
import { painted, type Style, visible } from './outlet.ts';

/** Where lines go, and whether they may carry colour. */
export interface Terminal {
  readonly write: (text: string) => void;
  readonly colour: boolean;
  /** Characters a line may hold. */
  readonly width: number;
}

/** The timeline of an incident as it happens: one line a step, details below it, made for a tired person. */
export interface Timeline {
  line(at: string, label: string, headline: string, tone?: StepDescription['tone']): void;
  detail(text: string): void;
  entry(entry: IncidentEntry): void;
  blank(): void;
}

const LABEL_WIDTH = 11;
const INDENT = ' '.repeat(8 + 2 + LABEL_WIDTH + 1);

export function createTimeline(terminal: Terminal): Timeline {
  const paint = (style: Style, text: string) => (terminal.colour ? painted(style, text) : text);
  const wrapped = (text: string) => wrap(text, Math.max(40, terminal.width - INDENT.length)).join(`\n${INDENT}`);
  const timeline: Timeline = {
    line(at, label, headline, tone = 'plain') {
      const name = label.padEnd(LABEL_WIDTH);
      terminal.write(`${paint('dim', timeOfDay(at))}  ${paint(STYLES[tone], name)} ${wrapped(headline)}\n`);
    },
    detail(text) {
      const colour = /^\+/.test(text) ? 'green' : /^-/.test(text) ? 'red' : 'dim';
      terminal.write(`${INDENT}${paint(colour, wrapped(text))}\n`);
    },
    entry(entry) {
      if (entry.phase === 'failed') {
        timeline.line(entry.at, `${entry.step}!`, entry.error.message, 'bad');
        timeline.detail(entry.error.hint);
      }
      if (entry.phase !== 'done') return;
      const step = describeStep(entry);
      timeline.line(entry.at, step.label, step.headline, step.tone);
      for (const detail of step.details) timeline.detail(detail);
    },
    blank() {
      terminal.write('\n');
    },
  };
  return timeline;
}

const STYLES = { plain: 'bold', good: ['bold', 'green'], bad: ['bold', 'red'], warn: ['bold', 'yellow'] } as const satisfies Record<
  StepDescription['tone'],
  Style
>;

/** Breaks a text at spaces into lines of at most `width` characters; a longer word stands alone. Control characters become visible. */
export function wrap(text: string, width: number): readonly string[] {
  const clean = visible(text.replace(/[\n\t]/g, ' '));
  const lines: string[] = [];
  let line = '';
  for (const word of clean.split(/(?<= )/)) {
    if (line.length + word.trimEnd().length > width && line.trim().length > 0) {
      lines.push(line.trimEnd());
      line = '';
    }
    line += word;
  }
  return [...lines, line.trimEnd()];
}
