import { SSE_ABORT_CONTROLLER } from '@nestjs/common';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { EMPTY, type Observable } from 'rxjs';

/** The signal that Nest keeps on the request of an `@Sse()` handler. */
type SseRequest = IncomingMessage & { [SSE_ABORT_CONTROLLER]?: AbortController | undefined };

/**
 * Takes over the response of an `@Sse()` handler from Nest (docs/decisions/003). Nest handles the request as for any
 * event stream: guards, pipes and the exception filter have run, and it sends the head. Its own stream is unpiped
 * before anything flows through it; an open stream then costs only what the socket costs.
 *
 * Return the result from the handler. Head and first newline have been sent when `onOpen` is called.
 * @param onOpen writes the frames and ends the response; gets an error if this version of Nest did not release it.
 */
export function takeOverResponse(
  response: ServerResponse,
  onOpen: (error?: Error) => void,
): Observable<never> {
  response.statusCode = 200; // for a POST, Nest would send 201
  response.once('pipe', (source: Readable) => {
    source.unpipe(response);
    // EMPTY completes in the call that pipes; by the next tick Nest has sent the head and released what it held.
    process.nextTick(() => {
      // The reason of the aborted signal keeps Nest's whole stream alive: its unformatted stack refers to it.
      (response.req as SseRequest)[SSE_ABORT_CONTROLLER] = undefined;
      if (response.closed || (response.headersSent && !response.writableEnded)) onOpen();
      else onOpen(new Error('Nest did not hand over the response of an @Sse() route.'));
    });
  });
  return EMPTY;
}
