// A process for the tests of this folder: runs one container, says its pid, and waits to be killed.
import { createProcessRuntime } from '../runtime/process-runtime.ts';

const runtime = createProcessRuntime({ programs: { spin: { file: process.argv[2]! } }, now: Date.now, sampleEveryMs: 50 });
runtime.start({ namespace: 'shop', pod: 'spin-1', container: 'spin', image: 'spin:1', env: {} }, () => undefined);
setInterval(() => {
  const log = runtime.log({ namespace: 'shop', pod: 'spin-1', container: 'spin' }, false);
  if (log?.endsWith('\n')) process.stdout.write(log);
}, 20);
