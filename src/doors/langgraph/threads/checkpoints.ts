/** Names a state of a thread, for its clients. */
export interface Checkpoint {
  thread_id: string;
  checkpoint_ns: string;
  checkpoint_id: string;
  checkpoint_map: Record<string, unknown> | null;
}

/** What a checkpoint means in a chat. */
export type CheckpointPlace =
  { readonly at: 'beginning' } | { readonly at: 'question' | 'answer'; readonly messageId: string };

/** Before the first question. The ids of checkpoints sort by time, which clients rely on. */
export const BEGINNING = `${'0'.repeat(24)}.0`;

const CHECKPOINT = /^([0-9a-f]{24})\.([01])$/;

/** Id of the state after a question. */
export const afterQuestion = (messageId: string): string => `${messageId}.0`;

/** Id of the state after the answer to a question. */
export const afterAnswer = (messageId: string): string => `${messageId}.1`;

/** What an id means; nothing if it is none. */
export function placeOfCheckpoint(id: string): CheckpointPlace | undefined {
  if (id === BEGINNING) return { at: 'beginning' };
  const [, messageId, step] = CHECKPOINT.exec(id) ?? [];
  if (messageId === undefined) return undefined;
  return { at: step === '0' ? 'question' : 'answer', messageId };
}

/** A checkpoint as clients get it. */
export function checkpointOf(thread_id: string, checkpoint_id: string): Checkpoint {
  return { thread_id, checkpoint_ns: '', checkpoint_id, checkpoint_map: null };
}
