import type { ServerResponse } from 'node:http';
import type { Asker } from '../new-question.js';
import type { RequestMark } from '../repeats.js';
import type { ResponseRequest } from '../request/response-request.js';

/** A request for a response, and where the answer goes. */
export interface AskedResponse {
  asker: Asker;
  wanted: ResponseRequest;
  mark: RequestMark;
  response: ServerResponse;
}
