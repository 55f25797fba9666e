export * from './errors/tier0-error.ts';
