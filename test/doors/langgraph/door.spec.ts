import { RawStream } from '../../support/raw-stream.js';
import { describeDoor } from '../door.contract.js';

describeDoor({
  name: 'of runs that are joined',
  open: ({ app }, { chat_id, message_id }, after) =>
    RawStream.open(
      `${app.url}/api/langgraph/threads/${chat_id}/runs/${message_id}/stream`,
      after === undefined ? { 'last-event-id': '-1' } : { 'last-event-id': after },
    ),
  // Its client takes 204 for a fault.
  afterEnd: 200,
});
