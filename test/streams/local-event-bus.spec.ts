import { LocalEventBus } from '../../src/streams/log/event-bus.js';
import { eventBusContract } from './event-bus.contract.js';

describe('LocalEventBus', () => {
  eventBusContract(() => new LocalEventBus());
});
