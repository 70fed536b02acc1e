export type { EventFields, EventType, StreamEvent } from '@reprise/protocol';
export { RepriseClient, type RepriseClientOptions } from './client.js';
export { RepriseError, type FieldError } from './errors.js';
export type { Connection, FollowOptions, RunRef } from './run-follower.js';
export type { ClientOptions, HeadersInput } from './http.js';
export type {
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
export type { RunSource, StreamStrategy } from './run-source.js';
export {
  hasEnded,
  initialState,
  reduce,
  seqOf,
  type Approval,
  type Part,
  type PlanItem,
  type RunStatus,
  type StreamState,
  type ToolCall,
  type Source,
  type Usage,
} from './stream-state.js';
export type {
  Agent,
  Attachment,
  Chat,
  CreatedMessage,
  DocumentInfo,
  DocumentWithContent,
  Message,
  MessageWithRun,
  Metadata,
  Page,
  Run,
  Tool,
  FullToolCall,
  ModelRequest,
  ModelTurn,
  ModelTurns,
  SentMessage,
  Session,
  UploadedFile,
  User,
} from './wire.js';
