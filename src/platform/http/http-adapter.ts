import type { NestApplicationOptions } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import type { Express } from 'express';
import { createServer, IncomingMessage, ServerResponse, type Server } from 'node:http';

/**
 * Express on a server whose requests and responses have Express's prototypes from the start. Otherwise Express changes
 * each prototype on arrival, and V8 then gives every object its own hidden classes, one more for each property that is
 * added: some 25 kB of garbage per request, and 2 kB that live as long as the response.
 */
export class HttpAdapter extends ExpressAdapter {
  override initHttpServer(_options: NestApplicationOptions): void {
    const express = this.getInstance<Express>();
    class AppRequest extends IncomingMessage {}
    class AppResponse<Request extends IncomingMessage> extends ServerResponse<Request> {}
    Object.setPrototypeOf(AppRequest.prototype, express.request);
    Object.setPrototypeOf(AppResponse.prototype, express.response);
    Object.assign(express, { request: AppRequest.prototype, response: AppResponse.prototype });
    const classes = { IncomingMessage: AppRequest, ServerResponse: AppResponse };
    this.setHttpServer(createServer(classes, express));
  }

  /** Drops the connections that are still open: stream clients have been told to reconnect by then. */
  override close(): ReturnType<ExpressAdapter['close']> {
    (this.getHttpServer() as Server | undefined)?.closeAllConnections();
    return super.close();
  }
}
