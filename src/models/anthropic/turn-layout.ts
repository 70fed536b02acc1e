import { z } from 'zod';
import type { ProviderData } from '../chat-model.js';
import { jsonLength } from '../server/turn-data.js';

/** Characters of JSON that are kept for a turn; half of a signed text is worthless, so more is not kept at all. */
const MAX_CHARS = 1_000_000;

const block = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({ type: z.literal('thinking'), thinking: z.string(), signature: z.string() }),
  z.object({ type: z.literal('redacted_thinking'), data: z.string() }),
  /** The next of the turn's calls. */
  z.object({ type: z.literal('tool_use') }),
]);
const layout = z.object({ blocks: z.array(block) });

/** A block of a turn that called tools, as far as the transcript does not have it. */
export type TurnBlock = z.output<typeof block>;

/** What has to go back with a turn: its thinking, unchanged, and its place among the other blocks. */
export function toProviderData(blocks: readonly TurnBlock[], origin: string): ProviderData | undefined {
  const hasThinking = blocks.some(({ type }) => type === 'thinking' || type === 'redacted_thinking');
  const fields = { blocks };
  return hasThinking && jsonLength(fields) <= MAX_CHARS ? { origin, fields } : undefined;
}

/** Reads what {@link toProviderData} made; empty for anything else, and for what another server gave. */
export function turnBlocks(data: ProviderData | undefined, origin: string): TurnBlock[] {
  return data?.origin === origin ? (layout.safeParse(data.fields).data?.blocks ?? []) : [];
}
