export { readScenario } from './scenario/read-scenario.ts';
export type { ExpectedAnswer, ExpectedRootCause, RecordedSeries, Scenario, ScenarioMeta, SubjectRef } from './scenario/scenario.ts';
