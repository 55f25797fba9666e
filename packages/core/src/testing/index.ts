export { callContext } from './call-context.ts';
export { describeIncidentRecord } from './incident-record.ts';
