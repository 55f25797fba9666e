import type { FieldPath } from '@tier0/core';
import type { Random } from './random.ts';
import { blockScalarText, longScalarText, scalarText } from './scalars.ts';

/** A place in a generated text that can be edited. Offsets count characters. */
export interface Place {
  readonly path: FieldPath;
  readonly kind: 'scalar' | 'map' | 'list' | 'empty' | 'nothing';
  /** What an edit of the value may touch. */
  readonly start: number;
  readonly end: number;
  /** What may go when the item is taken away; undefined where that is the whole document. */
  removable?: readonly [number, number] | undefined;
}

export interface GeneratedDocument {
  readonly text: string;
  readonly places: readonly Place[];
}

const KEYS = ['name', 'spec', 'image', 'replicas', 'a.b/c', 'env', 'limits', '"quoted key"', "'single'", 'y', '8080', 'ключ', 'with space'];
const COMMENTS = ['# comment', '#', '#! {{ x }}', "# it's: [a, {b", '# - x: |'];

/** Habits of one generated file. */
export interface Habits {
  readonly eol: '\n' | '\r\n';
  readonly step: number;
  readonly dash: number;
  readonly comments: number;
}

/** Writes one document in random but lasting habits; `json` keeps to what JSON allows. */
export function generateDocument(random: Random, habits: Habits, form: 'block' | 'flow' | 'json'): GeneratedDocument {
  const places: Place[] = [];
  const anchors: string[] = [];
  let text = '';
  const { eol } = habits;
  const write = (part: string) => {
    text += part;
  };
  const pad = (indent: number) => write(' '.repeat(indent));
  const place = (path: FieldPath, kind: Place['kind'], start: number, end = text.length): Place => {
    const made: Place = { path, kind, start, end };
    places.push(made);
    return made;
  };
  const endLine = () => {
    if (random.chance(habits.comments)) write(`${random.pick([' ', '   '])}${random.pick(COMMENTS)}`);
    else if (random.chance(habits.comments / 4)) write('  ');
    write(eol);
  };
  const filler = (indent: number) => {
    if (random.chance(habits.comments / 2))
      write(random.chance(0.3) ? eol : `${' '.repeat(random.pick([0, indent]))}${random.pick(COMMENTS)}${eol}`);
  };

  /** The value after `key:` or `-`, up to the end of its last line. `column` is where the key or the dash stands. */
  const blockValue = (path: FieldPath, column: number, depth: number, below: 'map' | 'list'): void => {
    const from = text.length;
    const roll = depth <= 0 ? random.below(60) : random.below(100);
    if (roll < 42) inlineScalar(path);
    else if (roll < 46) longScalar(path, column);
    else if (roll < 52) textBlock(path, column);
    else if (roll < 55) nothing(path, from);
    else if (roll < 58) empty(path, from);
    else if (roll < 60) alias(path);
    else if (roll < 68) flowBelow(path, column, depth);
    else if (roll < 88) mapBelow(path, column, depth, below);
    else listBelow(path, column, depth, below);
  };
  const inlineScalar = (path: FieldPath) => {
    write(random.chance(0.05) ? `  ${anchor()} ` : ' ');
    const start = text.length;
    write(scalarText(random, 'block'));
    place(path, 'scalar', start);
    endLine();
  };
  const anchor = () => {
    const name = `x${anchors.length}`;
    anchors.push(name);
    return `&${name}`;
  };
  const longScalar = (path: FieldPath, column: number) => {
    write(' ');
    const start = text.length;
    write(longScalarText(random, ' '.repeat(column + 1 + random.below(4)), eol));
    place(path, 'scalar', start);
    endLine();
  };
  const textBlock = (path: FieldPath, column: number) => {
    write(' ');
    const start = text.length;
    write(blockScalarText(random, column, random.pick([1, 2, 2, 4]), eol));
    place(path, 'scalar', start);
  };
  const nothing = (path: FieldPath, from: number) => {
    endLine();
    place(path, 'nothing', from);
  };
  const empty = (path: FieldPath, from: number) => {
    write(random.chance(0.2) ? ` ${anchor()}` : '');
    write(random.pick([' {}', ' ~', ' null', '  {}', ' { }']));
    endLine();
    place(path, 'empty', from);
  };
  const alias = (path: FieldPath) => {
    if (anchors.length === 0) return inlineScalar(path);
    write(` *${random.pick(anchors)}`);
    endLine();
  };
  const flowBelow = (path: FieldPath, column: number, depth: number) => {
    write(' ');
    flow(path, column + habits.step, Math.min(depth, 2), random.chance(0.3));
    endLine();
  };
  const mapBelow = (path: FieldPath, column: number, depth: number, below: 'map' | 'list') => {
    const compact = below === 'list' && random.chance(0.85);
    const spaces = random.pick([1, 1, 1, 3]);
    if (compact) write(' '.repeat(spaces));
    else {
      if (random.chance(0.06)) write(` ${anchor()}`);
      endLine();
    }
    blockMap(path, compact ? column + 1 + spaces : column + habits.step, depth - 1, compact);
  };
  const listBelow = (path: FieldPath, column: number, depth: number, below: 'map' | 'list') => {
    const compact = below === 'list' && random.chance(0.7);
    if (compact) write(' ');
    else endLine();
    blockList(path, compact ? column + 2 : column + (below === 'map' ? habits.dash : habits.step), depth - 1, compact);
  };

  const blockMap = (path: FieldPath, column: number, depth: number, compact: boolean): void => {
    const start = text.length;
    const count = 1 + random.below(3);
    const first = random.below(KEYS.length);
    const keys = Array.from({ length: count }, (_, index) => KEYS[(first + index) % KEYS.length] as string);
    blockItems(path, column, compact, keys, (key, child) => {
      if (random.chance(0.02)) write('? ');
      write(key);
      const isExplicit = text.endsWith(`? ${key}`);
      if (isExplicit) {
        write(eol);
        pad(column);
      }
      write(':');
      blockValue(child, column, depth, 'map');
    });
    if (anchors.length > 0 && random.chance(0.05)) {
      pad(column);
      write(`<<: *${random.pick(anchors)}${eol}`);
    }
    place(path, 'map', start);
  };
  const blockList = (path: FieldPath, column: number, depth: number, compact: boolean): void => {
    const start = text.length;
    const entries = Array.from({ length: 1 + random.below(3) }, (_, index) => index);
    blockItems(path, column, compact, entries, (_entry, child) => {
      write('-');
      blockValue(child, column, depth, 'list');
    });
    place(path, 'list', start);
  };
  const blockItems = <T extends string | number>(
    path: FieldPath,
    column: number,
    compact: boolean,
    items: readonly T[],
    item: (one: T, child: FieldPath) => void,
  ) => {
    const starts: { from: number; to: number; child: FieldPath; count: number }[] = [];
    for (const [index, one] of items.entries()) {
      const sharesLine = index === 0 && compact;
      if (!sharesLine) {
        filler(column);
        pad(column);
      }
      const from = sharesLine ? text.length : text.length - column;
      const child = [...path, typeof one === 'string' ? one.replace(/^(["'])(.*)\1$/, '$2') : one];
      const count = places.length;
      item(one, child);
      starts.push({ from, to: text.length, child, count });
    }
    for (const [index, { from, to, child, count }] of starts.entries()) {
      const next = starts[index + 1];
      const made = places.slice(count).find((candidate) => candidate.path.length === child.length);
      if (!made || items.length === 1) continue;
      const goes = index === 0 && compact && next ? next.from + column : to;
      made.removable = [index === items.length - 1 ? from - eol.length : from, goes];
    }
  };

  const flow = (path: FieldPath, indent: number, depth: number, json: boolean): void => {
    const start = text.length;
    const isMap = random.chance(0.6);
    const separate = random.chance(0.4);
    const tab = json && random.chance(0.3) ? '\t' : ' ';
    const compact = json && !separate && random.chance(0.5);
    const count = random.chance(0.1) ? 0 : 1 + random.below(3);
    const first = random.below(KEYS.length);
    write(isMap ? '{' : '[');
    const items: { from: number; to: number; made: Place | undefined }[] = [];
    for (let index = 0; index < count; index++) {
      if (separate) write(eol + tab.repeat(indent));
      else if (index > 0 && !compact) write(' ');
      const from = text.length;
      const raw = (KEYS[(first + index) % KEYS.length] as string).replace(/^(["'])(.*)\1$/, '$2');
      if (isMap) write(json ? `${JSON.stringify(raw)}:${compact ? '' : ' '}` : `${KEYS[(first + index) % KEYS.length]}: `);
      const child = [...path, isMap ? raw : index];
      const known = places.length;
      flowValue(child, indent + habits.step, depth, json);
      items.push({ from, to: text.length, made: places.slice(known).find((one) => one.path.length === child.length) });
      if (index < count - 1 || (!json && random.chance(0.15))) write(',');
      if (!json && separate && random.chance(habits.comments)) write(` ${random.pick(COMMENTS)}`);
    }
    if (separate && count > 0) write(eol + tab.repeat(Math.max(json ? 0 : 1, indent - habits.step)));
    write(isMap ? '}' : ']');
    for (const [index, { from, to, made }] of items.entries()) {
      const next = items[index + 1];
      if (made && items.length > 1) made.removable = next ? [from, next.from] : [(items[index - 1] as { to: number }).to, to];
    }
    place(path, count === 0 && isMap ? 'empty' : isMap ? 'map' : 'list', start);
  };
  const flowValue = (path: FieldPath, indent: number, depth: number, json: boolean): void => {
    if (depth > 0 && random.chance(0.3)) {
      flow(path, indent, depth - 1, json);
      return;
    }
    const start = text.length;
    write(scalarText(random, json ? 'json' : 'flow'));
    place(path, 'scalar', start);
  };

  if (form === 'block') {
    if (random.chance(0.85)) blockMap([], 0, 3, false);
    else blockList([], 0, 3, false);
  } else {
    flow([], habits.step, 3, form === 'json');
    write(eol);
  }
  return { text, places };
}
