import type { ServerResponse } from 'node:http';
import { EMPTY, type Observable } from 'rxjs';

/** Answers an `@Sse()` route with JSON: these clients say in the body whether they want a stream. */
export function answerWithJson(response: ServerResponse, body: object): Observable<never> {
  response.writeHead(200, { 'Content-Type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));
  return EMPTY;
}
