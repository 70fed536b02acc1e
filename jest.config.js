import { availableParallelism } from 'node:os';

/** @type {import('jest').Config} */
export default {
  testEnvironment: '<rootDir>/test/support/engine-environment.js',
  roots: ['<rootDir>/libs', '<rootDir>/src', '<rootDir>/test'],
  testMatch: ['**/*.spec.ts'],
  // Needs a model server, which is downloaded: `npm run test:models`.
  testPathIgnorePatterns: ['/node_modules/', ...(process.env.MODELS ? [] : ['<rootDir>/test/model-server/'])],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/libs/.*/dist/'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': '@swc/jest' },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  testEnvironmentOptions: { customExportConditions: ['reprise-source', 'node', 'node-addons'] },
  globalSetup: '<rootDir>/test/support/global-setup.js',
  globalTeardown: '<rootDir>/test/support/global-teardown.js',
  // Specs wait for processes more than they compute, so even on one core they need not run one by one.
  maxWorkers: Math.max(2, availableParallelism() - 1),
  // Modules of a spec stay in its worker, and collecting garbage among gigabytes of them makes later specs late.
  workerIdleMemoryLimit: '1500MB',
  testTimeout: 30_000,
};
