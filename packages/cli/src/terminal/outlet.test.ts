import { describe, expect, test } from 'vitest';
import { CLEAR_LINE, painted, toOutlet, visible } from './outlet.ts';

/** Nothing but what a reader sees, tabs and line feeds. */
function isSeen(text: string): boolean {
  return !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]/u.test(text.replace(/[\t\n]/g, ''));
}

describe('the outlet', () => {
  test('shows every control, direction and invisible character instead of obeying it', () => {
    for (let code = 0; code <= 0x1ffff; code++) {
      const character = String.fromCodePoint(code);
      if (!isSeen(character)) expect(visible(`a${character}b`), code.toString(16)).toContain('‹U+');
    }
    expect(isSeen(toOutlet('ok\x1b[31mred\x1b]0;title\x07\x9b2J\u202egnp.exe\r'))).toBe(true);
  });

  test('lets through what the process itself painted, and nothing that looks the same', () => {
    expect(toOutlet(`${CLEAR_LINE}reading`)).toBe('\x1b[2K\rreading');
    expect(toOutlet(painted('red', 'a\x1b[0m'))).toBe('\x1b[31ma‹U+001B›[0m\x1b[39m');
    expect(toOutlet(painted(['bold', 'green'], 'a'))).toBe('\x1b[1m\x1b[32ma\x1b[39m\x1b[22m');
    expect(toOutlet('\ue000deadbeef\x1b[31m\ue001')).not.toContain('\x1b');
  });

  test('takes secrets out of what is said', () => {
    expect(toOutlet('fix: DB_PASSWORD=hunter2x9 -> changed')).not.toContain('hunter2x9');
    expect(toOutlet(painted('red', 'password=hunter2x9'))).toContain('\x1b[31m');
    expect(toOutlet(painted('red', 'password=hunter2x9'))).not.toContain('hunter2x9');
  });

  test('leaves ordinary text and emoji as they are', () => {
    for (const text of ['naïve café ✓ 日本語 “quoted” → 1.5 GiB…\n\tindented\n', 'ok ✔️ done']) expect(toOutlet(text)).toBe(text);
  });
});
