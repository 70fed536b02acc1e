/** One event as the guide's client sees it. */
export interface GuideEvent {
  type: string;
  data: any;
}

/** The events of a body, and whatever does not end in a blank line. Blocks without data are no events. */
export function parseSSEEvents(buffer: string): { complete: GuideEvent[]; remaining: string } {
  const blocks = buffer.split('\n\n');
  const remaining = blocks.pop() ?? '';
  const complete = blocks.flatMap((block) => {
    const lines = block.split('\n');
    const field = (name: string): string | undefined =>
      lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
    const data = field('data');
    return data === undefined
      ? []
      : [{ type: field('event') ?? 'message', data: JSON.parse(data) as unknown }];
  });
  return { complete, remaining };
}

export const eventsIn = (text: string): GuideEvent[] => parseSSEEvents(text).complete;

export const typesIn = (text: string): string[] => eventsIn(text).map(({ type }) => type);

/** The text of all chunks. */
export const textIn = (text: string): string =>
  eventsIn(text)
    .map(({ type, data }) => (type === 'chunk' ? String(data.text) : ''))
    .join('');
