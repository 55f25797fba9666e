/** Characters of a message of the control plane as part of a sentence, and how many of them are its beginning where its middle is left out. */
const CHARACTERS = 360;
const HEAD = 170;

/** Said around every message of its sort, whatever the reason: it names nothing that the sentence does not name already. */
const BOILERPLATE: readonly (readonly [RegExp, string])[] = [
  [/^\(combined from similar events\): /, ''],
  [/\b(?:Mount|Attach|Map|Unmount|Detach)\w*\.\w+ failed for volume "([^"]*)" ?: /g, 'volume $1: '],
  [/\brpc error: code = \w+ desc = /g, ''],
  [/^Mounting command: .*$/gm, ''],
  // The folder of a pod's volume is as long as it is known; what it is of stands at its end.
  [/\/var\/lib\/kubelet\/[^\s:,;"'()]*\/([^\s/:,;"'()]+)/g, '…/$1'],
  [/\/subscriptions\/[^\s:,;"'()]*\/([^\s/:,;"'()]+)/g, '…/$1'],
  [/\b([0-9a-f]{8})[0-9a-f]{24,}\b/g, '$1…'],
  [/[,;]?\s*\b(?:request|host|correlation|trace|activity) ?id\b ?[:=] ?"?[\w+/=-]+"?/gi, ''],
  [/\bRetriable: \w+, RetryAfter: \w+, ?/g, ''],
];

/** An answer of a cloud in JSON, of which only its message is for people. */
const ANSWER = /\{[^{}]*(?:\{[^{}]*"message"\s*:\s*"((?:[^"\\]|\\.)*)"[^{}]*\}|"message"\s*:\s*"((?:[^"\\]|\\.)*)")[^{}]*\}/g;

/** A line of a log about the program's own work, which a probe or a driver prints before it says what is wrong. */
const AT_WORK = /\[(?:INFO|DEBUG|TRACE|NOTICE)\]|\b(?:level|lvl)=(?:info|debug)\b|^[ID]\d{4} \d\d:/;

/**
 * What a long message comes down to, as one line of at most 360 characters: without what is said around every message of its sort, and where
 * it is longer still, its beginning (what was tried) and its end (the innermost reason), with a mark between them.
 */
export function tellingWords(text: string): string {
  const plain = BOILERPLATE.reduce((rest, [pattern, by]) => rest.replace(pattern, by), text.replace(ANSWER, answered));
  const lines = plain
    .split(/\r?\n/)
    .map((line) => line.replace(/\s+/g, ' ').trim())
    .filter((line) => /\w/.test(line));
  const [first = '', ...others] = lines;
  const head = HEADED.exec(first)?.[0] ?? '';
  const told = [first.slice(head.length), ...others];
  const kept = told.filter((line) => !AT_WORK.test(line));
  return withoutMiddle(`${head}${(kept.length > 0 ? kept : told).join('; ')}`);
}

/** What the kubelet puts before the words of a probe or a hook. */
const HEADED = /^(?:(?:Liveness|Readiness|Startup) probe (?:failed|errored)[^:]*: )/;

function answered(_whole: string, inner: string | undefined, outer: string | undefined): string {
  return `"${inner ?? outer ?? ''}"`;
}

/** A text that is too long without its middle: what was tried stands first in it, and the reason last. */
export function withoutMiddle(text: string, characters = CHARACTERS, head = HEAD): string {
  if (text.length <= characters) return text;
  const [begin, end] = [text.slice(0, head), text.slice(text.length - (characters - head - 3))];
  return `${begin.replace(/\s+\S*$/, '')} … ${end.replace(/^\S*\s+/, '')}`;
}
