// How to start pnpm where it may not be installed.
import { basename } from 'node:path';

const PNPM = 'pnpm@12.21.0';

/** Command and first arguments: pnpm itself when pnpm started us, else npm fetches the pinned pnpm once and keeps it in its cache. */
export function pnpmCommand() {
  const startedBy = process.env.npm_execpath;
  if (startedBy && /pnpm/.test(basename(startedBy)) && /\.[cm]?js$/.test(startedBy)) return [process.execPath, [startedBy]];
  const fetchPnpm = ['exec', '--yes', '--prefer-offline', `--package=${PNPM}`, '--', 'pnpm'];
  if (startedBy && /\.[cm]?js$/.test(startedBy) && /npm/.test(basename(startedBy))) return [process.execPath, [startedBy, ...fetchPnpm]];
  return [process.platform === 'win32' ? 'npm.cmd' : 'npm', fetchPnpm];
}
