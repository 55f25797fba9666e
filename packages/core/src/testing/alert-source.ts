import { describe, expect, test } from 'vitest';
import { AlertSchema } from '../model/alert.ts';
import type { AlertSource } from '../ports/alert-source.ts';
import { testContext } from './call-context.ts';

/** The contract of every alert source. `make` gives a source that ends after at least one alert, or ends when the signal aborts. */
export function describeAlertSource(name: string, make: () => AlertSource | Promise<AlertSource>): void {
  describe(`${name} is an alert source`, () => {
    test('its first alert is valid and has a name', async () => {
      const source = await make();
      const stop = new AbortController();
      for await (const alert of source.alerts({ ...testContext(), signal: stop.signal })) {
        expect(AlertSchema.parse(alert)).toEqual(alert);
        expect(alert.labels.alertname).toBeTruthy();
        break;
      }
      stop.abort();
      await source.close?.();
    });
  });
}
