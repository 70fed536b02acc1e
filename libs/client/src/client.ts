import type { StreamEvent } from '@reprise/protocol';
import { RunFollower, type FollowOptions, type RunRef } from './run-follower.js';
import { Http, newIdempotencyKey, type ClientOptions } from './http.js';
import type { RunSource, StreamStrategy } from './run-source.js';
import { hasEnded, initialState, reduce, type RunStatus, type StreamState } from './stream-state.js';
import type {
  ApproveOptions,
  CreateChatOptions,
  ListChatsOptions,
  ListDocumentsOptions,
  ListEventsOptions,
  ListFilesOptions,
  ListTurnsOptions,
  PageOptions,
  RequestOptions,
  RetryOptions,
  SendOptions,
  StatesOptions,
  UpdateUserOptions,
  UploadDocumentOptions,
  UploadFileOptions,
} from './options.js';
import type {
  Agent,
  Chat,
  CreatedMessage,
  DocumentInfo,
  DocumentWithContent,
  Message,
  MessageWithRun,
  Page,
  Tool,
  FullToolCall,
  ModelTurns,
  Session,
  UploadedFile,
  User,
} from './wire.js';

/** How a client reaches its server, and how it follows runs. */
export interface RepriseClientOptions extends ClientOptions {
  /**
   * Default: one connection per follower. For pages open in many tabs: `sharedStreams()` of `@reprise/client/tabs`.
   */
  streams?: StreamStrategy;
}

/**
 * The whole API of a Reprise server, typed. Methods return the server's own objects and reject with `RepriseError`;
 * those that are safe to repeat are retried when the connection or the server fails briefly.
 */
export class RepriseClient {
  private readonly http: Http;
  private readonly streams: StreamStrategy | undefined;

  /** @throws TypeError outside of browsers without `baseUrl`. */
  constructor(options: RepriseClientOptions = {}) {
    this.http = new Http(options);
    this.streams = options.streams;
  }

  /** Who the server takes this client for. */
  getSession({ signal }: RequestOptions = {}): Promise<Session> {
    return this.http.json({ path: '/api/session', signal });
  }

  /** The server creates the user on first use. */
  getUser(userId: string, { signal }: RequestOptions = {}): Promise<User> {
    return this.http.json({ path: at`/api/users/${userId}`, signal });
  }

  /** An omitted field stays unchanged; `null` clears it. */
  updateUser({ userId, name, email, signal }: UpdateUserOptions): Promise<User> {
    const body = { name, email };
    return this.http.json({
      method: 'PATCH',
      path: at`/api/users/${userId}`,
      body,
      isRepeatable: true,
      signal,
    });
  }

  /** Erases the user with all chats, messages, events, tool calls and files. */
  deleteUser(userId: string, { signal }: RequestOptions = {}): Promise<void> {
    return this.http.json({ method: 'DELETE', path: at`/api/users/${userId}`, signal });
  }

  /** Starts a chat; the server creates its user on first use. */
  createChat({ userId, title, autoTitle, signal }: CreateChatOptions): Promise<Chat> {
    const body = { title, auto_title: autoTitle };
    return this.http.json({ method: 'POST', path: at`/api/users/${userId}/chats`, body, signal });
  }

  /** Newest activity first. */
  listChats({ userId, search, signal, ...page }: ListChatsOptions): Promise<Page<Chat>> {
    const query = { ...pageQuery(page), search };
    return this.http.json({ path: at`/api/users/${userId}/chats`, query, signal });
  }

  /** Its title, its times and its number of messages. */
  getChat(chatId: string, { signal }: RequestOptions = {}): Promise<Chat> {
    return this.http.json({ path: at`/api/chats/${chatId}`, signal });
  }

  /** Counts as activity. */
  renameChat({ chatId, title, signal }: RequestOptions & { chatId: string; title: string }): Promise<Chat> {
    const path = at`/api/chats/${chatId}`;
    return this.http.json({ method: 'PATCH', path, body: { title }, isRepeatable: true, signal });
  }

  /** Deletes it with its messages, events, tool calls and files. */
  deleteChat(chatId: string, { signal }: RequestOptions = {}): Promise<void> {
    return this.http.json({ method: 'DELETE', path: at`/api/chats/${chatId}`, signal });
  }

  /** Messages of both sides, oldest first. */
  listMessages({ chatId, signal, ...page }: PageOptions & { chatId: string }): Promise<Page<Message>> {
    return this.http.json({ path: at`/api/chats/${chatId}/messages`, query: pageQuery(page), signal });
  }

  /** Stores the message and starts its run. Pass the result to {@link follow} or {@link states}. */
  send(options: SendOptions): Promise<CreatedMessage> {
    const {
      chatId,
      content,
      attachments,
      metadata,
      agent,
      parentMessageId,
      editOf,
      onBusy,
      idempotencyKey = newIdempotencyKey(),
      signal,
    } = options;
    const path = at`/api/chats/${chatId}/messages`;
    const place = { parent_message_id: parentMessageId, edit_of: editOf };
    const files = attachments?.map(({ file_id }) => ({ file_id }));
    const body = { content, attachments: files, metadata, agent, ...place, on_busy: onBusy };
    return this.http.json({ method: 'POST', path, body, idempotencyKey, signal });
  }

  /** A message with its run. */
  getMessage(messageId: string, { signal }: RequestOptions = {}): Promise<MessageWithRun> {
    return this.http.json({ path: at`/api/messages/${messageId}`, signal });
  }

  /** The persisted events; the whole log by default. */
  listEvents(messageId: string, { since, limit, signal }: ListEventsOptions = {}): Promise<StreamEvent[]> {
    return this.http.json({ path: at`/api/messages/${messageId}/events`, query: { since, limit }, signal });
  }

  /** Full arguments and results, in the order in which the calls started. */
  listToolCalls(messageId: string, { signal }: RequestOptions = {}): Promise<FullToolCall[]> {
    return this.http.json({ path: at`/api/messages/${messageId}/tool-calls`, signal });
  }

  /** What went to the models in the run, turn by turn. @param options `after`: `next` of the page before. */
  listTurns(messageId: string, { after, limit, signal }: ListTurnsOptions = {}): Promise<ModelTurns> {
    return this.http.json({ path: at`/api/messages/${messageId}/turns`, query: { after, limit }, signal });
  }

  /** Stops the run; what was streamed is kept. @returns the run as it was when the request arrived. */
  cancel(
    messageId: string,
    { signal }: RequestOptions = {},
  ): Promise<{ readonly message_id: string; readonly status: RunStatus }> {
    const path = at`/api/messages/${messageId}/cancel`;
    return this.http.json({ method: 'POST', path, isRepeatable: true, signal });
  }

  /** Asks again, as a new message. Fails with 409 while the run is active. */
  retry(messageId: string, options: RetryOptions = {}): Promise<CreatedMessage> {
    const { idempotencyKey = newIdempotencyKey(), signal } = options;
    const path = at`/api/messages/${messageId}/retry`;
    return this.http.json({ method: 'POST', path, idempotencyKey, signal });
  }

  /** Decides a tool call that is waiting for approval. */
  async approve(options: ApproveOptions): Promise<void> {
    const { messageId, callId, decision, reason, arguments: changed, signal } = options;
    const path = at`/api/messages/${messageId}/approvals/${callId}`;
    await this.http.json({ method: 'POST', path, body: { decision, reason, arguments: changed }, signal });
  }

  /** Newest first, without their text. */
  listDocuments(options: ListDocumentsOptions = {}): Promise<Page<DocumentInfo>> {
    const { tenderId, search, signal, ...page } = options;
    const query = { ...pageQuery(page), tender_id: tenderId, search };
    return this.http.json({ path: '/api/documents', query, signal });
  }

  /** The search and file tools find it at once. */
  uploadDocument(options: UploadDocumentOptions): Promise<DocumentInfo> {
    const { title, content, tenderId, metadata, signal } = options;
    const body = { title, content, tender_id: tenderId, metadata };
    return this.http.json({ method: 'POST', path: '/api/documents', body, isUpload: true, signal });
  }

  /** With its text. */
  getDocument(documentId: string, { signal }: RequestOptions = {}): Promise<DocumentWithContent> {
    return this.http.json({ path: at`/api/documents/${documentId}`, signal });
  }

  /** Tools no longer find it. */
  deleteDocument(documentId: string, { signal }: RequestOptions = {}): Promise<void> {
    return this.http.json({ method: 'DELETE', path: at`/api/documents/${documentId}`, signal });
  }

  /**
   * Uploads a file, to send a message with. What it is, the server finds out. It is deleted after a while if no message
   * has it.
   */
  uploadFile({ userId, file, name, signal }: UploadFileOptions): Promise<UploadedFile> {
    const form = new FormData();
    form.set('file', file, name ?? ('name' in file && typeof file.name === 'string' ? file.name : 'file'));
    const path = at`/api/users/${userId}/files`;
    return this.http.json({ method: 'POST', path, form, isUpload: true, signal });
  }

  /** Newest first. */
  listFiles({ userId, signal, ...page }: ListFilesOptions): Promise<Page<UploadedFile>> {
    return this.http.json({ path: at`/api/users/${userId}/files`, query: pageQuery(page), signal });
  }

  /** Without its content. */
  getFile(fileId: string, { signal }: RequestOptions = {}): Promise<UploadedFile> {
    return this.http.json({ path: at`/api/files/${fileId}`, signal });
  }

  /** Its bytes as they were uploaded. */
  downloadFile(fileId: string, { signal }: RequestOptions = {}): Promise<Blob> {
    return this.http.blob({ path: at`/api/files/${fileId}/content`, signal });
  }

  /** Deletes it; messages that it is attached to keep its name. */
  deleteFile(fileId: string, { signal }: RequestOptions = {}): Promise<void> {
    return this.http.json({ method: 'DELETE', path: at`/api/files/${fileId}`, signal });
  }

  /** The available agents, by name. */
  listAgents({ signal }: RequestOptions = {}): Promise<Agent[]> {
    return this.http.json({ path: '/api/agents', signal });
  }

  /** The available tools, by name. */
  listTools({ signal }: RequestOptions = {}): Promise<Tool[]> {
    return this.http.json({ path: '/api/tools', signal });
  }

  /**
   * The events of a run, in order and exactly once: stored ones first, then live ones, up to `end`. Reconnects and
   * resumes by itself when the connection, a proxy or the server fails. Stops when the caller leaves the loop or
   * aborts the signal; the run continues. Events of types that this version does not know are passed on.
   * @throws RepriseError when a retry would change nothing, e.g. 404, or 410 `events_expired`.
   */
  async *follow(run: RunRef, options: FollowOptions = {}): AsyncGenerator<StreamEvent, void, undefined> {
    for await (const events of this.batches(run, options)) {
      for (const event of events) {
        if (options.signal?.aborted) return;
        yield event;
      }
    }
  }

  /** Like {@link follow}, but yields states: a new one whenever something has arrived, not one per event. */
  async *states(run: RunRef, options: StatesOptions = {}): AsyncGenerator<StreamState, void, undefined> {
    let state = options.from ?? initialState;
    if (hasEnded(state)) return;
    for await (const events of this.batches(run, { ...options, after: state.lastEventId })) {
      state = events.reduce(reduce, state);
      yield state;
    }
  }

  private batches(run: RunRef, options: FollowOptions): AsyncGenerator<StreamEvent[], void, undefined> {
    const stream: RunSource['stream'] = (own) => new RunFollower(this.http, run, own).batches();
    if (!this.streams) return stream(options);
    const messageId = typeof run === 'string' ? run : run.message_id;
    const read: RunSource['read'] = ({ after, signal }) =>
      this.listEvents(messageId, { since: after ?? undefined, signal });
    return this.streams.batches({ messageId, stream, read }, options);
  }
}

function pageQuery({ page, pageSize }: PageOptions): Record<string, number | undefined> {
  return { page, page_size: pageSize };
}

/** A path with its variable parts escaped. */
function at(texts: TemplateStringsArray, ...parts: string[]): string {
  return String.raw({ raw: texts }, ...parts.map(encodeURIComponent));
}
