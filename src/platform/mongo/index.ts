export { isDuplicateKeyError, isTransientMongoError, retryTransient, type RetryPolicy } from './errors.js';
export { MongoModule } from './mongo.module.js';
export { openMongo, type MongoServer } from './mongo.js';
