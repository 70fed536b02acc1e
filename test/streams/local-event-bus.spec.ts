import { LocalEventBus } from '../../src/streams/event-bus.js';
import { eventBusContract } from './event-bus.contract.js';

describe('LocalEventBus', () => {
  eventBusContract(() => new LocalEventBus());
});
