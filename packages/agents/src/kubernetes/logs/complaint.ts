import type { LogEntry } from './read-log.ts';

/** Words by which people and libraries say that they give up. */
export const GIVES_UP =
  /\b(?:fatal|panic|emerg|critical|abort\w*|exception|error|fail(?:ed|ure)?|cannot|can't|could not|couldn't|unable|refus\w+|denied|invalid|illegal|unknown|unsupported|missing|must|not (?:found|permitted|allowed|supported|valid)|no such|required|mismatch|incompatible|corrupt\w*|exiting|terminat\w+|kill(?:ed|ing|s)|time[- ]?out|timed out|deadline|watchdog|giv(?:e|ing|es) up|gave up|no (?:heartbeat|response|answer|space|memory|route)|too (?:many|few|old|new|large|small|long)|expired|stall(?:ed)?|deadlock|hung|overflow)\b/i;
/** Said at every end, whatever the reason: it explains nothing. */
export const ORDINARY_END =
  /\b(?:shutting down|graceful(?:ly)?|received (?:signal|sig)|sig(?:term|int|kill)|bye|stopp(?:ed|ing)|exit(?:ed|ing)? (?:code|status)|npm err!)\b|^(?:\S+: )?(?:killed|terminated)\.?$/i;
/** Said because of what was said before it: where a line of another kind stands above, that one tells more. */
export const CONSEQUENCE =
  /could not read from remote repository|make sure you have the correct access rights|command (?:failed|exited)|(?:exit(?:ed)?|failed) with (?:exit )?(?:status|code)|giving up|(?:see|check) (?:above|the logs?)|did not exit normally|(?:finished|ended|stopped|terminated) with (?:an )?error\b|aborting(?: now)?\.?$|startup failed\.?$/i;
/** How a program says what it wants and does not get, without a word for failing. */
export const DEMANDS =
  /\b(?:disabled (?:option|feature|plugin|module)|requires?|(?:available|allowed|supported|valid|works) only|only (?:available|allowed|supported|valid|works)|no longer|not enough|insufficient|too (?:low|high)|already (?:in use|exists?|running|locked)|do(?:es)? not (?:support|exist|match|have|appear)|exceed(?:s|ed)?|conflicts? with|(?:is|are) pending)\b/i;

/** Whether a line complains, by its level or, where it has none, by its words. */
export function isComplaining({ level, message }: LogEntry): boolean {
  return level === 'error' || level === 'fatal' || (level === undefined && GIVES_UP.test(message));
}
