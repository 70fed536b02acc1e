const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const OBJECT_ID = /^[0-9a-f]{24}$/;

/** How far a client has read a conversation. */
export interface Place {
  chat_id: string;
  /** The last event it has seen, and the question it belongs to. */
  seen?: { message_id: string; event_id: string };
  /** Without one: it wants what was asked after this time, epoch ms. */
  after: number;
}

/** As Socket.IO's client keeps it beside each event, and tells it when it reconnects. */
export function placeText({ chat_id, seen, after }: Place): string {
  return [chat_id, after, ...(seen ? [seen.message_id, seen.event_id] : [])].join('/');
}

/** @returns nothing for what no server wrote: it comes from a client. */
export function readPlace(text: unknown): Place | undefined {
  if (typeof text !== 'string' || text.length > 200) return undefined;
  const [chat_id = '', time = '', message_id, event_id] = text.split('/');
  if (!UUID.test(chat_id) || !/^\d{1,15}$/.test(time)) return undefined;
  const after = Number(time);
  if (message_id === undefined || event_id === undefined) return { chat_id, after };
  return OBJECT_ID.test(message_id) ? { chat_id, after, seen: { message_id, event_id } } : undefined;
}
