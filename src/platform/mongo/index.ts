export { DataDisk, DiskFullError } from './data-disk.js';
export {
  isDiskFullError,
  isDuplicateKeyError,
  isTooLargeError,
  isTransientMongoError,
  retryTransient,
  type RetryPolicy,
} from './errors.js';
export { MongoModule } from './mongo.module.js';
export { openMongo, type MongoServer } from './mongo.js';
