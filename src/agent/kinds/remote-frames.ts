import type { EventBody } from '@reprise/protocol';
import { eventFields } from '@reprise/protocol';
import type { EventSourceMessage } from 'eventsource-parser';
import { asJsonObject, clip, parseJson } from '../../common/index.js';
import { ModelError, type ModelDelta } from '../../models/index.js';

/** What one frame of a remote agent says. */
export type RemoteStep = ModelDelta | 'end';

const SHOWN = ['plan', 'tool_start', 'tool_end'] as const;
const DETAIL_MAX_CHARS = 300;

/**
 * Reads a frame: an event of version 1, or `{content}`. Types that it does not know say nothing.
 * @throws ModelError if the agent reports a failure.
 */
export function readRemoteFrame({ event, data }: EventSourceMessage): RemoteStep[] {
  if (/^"?\[DONE\]"?$/i.test(data.trim())) return ['end'];
  const fields = asJsonObject(parseJson(data));
  if (!fields) return [];
  const type = typeof fields['type'] === 'string' ? fields['type'] : (event ?? '');
  const shown = SHOWN.find((known) => known === type);
  if (shown) return shownEvent(shown, fields);
  switch (type) {
    case 'rationale':
      return text(fields, ['text'], 'reasoning');
    case 'status':
      return typeof fields['text'] === 'string' ? [{ type: 'status', text: fields['text'] }] : [];
    case 'error':
      throw reported(fields);
    case 'end':
      return ended(fields);
    default:
      return text(fields, ['md', 'content'], 'text');
  }
}

function text(fields: Fields, names: readonly string[], type: 'text' | 'reasoning'): ModelDelta[] {
  const value = names.map((name) => fields[name]).find((one) => typeof one === 'string');
  return typeof value === 'string' && value !== '' ? [{ type, text: value }] : [];
}

function shownEvent(type: (typeof SHOWN)[number], fields: Fields): ModelDelta[] {
  const { success, data } = eventFields[type].safeParse(fields);
  return success ? [{ type: 'event', body: { type, ...data } as EventBody<typeof type> }] : [];
}

function ended(fields: Fields): RemoteStep[] {
  if (fields['status'] === 'error' || fields['status'] === 'cancelled') throw reported(fields);
  const usage = eventFields.end.shape.usage.safeParse(fields['usage']);
  return [...(usage.success ? [{ type: 'usage' as const, usage: usage.data }] : []), 'end'];
}

function reported(fields: Fields): ModelError {
  const { error, message, code, retryable } = fields;
  const detail = [error, message].find((one) => typeof one === 'string');
  const known = typeof code === 'string' && /^[a-z][a-z0-9_]{0,63}$/.test(code) ? code : 'remote_failed';
  const words = typeof detail === 'string' ? `: ${clip(detail, DETAIL_MAX_CHARS)}` : '.';
  return new ModelError(known, `The remote agent reported a failure${words}`, {
    retryable: retryable === true,
    final: true,
  });
}

type Fields = Readonly<Record<string, unknown>>;
