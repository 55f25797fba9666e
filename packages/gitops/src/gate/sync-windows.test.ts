import { describe, expect, test } from 'vitest';
import { judgeSyncWindows } from './sync-windows.ts';

const subject = { application: 'shop', namespace: 'shop-prod', clusters: ['in-cluster', 'https://kubernetes.default.svc'] };
/** A Sunday. */
const NOW = Date.parse('2026-11-22T12:30:00.000Z');
const deny = { kind: 'deny', schedule: '0 12 * * *', duration: '1h', applications: ['*'] };
const allow = { ...deny, kind: 'allow' };

function isOpen(windows: readonly Record<string, unknown>[], nowMs = NOW): boolean {
  return judgeSyncWindows(windows, subject, nowMs).open;
}

describe('sync windows of Argo CD', () => {
  test.each<[string, readonly Record<string, unknown>[], boolean]>([
    ['no window', [], true],
    ['a deny window that is active', [deny], false],
    ['a deny window that is over', [{ ...deny, duration: '30m' }], true],
    ['a deny window that is about to begin', [{ ...deny, schedule: '31 12 * * *' }], true],
    ['an allow window that is active', [allow], true],
    ['an allow window that is not active', [{ ...allow, schedule: '0 3 * * *' }], false],
    ['one active among several allow windows', [{ ...allow, schedule: '0 3 * * *' }, allow], true],
    ['deny wins over allow', [allow, deny], false],
    ['manualSync is for people only', [{ ...deny, manualSync: true }], false],
    ['another application', [{ ...deny, applications: ['payments-*'] }], true],
    ['by namespace, with a wildcard', [{ ...deny, applications: [], namespaces: ['*-prod'] }], false],
    ['by cluster name or server', [{ ...deny, applications: undefined, clusters: ['https://kubernetes.default.svc'] }], false],
    ['parts are or-ed', [{ ...deny, applications: ['other'], namespaces: ['shop-prod'] }], false],
    ['with andOperator they must all match', [{ ...deny, applications: ['other'], namespaces: ['shop-prod'], andOperator: true }], true],
    ['in a time zone', [{ ...deny, schedule: '30 21 * * *', timeZone: 'Asia/Tokyo' }], false],
    ['a long window that began days ago', [{ ...deny, schedule: '0 0 * * 5', duration: '72h' }], false],
    ['a window without a target', [{ kind: 'deny', schedule: '* * * * *', duration: '1h' }], true],
    ['a schedule that cannot be read blocks', [{ ...deny, schedule: 'noon' }], false],
    ['a duration that cannot be read blocks', [{ ...allow, duration: 'an hour' }], false],
    ['a kind that is unknown blocks', [{ ...deny, kind: 'maybe' }], false],
  ])('%s', (_, windows, open) => expect(isOpen(windows)).toBe(open));

  test('the reason names the window', () => {
    expect(judgeSyncWindows([{ ...deny, description: 'Black Friday' }], subject, NOW)).toEqual({
      open: false,
      reason: 'the deny window "0 12 * * *" for 1h of Argo CD is active: Black Friday',
    });
  });

  test('both edges: the first moment is inside, the last is not', () => {
    expect(isOpen([deny], Date.parse('2026-11-22T12:00:00.000Z'))).toBe(false);
    expect(isOpen([deny], Date.parse('2026-11-22T12:59:59.000Z'))).toBe(false);
    expect(isOpen([deny], Date.parse('2026-11-22T13:00:00.000Z'))).toBe(true);
  });
});
