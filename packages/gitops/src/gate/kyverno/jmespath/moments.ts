import { parseTimestamp, timestampText } from '../../cel/functions/time.ts';
import { CelTimestamp } from '../../cel/values/value.ts';
import { durationOf, durationText } from '../scalars/go-duration.ts';
import { QueryError, UndecidableQuery } from './query-value.ts';
import { type QueryFunction, signed } from './signature.ts';

/** Functions of Kyverno about moments that are given, in RFC 3339. What asks the clock is not decided. */
export const MOMENTS: Readonly<Record<string, QueryFunction>> = {
  time_since: signed('string string string', (layout: string, from: string, to: string) => {
    if (to === '') throw new UndecidableQuery('time_since asks the clock');
    if (layout !== '') throw new UndecidableQuery(`the layout ${JSON.stringify(layout)} is not read here`);
    return durationText(moment(to).nanos - moment(from).nanos);
  }),
  time_diff: signed('string string', (from: string, to: string) => durationText(moment(to).nanos - moment(from).nanos)),
  time_before: signed('string string', (a: string, b: string) => moment(a).nanos < moment(b).nanos),
  time_after: signed('string string', (a: string, b: string) => moment(a).nanos > moment(b).nanos),
  time_between: signed('string string string', (at: string, from: string, to: string) => {
    const { nanos } = moment(at);
    return nanos > moment(from).nanos && nanos < moment(to).nanos;
  }),
  time_add: signed('string string', (at: string, span: string) => {
    const { nanos, zone } = moment(at);
    return timestampText(new CelTimestamp(secondsOf(nanos + spanOf(span)), zone));
  }),
  time_utc: signed('string', (at: string) => timestampText(new CelTimestamp(secondsOf(moment(at).nanos), 'Z'))),
};

function moment(text: string): CelTimestamp {
  try {
    return parseTimestamp(text);
  } catch {
    throw new QueryError(`${JSON.stringify(text)} is no moment in RFC 3339`);
  }
}

function spanOf(text: string): bigint {
  const span = durationOf(text);
  if (span === undefined) throw new QueryError(`${JSON.stringify(text)} is no duration`);
  return span;
}

/** RFC 3339 is written to the second. */
function secondsOf(nanos: bigint): bigint {
  return nanos - (((nanos % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n);
}
