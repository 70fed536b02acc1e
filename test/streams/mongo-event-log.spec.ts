import { eventLogContract } from './event-log.contract.js';
import { openMongoLog } from './setup.js';

describe('MongoEventLog', () => {
  eventLogContract(openMongoLog);
});
