// Appends to the audit log named by the first argument until it fails, and prints how it failed.
import { toTier0Error } from '@tier0/core';
import { createFileAuditLog } from '../audit/file.ts';

const log = createFileAuditLog({ file: process.argv[2] ?? '' });
const context = { signal: new AbortController().signal, now: () => 0 };
let appended = 0;
try {
  for (; appended < 1000; appended++) {
    const detail = { note: 'x'.repeat(100 + appended) };
    await log.append({ key: `k${appended}`, at: '2026-01-01T00:00:00.000Z', actor: 'a', action: 'b', subject: 'c', detail }, context);
  }
} catch (error) {
  const { code, message, hint } = toTier0Error(error);
  process.stdout.write(JSON.stringify({ code, message, hint, appended }));
}
