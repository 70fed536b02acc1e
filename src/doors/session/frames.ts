/** One named frame: its event name and its data. */
export type NamedFrame = readonly [event: string, data: Readonly<Record<string, unknown>>];

/**
 * Frames as this door's clients read them. The id of the log's event is on the last one only; without frames there is
 * one with the id alone, which readers of event streams remember and do not show.
 * @param id none for frames that belong to no event.
 */
export function framed(frames: readonly NamedFrame[], id?: string): string {
  const texts = frames.map(([event, data]) => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  if (id === undefined) return texts.join('');
  const last = texts.pop() ?? '\n';
  return `${texts.join('')}id: ${id}\n${last}`;
}
