import type { StreamEvent } from '@reprise/protocol';
import { RepriseError } from '../errors.js';
import type { Connection } from '../run-follower.js';

/** What the tab that reads a run sends to the others. */
export type Told =
  | { readonly kind: 'events'; readonly events: StreamEvent[] }
  | { readonly kind: 'here'; readonly connection: Connection };

/** An error loses its fields when it is passed to another tab. */
type WireConnection = Exclude<Connection, { state: 'waiting' }> | WireWaiting;
interface WireWaiting {
  readonly state: 'waiting';
  readonly ms: number;
  readonly error: Pick<RepriseError, 'message' | 'status' | 'code' | 'retryable'>;
}

/** The part of `BroadcastChannel` that is needed here. */
interface Broadcast {
  onmessage: ((message: { readonly data: unknown }) => void) | null;
  postMessage(data: object): void;
  close(): void;
}

/** Messages between the tabs of this browser about one run. A tab does not receive its own. */
export class RunChannel {
  private readonly channel: Broadcast;
  private inbox: Told[] = [];
  private isOpen = false;
  private wakeReader: (() => void) | undefined;

  constructor(name: string) {
    this.channel = new BroadcastChannel(name) as unknown as Broadcast;
    this.channel.onmessage = ({ data }) => {
      this.receive(data);
    };
  }

  /** Queues what the others send until {@link next} takes it. */
  open(): void {
    this.isOpen = true;
  }

  /** Stops listening. */
  shut(): void {
    this.isOpen = false;
    this.inbox = [];
  }

  tellEvents(events: readonly StreamEvent[]): void {
    this.channel.postMessage({ kind: 'events', events });
  }

  /** Also tells the others that somebody reads the run. */
  tellConnection(connection: Connection): void {
    this.channel.postMessage({ kind: 'here', connection: toWire(connection) });
  }

  /** @returns `null` if nothing arrived for `ms`, or after {@link wake}. */
  async next(ms: number): Promise<Told | null> {
    if (this.inbox.length === 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.wakeReader = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.wakeReader = undefined;
    }
    return this.inbox.shift() ?? null;
  }

  /** Ends a wait in {@link next}. */
  readonly wake = (): void => {
    this.wakeReader?.();
  };

  close(): void {
    this.channel.close();
    this.wake();
  }

  /** Another tab may run another version of this code: unknown messages are ignored. */
  private receive(data: unknown): void {
    if (!this.isOpen) return;
    const { kind, events, connection } = data as {
      kind?: unknown;
      events?: StreamEvent[];
      connection?: WireConnection;
    };
    if (kind === 'events' && Array.isArray(events)) this.inbox.push({ kind, events });
    else if (kind === 'here' && connection) this.inbox.push({ kind, connection: fromWire(connection) });
    this.wake();
  }
}

function toWire(connection: Connection): WireConnection {
  if (connection.state !== 'waiting') return connection;
  const { message, status, code, retryable } = connection.error;
  return { ...connection, error: { message, status, code, retryable } };
}

function fromWire(connection: WireConnection): Connection {
  if (connection.state !== 'waiting') return connection;
  const { message, ...fields } = connection.error;
  return { ...connection, error: new RepriseError(message, fields) };
}
