import { DIALECTS } from '../../src/app.module.js';
import { RawStream } from '../support/raw-stream.js';
import { describeDoor } from './door.contract.js';

describe.each(DIALECTS)('?dialect=$name', ({ name: dialect }) => {
  describeDoor({
    name: 'GET …/stream',
    open: (stage, run, after) => {
      const url = `${stage.app.url}${run.stream_url}?dialect=${dialect}`;
      return RawStream.open(url, after === undefined ? {} : { 'last-event-id': after });
    },
  });
});

describeDoor({
  name: 'GET …/stream with the resume point in the query',
  open: (stage, run, after) =>
    RawStream.open(`${stage.app.url}${run.stream_url}${after === undefined ? '' : `?lastEventId=${after}`}`),
});
