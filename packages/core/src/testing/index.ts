export { describeAuditLog } from './audit-log.ts';
export { callContext } from './call-context.ts';
export { describeForge, type ForgeUnderTest } from './forge.ts';
export { describeIncidentRecord } from './incident-record.ts';
export { describeLocator } from './locator.ts';
export { ALLOWED, describeProposalWriter, type ProposalWriterUnderTest, proposalFor } from './proposal-writer.ts';
export { describeReconciler, type ReconcilerUnderTest } from './reconciler.ts';
