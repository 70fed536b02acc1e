import type { Socket } from 'socket.io';
import { AppError, isJsonObject, type Scope } from '../../../common/index.js';
import type { Settings } from '../../../platform/config/index.js';
import type { HandshakeScopes, Right } from '../../../platform/http/index.js';
import { Log } from '../../../platform/logging/index.js';
import { placeText, readPlace, type Place } from './place.js';
import { ConversationReader, type Said } from './reader.js';
import { joinSchema, leaveSchema, problemOf, readRequest, sendSchema } from './requests.js';
import type { TalkServices } from './talk-services.js';
import { drained } from './drained.js';

/** What all connections share. */
export interface TalkSetup {
  services: TalkServices;
  scopes: HandshakeScopes;
  settings: Settings;
}

const KNOWN = ['join_conversation', 'leave_conversation', 'send_message'] as const;
/** Conversations that one connection can follow. */
const MOST_ROOMS = 100;
const WINDOW_MS = 60_000;
const USUAL_EVENTS = 600;

interface Room {
  reader: ConversationReader;
  /** By the client's own request, not only because it reconnected. */
  isJoined: boolean;
}

/** One client: who it is, which conversations it follows, and what it has asked. */
export class TalkSocket {
  private readonly log = new Log(TalkSocket.name);
  private readonly rooms = new Map<string, Room>();
  /** Its questions whose answers it has not seen yet, by conversation. */
  private readonly asked = new Map<string, { text: string; message: Promise<string> }>();
  private scope: Scope | undefined;
  private last: Place | undefined;
  private isNew = true;
  private queue = Promise.resolve();
  private events = 0;
  private windowEnd = 0;

  constructor(
    private readonly socket: Socket,
    private readonly setup: TalkSetup,
  ) {}

  /** Begins to listen; goes on where a client that has reconnected was. */
  open(): void {
    const { socket } = this;
    socket.on('join_conversation', (...args: unknown[]) => {
      this.handle('join_conversation', args);
    });
    socket.on('leave_conversation', (...args: unknown[]) => {
      this.handle('leave_conversation', args);
    });
    socket.on('send_message', (...args: unknown[]) => {
      this.handle('send_message', args);
    });
    socket.onAny((event: string, ...args: unknown[]) => {
      if (!(KNOWN as readonly string[]).includes(event)) this.handle(event, args);
    });
    socket.emit('connected', { data: 'Connected to server' });
    const { pid, offset } = socket.handshake.auth as Record<string, unknown>;
    this.last = readPlace(offset);
    this.isNew = typeof pid !== 'string';
    if (this.last) this.queue = this.resume(this.last);
  }

  /** Stops everything; the client is gone. */
  close(): void {
    for (const { reader } of this.rooms.values()) reader.stop();
    this.rooms.clear();
  }

  /** Ends what the client may not read any more. */
  async check(now: number): Promise<void> {
    const { permission } = this.scope ?? {};
    if (!permission) return;
    const isOver = permission.until !== undefined && now >= permission.until;
    if (!isOver && !(await permission.isWithdrawn?.().catch(() => false))) return;
    this.close();
    this.scope = undefined;
    this.socket.emit('error', problemOf(new AppError('token_expired')));
  }

  /** One event after the other: what follows a `join_conversation` finds it done. */
  private handle(event: string, args: unknown[]): void {
    const last = args.at(-1);
    const acknowledge = typeof last === 'function' ? (last as (answer: unknown) => void) : undefined;
    const isAllowed = this.count();
    this.queue = this.queue.then(async () => {
      await this.handled(event, acknowledge, () => {
        if (isAllowed !== undefined) throw isAllowed;
        return this.answer(event, args[0]);
      });
    });
  }

  private async handled(
    event: string,
    acknowledge: ((answer: unknown) => void) | undefined,
    answer: () => Promise<unknown>,
  ): Promise<void> {
    try {
      const answered = await answer();
      acknowledge?.(answered);
    } catch (error) {
      if (!(error instanceof AppError)) this.log.error('a socket event failed', { err: error });
      const problem = problemOf(error, event);
      this.socket.emit('error', problem);
      acknowledge?.(problem);
    }
  }

  private answer(event: string, payload: unknown): Promise<unknown> {
    const { CONTENT_MAX_CHARS } = this.setup.settings;
    const given = isJsonObject(payload) ? payload : {};
    if (event === 'join_conversation') return this.join(readRequest(joinSchema, given));
    if (event === 'leave_conversation') return this.leave(readRequest(leaveSchema, given));
    if (event === 'send_message') return this.send(readRequest(sendSchema(CONTENT_MAX_CHARS), given));
    throw new AppError('bad_request', {
      message: `There is no event of this name. Known: ${KNOWN.join(', ')}.`,
    });
  }

  private async join(request: {
    conversation_id: string;
    since?: string | undefined;
    token?: string | undefined;
  }): Promise<object> {
    const { conversation_id, since, token } = request;
    const scope = await this.authenticated('read', token);
    const place = await this.setup.services.place(scope, conversation_id, since);
    const room = this.rooms.get(conversation_id);
    if (!room || isWanted(room, place, since !== undefined)) this.follow(scope, place, true);
    else room.isJoined = true;
    this.tellJoined(conversation_id, place);
    return { conversation_id };
  }

  /** From now on the client knows where it is, if its connection breaks before anything was said. */
  private tellJoined(conversation_id: string, place: Place): void {
    const { last } = this;
    const known = last?.chat_id === conversation_id ? last : place;
    this.socket.emit('joined', { conversation_id }, placeText(known));
  }

  private leave({ conversation_id }: { conversation_id: string }): Promise<object> {
    this.rooms.get(conversation_id)?.reader.stop();
    this.rooms.delete(conversation_id);
    if (this.last?.chat_id === conversation_id) this.last = undefined;
    return Promise.resolve({ conversation_id });
  }

  private async send(request: {
    conversation_id: string;
    message: string;
    token?: string | undefined;
    idempotency_key?: string | undefined;
  }): Promise<object> {
    const { conversation_id, message: text, token, idempotency_key } = request;
    const scope = await this.authenticated('write', token);
    const open = this.asked.get(conversation_id);
    const isAgain = idempotency_key === undefined && open?.text === text;
    const message = isAgain ? open.message : this.ask(scope, { conversation_id, text, key: idempotency_key });
    if (!isAgain) this.asked.set(conversation_id, { text, message });
    try {
      return { conversation_id, message_id: await message };
    } catch (error) {
      if (this.asked.get(conversation_id)?.message === message) this.asked.delete(conversation_id);
      throw error;
    }
  }

  private async ask(
    scope: Scope,
    { conversation_id, text, key }: { conversation_id: string; text: string; key: string | undefined },
  ): Promise<string> {
    const { services } = this.setup;
    // Who asks follows the answer, whether or not they have joined.
    if (!this.rooms.has(conversation_id)) {
      const place = await services.place(scope, conversation_id, undefined);
      this.follow(scope, place, false);
      this.tellJoined(conversation_id, place);
    }
    const { isNew } = this;
    this.isNew = true;
    const about = { chat_id: conversation_id, content: text, place: this.last };
    const earlier = isNew || key !== undefined ? undefined : await services.repeated(scope, about);
    return earlier ?? services.ask(scope, conversation_id, { content: text, key });
  }

  private async resume(place: Place): Promise<void> {
    try {
      const scope = await this.authenticated('read', undefined);
      await this.setup.services.check(scope, place.chat_id);
      this.follow(scope, place, false);
    } catch (error) {
      this.socket.emit('error', problemOf(error));
    }
  }

  private follow(scope: Scope, place: Place, isJoined: boolean): void {
    const { chat_id } = place;
    this.rooms.get(chat_id)?.reader.stop();
    if (!this.rooms.has(chat_id) && this.rooms.size >= MOST_ROOMS)
      throw new AppError('too_many_requests', {
        message: `No more than ${MOST_ROOMS} conversations can be joined.`,
      });
    const { logs, news, records: messages } = this.setup.services;
    const reader = new ConversationReader(place, {
      ...{ scope, logs, news, messages },
      say: (said) => this.say(said),
      onEnd: () => this.asked.delete(chat_id),
    });
    this.rooms.set(chat_id, { reader, isJoined });
    if (!this.last) this.last = place;
    reader.run().catch((error: unknown) => {
      if (this.rooms.get(chat_id)?.reader !== reader) return;
      this.rooms.delete(chat_id);
      this.socket.emit('error', problemOf(error));
    });
  }

  private say({ told, id, place }: Said): Promise<void> | undefined {
    this.last = place;
    this.socket.emit(told.type, { ...told, id, conversation_id: place.chat_id }, placeText(place));
    return drained(this.socket, this.setup.settings.STREAM_STALL_MS);
  }

  /** @throws AppError 401, 403 `insufficient_scope`. */
  private async authenticated(needed: Right, token: string | undefined): Promise<Scope> {
    const { token: ofHandshake } = this.socket.handshake.auth as Record<string, unknown>;
    const given = token ?? (typeof ofHandshake === 'string' && ofHandshake !== '' ? ofHandshake : undefined);
    const scope = await this.setup.scopes.of(this.socket.request, needed, given);
    this.scope = scope;
    return scope;
  }

  /** @returns why an event is refused. */
  private count(): AppError | undefined {
    const now = Date.now();
    if (now >= this.windowEnd) {
      this.windowEnd = now + WINDOW_MS;
      this.events = 0;
    }
    const limit = this.setup.settings.RATE_LIMIT_PER_MINUTE ?? USUAL_EVENTS;
    if (++this.events <= limit || limit === 0) return undefined;
    if (this.events > 10 * limit) this.socket.conn.close();
    return new AppError('rate_limited', { limit, seconds: Math.ceil((this.windowEnd - now) / 1000) });
  }
}

/** A repeated request changes nothing; one that wants more than this connection was given begins again. */
function isWanted({ reader: { from }, isJoined }: Room, place: Place, isSince: boolean): boolean {
  if (!isSince) return !isJoined && from.seen !== undefined;
  return place.after < from.after || (place.after === from.after && isBefore(place, from));
}

function isBefore({ seen }: Place, from: Place): boolean {
  return seen !== undefined && from.seen !== undefined && seqIn(seen.event_id) < seqIn(from.seen.event_id);
}

const seqIn = (id: string): number => Number(id.split('_')[1]);
