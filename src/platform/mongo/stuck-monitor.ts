import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { InjectConnection } from '@nestjs/mongoose';
import type { Connection, mongo } from 'mongoose';

/** Of the driver's inner parts, those that restart the watching of a server. */
interface DriverParts {
  topology?: { s: { servers: Map<string, { monitor?: { close(): void; connect(): void } | null }> } };
}

const CHECK_MS = 1000;
/** A streamed heartbeat may take the driver's 10 s; any other is answered, or has failed, after `connectTimeoutMS`. */
const LONGEST_HEARTBEAT_MS = { plain: 5000, awaited: 15_000 };

/**
 * The driver can lose a heartbeat: when a socket is destroyed just before it is written to, it waits for a `drain`
 * that never comes (mongodb 7.8, `Connection.writeCommand`), believes for ever that the server is away, and refuses all work.
 * A server killed under load brings it about. This restarts a monitor whose heartbeat has no end.
 */
@Injectable()
export class StuckMonitorWatch implements OnApplicationShutdown {
  private readonly logger = new Logger(StuckMonitorWatch.name);
  private readonly client: mongo.MongoClient;
  private readonly due = new Map<string, number>();
  private readonly timer: NodeJS.Timeout;

  constructor(@InjectConnection() connection: Connection) {
    this.client = connection.getClient();
    this.client.on('serverHeartbeatStarted', ({ connectionId, awaited }) => {
      this.due.set(connectionId, performance.now() + LONGEST_HEARTBEAT_MS[awaited ? 'awaited' : 'plain']);
    });
    const ended = ({ connectionId }: { connectionId: string }): void => {
      this.due.delete(connectionId);
    };
    this.client.on('serverHeartbeatSucceeded', ended);
    this.client.on('serverHeartbeatFailed', ended);
    this.timer = setInterval(() => {
      this.check();
    }, CHECK_MS);
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  private check(): void {
    for (const [address, due] of [...this.due]) {
      if (performance.now() < due) continue;
      this.due.delete(address);
      this.logger.warn(`no end of a heartbeat to ${address}: its monitor is restarted`);
      const monitor = (this.client as unknown as DriverParts).topology?.s.servers.get(address)?.monitor;
      monitor?.close();
      monitor?.connect();
    }
  }
}
