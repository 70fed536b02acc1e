import type { BeforeApplicationShutdown } from '@nestjs/common';
import { WebSocketGateway, type OnGatewayConnection, type OnGatewayDisconnect } from '@nestjs/websockets';
import type { Socket } from 'socket.io';
import { Clock } from '../../../common/index.js';
import { Settings } from '../../../platform/config/index.js';
import { HandshakeScopes } from '../../../platform/http/index.js';
import { StreamPlaces } from '../../../streams/index.js';
import { problemOf } from './requests.js';
import { TalkServices } from './talk-services.js';
import { TalkSocket } from './talk-socket.js';

const CHECK_MS = 3000;

interface Client {
  talk: TalkSocket;
  release: () => void;
}

/** Conversations over Socket.IO. Each connection is one of the streams that a process serves. */
@WebSocketGateway()
export class ConversationsGateway
  implements OnGatewayConnection<Socket>, OnGatewayDisconnect<Socket>, BeforeApplicationShutdown
{
  private readonly clients = new Map<Socket, Client>();
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly services: TalkServices,
    private readonly scopes: HandshakeScopes,
    private readonly settings: Settings,
    private readonly places: StreamPlaces,
    private readonly clock: Clock,
  ) {
    this.timer = setInterval(() => {
      for (const { talk } of this.clients.values()) void talk.check(this.clock.now());
    }, CHECK_MS).unref();
  }

  handleConnection(socket: Socket): void {
    try {
      const place = this.places.reserve();
      const { services, scopes, settings } = this;
      const talk = new TalkSocket(socket, { services, scopes, settings });
      const release = (): void => {
        place.release();
      };
      this.clients.set(socket, { talk, release });
      talk.open();
    } catch (error) {
      socket.emit('error', problemOf(error));
      socket.conn.close(); // unlike `disconnect`, the client tries again later
    }
  }

  handleDisconnect(socket: Socket): void {
    const client = this.clients.get(socket);
    this.clients.delete(socket);
    client?.talk.close();
    client?.release();
  }

  /** Lets every client go: it reconnects by itself, to another process or to the next one, and goes on where it was. */
  beforeApplicationShutdown(): void {
    clearInterval(this.timer);
    for (const socket of this.clients.keys()) socket.conn.close();
  }
}
