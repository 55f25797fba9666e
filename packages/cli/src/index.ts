export { COMMANDS } from './commands/index.ts';
export { type Environment, processEnvironment } from './environment.ts';
export type { Ending } from './play/narrator.ts';
export { PLAY_USAGE, type PlayOptions, parsePlayOptions } from './play/play-options.ts';
export { type PlayHooks, playScenario } from './play/play-scenario.ts';
export { reportError } from './report-error.ts';
export { REPOSITORY_ROOT } from './repository-root.ts';
