import type { Schema } from 'mongoose';

/**
 * How a collection's documents belong to people: `user` by a field `user_id`, `chat` by the chat they are in, `message`
 * by the message in their key, `file` by the file they are a part of, `day` by the user in their key, `audit` by the
 * list of those involved; `nobody`: they belong to the deployment or a tenant.
 */
export type Belonging = 'user' | 'chat' | 'message' | 'file' | 'day' | 'audit' | 'nobody';

/** Collections whose fields do not say it. */
const KNOWN: Readonly<Record<string, Belonging>> = {
  audit_entries: 'audit',
  message_events: 'message',
  file_parts: 'file',
  usage_days: 'day',
  // By their chat: messages from early versions have no user.
  messages: 'chat',
  approval_notices: 'chat',
  // A tenant's corpus, which its people share.
  documents: 'nobody',
  document_passages: 'nobody',
  passage_vectors: 'nobody',
  vector_marks: 'nobody',
  // What agents and tools are.
  agent_versions: 'nobody',
  tool_sets: 'nobody',
  server_secrets: 'nobody',
  // Since when a tenant counts.
  door_marks: 'nobody',
  schema_versions: 'nobody',
};

/**
 * To whom the documents of a collection belong; `undefined`: nothing says so, see {@link KNOWN}.
 * @param schema of its model; none, if this process does not use the collection: then its documents say it themselves.
 */
export function belongingOf(name: string, schema: Schema | undefined): Belonging | undefined {
  const known = KNOWN[name];
  if (known !== undefined) return known;
  if (!schema || 'user_id' in schema.paths) return 'user';
  return 'chat_id' in schema.paths ? 'chat' : undefined;
}
