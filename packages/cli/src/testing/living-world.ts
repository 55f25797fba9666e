// A process of its own that is the world of a scenario: a Kubernetes API, a repository, and a reconciler that applies what is merged there.
// Prints one line of JSON with where they are and lives until its input ends. Argument: scenario folder.
import { readScenario } from '@tier0/eval';
import { startScenario } from '../world/start-scenario.ts';

const [scenarioFolder = ''] = process.argv.slice(2);
const scenario = await readScenario(scenarioFolder);
const world = await startScenario(scenarioFolder);
process.stdout.write(
  `${JSON.stringify({ kubeconfig: world.kubeconfigText, repository: world.repository, path: world.path, approver: scenario.meta.approver })}\n`,
);
process.stdin.on('data', () => undefined);
process.stdin.on('end', () => void world.close().finally(() => process.exit(0)));
process.on('SIGTERM', () => void world.close().finally(() => process.exit(0)));
