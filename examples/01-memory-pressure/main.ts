// What `npm start` runs: an incident from the first sign to the lesson learned, on real parts. It checks its own ending.
import { readScenario } from '@tier0/eval';
import { PLAY_USAGE, parsePlayOptions, playScenario, processEnvironment, REPOSITORY_ROOT, reportError } from 'tier0';

const args = process.argv.slice(2);
if (args.includes('--help') || args.includes('-h')) {
  process.stdout.write(`${PLAY_USAGE}\n`);
} else {
  process.exitCode = await main().catch(reportError);
}

async function main(): Promise<number> {
  const options = parsePlayOptions(args, REPOSITORY_ROOT, 'memory-pressure');
  const ending = await playScenario(options, processEnvironment());
  if (options.interactive) return 0;
  const { expected } = await readScenario(options.scenario);
  const expectedStatus = options.badFix ? 'rolled-back' : expected.live?.status;
  if (expectedStatus === undefined || ending.status === expectedStatus) return 0;
  process.stderr.write(`\nThis scenario should have ended "${expectedStatus}", it ended "${ending.status}": ${ending.reason}\n`);
  return 1;
}
