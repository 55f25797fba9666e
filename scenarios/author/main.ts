// node --conditions=tier0-source scenarios/author/main.ts [name...]: writes recorded incidents under scenarios/generated/.
import { join } from 'node:path';
import { STORIES } from './stories/index.ts';
import { writeScenario } from './write-scenario.ts';

const root = join(import.meta.dirname, '../generated');
const names = process.argv.slice(2);
const unknown = names.filter((name) => !STORIES.some((story) => story.name === name));
if (unknown.length > 0) {
  process.stderr.write(`There is no story "${unknown.join('", "')}".\n`);
  process.exitCode = 2;
}
for (const story of STORIES.filter(({ name }) => names.length === 0 || names.includes(name))) {
  const bytes = writeScenario(story, root);
  process.stdout.write(`${story.name.padEnd(34)} ${Math.round(bytes / 1024)} kB\n`);
}
