export { type GitHttpServer, startGitHttpServer } from './git-http-server.ts';
export { createTestRepository, type TestRepository } from './repository.ts';
