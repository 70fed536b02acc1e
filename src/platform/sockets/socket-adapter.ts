import type { INestApplicationContext } from '@nestjs/common';
import { IoAdapter } from '@nestjs/platform-socket.io';
import type { Request } from 'express';
import type { IncomingMessage } from 'node:http';
import type { Server, ServerOptions } from 'socket.io';
import { Adapter } from 'socket.io-adapter';
import type { Settings } from '../config/index.js';
import { hostCheck, mayConnect } from '../http/index.js';

/**
 * Socket.IO on the server of the API. Its requests and upgrades never reach Express, so what the API checks of every
 * request (names of the server, pages of other sites) is checked here.
 */
export class SocketAdapter extends IoAdapter {
  constructor(
    app: INestApplicationContext,
    private readonly settings: Settings,
  ) {
    super(app);
  }

  override createIOServer(port: number, options?: Partial<ServerOptions>): Server {
    const { CORS_ORIGINS, BODY_MAX_BYTES } = this.settings;
    const origin = CORS_ORIGINS.includes('*') ? '*' : CORS_ORIGINS;
    const own: Partial<ServerOptions> = {
      allowRequest: this.admission(),
      maxHttpBufferSize: BODY_MAX_BYTES,
      ...(CORS_ORIGINS.length > 0 && { cors: { origin } }),
      // Clients then tell, when they reconnect, which event they have seen last. Nothing is kept for them in memory: the
      // log has it (docs/decisions/043).
      connectionStateRecovery: { skipMiddlewares: false },
      adapter: Adapter,
      perMessageDeflate: false,
    };
    return super.createIOServer(port, { ...options, ...own } as ServerOptions);
  }

  /** The HTTP server is closed by its own adapter. */
  override async close(server: Server): Promise<void> {
    server.disconnectSockets(true);
    server.engine.close();
    await Promise.resolve();
  }

  private admission(): NonNullable<ServerOptions['allowRequest']> {
    const unknownHost = this.settings.AUTH_MODE === 'none' ? hostCheck(this.settings) : () => undefined;
    return (request: IncomingMessage, decide) => {
      if (unknownHost(request)) decide('unknown_host', false);
      else if (mayConnect(request as Request, this.settings)) decide(null, true);
      else decide('cross_site', false);
    };
  }
}
