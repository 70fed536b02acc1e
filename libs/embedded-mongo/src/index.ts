export { EmbeddedMongoDiskFull, EmbeddedMongoUnavailable } from './errors.js';
export { startEmbeddedMongo } from './start.js';
export type { EmbeddedMongo, EmbeddedMongoOptions, EngineRestart } from './start.js';
