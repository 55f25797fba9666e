export { createOperationsTools } from './operations-tools.ts';
export type { ChangeWish, OperationsWorld } from './operations-world.ts';
