import type { StreamEvent } from '@reprise/protocol';
import mongoose from 'mongoose';
import { testMongoUri, type TestApp } from './app.js';
import { SseReader } from './sse.js';

/** A response, its body parsed if it is JSON. */
export interface Answer {
  status: number;
  headers: Headers;
  body: any;
}

/** Response of `POST …/messages`. */
export interface Created {
  message_id: string;
  stream_url: string;
}

/** Speaks to the application over HTTP as its clients do. */
export class Client {
  /** @param always headers of every request. */
  constructor(
    readonly url: string,
    private readonly always: Readonly<Record<string, string>> = {},
  ) {}

  get = (path: string, headers = {}): Promise<Answer> => this.request('GET', path, undefined, headers);
  post = (path: string, body?: unknown, headers = {}): Promise<Answer> =>
    this.request('POST', path, body, headers);
  patch = (path: string, body: unknown): Promise<Answer> => this.request('PATCH', path, body);
  delete = (path: string): Promise<Answer> => this.request('DELETE', path);

  /** Any request; a string or a form as body is sent as it is. */
  async request(method: string, path: string, body?: unknown, headers = {}): Promise<Answer> {
    const init: RequestInit = {
      method,
      headers: {
        ...(body !== undefined && !(body instanceof FormData) && { 'content-type': 'application/json' }),
        ...this.always,
        ...headers,
      },
    };
    if (body !== undefined)
      init.body = typeof body === 'string' || body instanceof FormData ? body : JSON.stringify(body);
    const response = await fetch(this.url + path, init);
    const text = await response.text();
    const isJson = text !== '' && /[/+]json/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  }

  /** Uploads a file as a form does. */
  async upload(user: string, name: string, content: string | Buffer, type = 'text/plain'): Promise<Answer> {
    const form = new FormData();
    form.set('file', new Blob([new Uint8Array(Buffer.from(content))], { type }), name);
    const path = `/api/users/${encodeURIComponent(user)}/files`;
    const response = await fetch(this.url + path, { method: 'POST', body: form, headers: this.always });
    return { status: response.status, headers: response.headers, body: await response.json() };
  }

  /** Uploads a good file. @returns its id. */
  async newFile(user: string, name: string, content: string | Buffer): Promise<string> {
    return this.good(201, await this.upload(user, name, content)).file_id;
  }

  /** @returns its id. */
  async newChat(user = 'alice'): Promise<string> {
    return this.good(201, await this.post(`/api/users/${user}/chats`, {})).chat_id;
  }

  async send(chatId: string, content: string, more: object = {}): Promise<Created> {
    return this.good(201, await this.post(`/api/chats/${chatId}/messages`, { content, ...more }));
  }

  /** A message with its run. */
  async message(id: string): Promise<any> {
    return this.good(200, await this.get(`/api/messages/${id}`));
  }

  /** The messages of a chat, oldest first. */
  async history(chatId: string): Promise<any[]> {
    return this.good(200, await this.get(`/api/chats/${chatId}/messages?page_size=100`)).items;
  }

  async replay(id: string, query = ''): Promise<StreamEvent[]> {
    return this.good(200, await this.get(`/api/messages/${id}/events${query}`));
  }

  cancel = (id: string): Promise<Answer> => this.post(`/api/messages/${id}/cancel`);

  /** Opens a stream. */
  stream(of: Created, query = '', lastEventId?: string): Promise<SseReader> {
    return SseReader.open(this.url + of.stream_url + query, lastEventId);
  }

  /** Resolves with the whole log when the run has ended. */
  async ended(of: Created): Promise<StreamEvent[]> {
    const reader = await this.stream(of);
    await reader.all();
    return reader.events;
  }

  /** Value of a metric that has no labels. */
  async metric(name: string): Promise<number> {
    const { body } = await this.get('/metrics');
    return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(body as string)?.[1]);
  }

  private good(status: number, answer: Answer): any {
    if (answer.status !== status) throw new Error(`HTTP ${answer.status}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  }
}

/** The answer so far: every `md` in order. */
export const answerOf = (events: readonly StreamEvent[]): string =>
  events.map((event) => (event.type === 'content' ? event.md : '')).join('');

/** The place of an event in its log. */
export const seq = (event: { id: string }): number => Number(event.id.split('_')[1]);

/** The application's database. */
export interface Database {
  connection: mongoose.Connection;
  close: () => Promise<void>;
}

/** Looks into the application's database, bypassing the application. */
export async function openDatabase(app: TestApp): Promise<Database> {
  const dbName = app.env['MONGODB_DATABASE'];
  if (dbName === undefined) throw new Error('The application has no database of its own.');
  const connection = await mongoose.createConnection(testMongoUri(), { dbName }).asPromise();
  return { connection, close: () => connection.close() };
}
