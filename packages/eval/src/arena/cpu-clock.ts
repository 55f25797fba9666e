import { readFileSync } from 'node:fs';

/** Clock ticks a second in `/proc`; 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/**
 * CPU milliseconds of this process and of the programs it has run and waited for. On systems without `/proc` the programs are left out.
 */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000 + childrenMs();
}

/** Fields 16 and 17 of `/proc/self/stat` (cutime, cstime), see proc(5). The name in parentheses may hold spaces. */
function childrenMs(): number {
  try {
    const fields = readFileSync('/proc/self/stat', 'utf8').split(') ').at(-1)!.split(' ');
    return ((Number(fields[13]) + Number(fields[14])) * 1000) / TICKS_PER_SECOND;
  } catch {
    return 0;
  }
}
