import { eventLogContract } from './event-log.contract.js';
import { MemoryEventLog } from './memory-event-log.js';

describe('MemoryEventLog', () => {
  eventLogContract(() => Promise.resolve({ log: new MemoryEventLog(), close: () => Promise.resolve() }));
});
