#!/usr/bin/env node
import { keepCompiledCode } from './compile-cache.ts';

keepCompiledCode(process.env);

/** What was left open by mistake does not keep the process for longer, real milliseconds. */
const LINGER_MS = 5_000;

// Loaded only now, so that what Node kept of it is used.
const { runMain } = await import('./run-main.ts');
process.exitCode = await runMain(process.argv.slice(2));
setTimeout(() => process.exit(), LINGER_MS).unref();
